import type { MigrationInterface } from 'typeorm'
import { Accounts1700000000001 } from './1700000000001-accounts.js'
import { DatasetVersions1700000000002 } from './1700000000002-dataset-versions.js'
import { RequestLogs1700000000003 } from './1700000000003-request-logs.js'
import { Ingestions1700000000004 } from './1700000000004-ingestions.js'
import { Charging1700000000030 } from './1700000000030-charging.js'
import { ExpireUser1700000000031 } from './1700000000031-expire-user.js'

/** Every migration, oldest first; TypeORM orders them by the timestamp in their names. */
export const postgresMigrations: (new () => MigrationInterface)[] = [
  Accounts1700000000001,
  DatasetVersions1700000000002,
  RequestLogs1700000000003,
  Ingestions1700000000004,
  Charging1700000000030,
  ExpireUser1700000000031,
]
