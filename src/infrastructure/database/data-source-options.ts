import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js'
import { PostgresClient } from './postgres-client.js'

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
    extra: { Client: PostgresClient, idleTimeoutMillis: 30_000, statement_timeout: 60_000, keepAlive: true },
  }
}
