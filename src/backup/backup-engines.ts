import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Config } from '../config/config.js'
import { findAddresses } from '../infrastructure/embedded/engine-addresses.js'
import { startMissingEngines, type EmbeddedEngines } from '../infrastructure/embedded/embedded-engines.js'
import { BackupError } from './backup.errors.js'

/**
 * Sets the URLs of the engines to be backed up: servers by their URLs, else those of the process that runs on DATA_DIR,
 * else they are started there for as long as the backup takes.
 */
export async function reachEngines(config: Config): Promise<EmbeddedEngines> {
  if (config.postgresUrl && config.clickhouseUrl) return startMissingEngines(config)
  const dataDir = resolve(config.dataDir)
  const exists = await stat(dataDir).catch(() => undefined)
  if (!exists) throw new BackupError(`${dataDir} does not exist. Set DATA_DIR, or POSTGRES_URL and CLICKHOUSE_URL.`)
  const running = await findAddresses(dataDir)
  config.postgresUrl ??= running?.postgresUrl
  config.clickhouseUrl ??= running?.clickhouseUrl
  return startMissingEngines(config)
}
