import { Logger, type LogLevel } from '@nestjs/common'
import { config as loadEnvFile } from 'dotenv'
import { ConsoleLogger } from '@nestjs/common'
import { Config, LOG_LEVELS } from '../config/config.js'
import { loadConfig } from '../config/load-config.js'
import { checkDatabase, migrateDatabase, withMigrationLock } from '../infrastructure/database/migrate-database.js'
import { startMissingEngines, type EmbeddedEngines } from '../infrastructure/embedded/embedded-engines.js'
import { startTracing } from './tracing/start-tracing.js'
import type { Tracing } from './tracing/tracing.js'
import { checkClickHouse, migrateClickHouse } from '../infrastructure/clickhouse/migrate-clickhouse.js'

/** What every process needs before its modules start: a checked Config whose two engine URLs are set and migrated. */
export interface Runtime {
  config: Config
  logger: ConsoleLogger
  engines: EmbeddedEngines
  /** undefined unless traces are wanted */
  tracing?: Tracing
}

/** Reads `.env` and the environment, starts the embedded engines that no URL replaces, and applies the migrations. */
export async function prepareRuntime(): Promise<Runtime> {
  loadEnvFile({ quiet: true })
  const config = loadConfig(process.env)
  const logger = createLogger(config)
  Logger.overrideLogger(logger)
  const engines = await startMissingEngines(config)
  try {
    await migrate(config)
    return { config, logger, engines, tracing: await startTracing(config) }
  } catch (error) {
    await engines.stop()
    throw error
  }
}

async function migrate(config: Config): Promise<void> {
  await withMigrationLock(config.postgresUrl!, async () => {
    // Both before one of them is changed: nothing is half migrated.
    await checkDatabase(config.postgresUrl!)
    await checkClickHouse(config)
    await migrateDatabase(config.postgresUrl!)
    await migrateClickHouse(config)
  })
}

function createLogger(config: Config): ConsoleLogger {
  const logLevels: LogLevel[] = LOG_LEVELS.slice(0, LOG_LEVELS.indexOf(config.logLevel) + 1)
  return new ConsoleLogger({ logLevels, json: config.logJson, colors: process.stdout.isTTY && !config.logJson })
}
