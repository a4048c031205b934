import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js'
import { PostgresClient } from './postgres-client.js'

/** A process that stands still within a transaction (a machine that is frozen) must not hold its locks against the others. */
const MAX_IDLE_IN_TRANSACTION_MS = 90_000

/** What the application and the migration runner share. Entities are added by the modules that own them. */
export function dataSourceOptions(url: string, poolSize: number): PostgresDataSourceOptions {
  return {
    type: 'postgres',
    url,
    poolSize,
    synchronize: false,
    migrationsRun: false,
    applicationName: 'countinghouse',
    connectTimeoutMS: 5_000,
    extra: {
      Client: PostgresClient,
      idleTimeoutMillis: 30_000,
      statement_timeout: 60_000,
      idle_in_transaction_session_timeout: MAX_IDLE_IN_TRANSACTION_MS,
      keepAlive: true,
    },
  }
}
