import type { MigrationInterface } from 'typeorm'
import { Ingestions1700000000004 } from './1700000000004-ingestions.js'

/** Every migration, oldest first; TypeORM orders them by the timestamp in their names. */
export const postgresMigrations: (new () => MigrationInterface)[] = [Ingestions1700000000004]
