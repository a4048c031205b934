import { join, resolve } from 'node:path'
import { createFolder } from '../../common/create-folder.js'
import type { Config } from '../../config/config.js'
import { startClickHouse } from './clickhouse/clickhouse-server.js'
import { DataDirInUseError, lockDataDir } from './data-dir-lock.js'
import { publishAddresses, removeAddresses } from './engine-addresses.js'
import { startPostgres } from './postgres/postgres-server.js'
import { RunningServer } from './running-server.js'

export { DataDirInUseError }

/** Which engines to start, and where their data is. */
export interface EmbeddedEnginesOptions {
  dataDir: string
  postgres: boolean
  clickhouse: boolean
  /** Lets statements read files by ClickHouse's file(); for measurements. */
  mayReadFiles?: boolean
}

/** Running engines. A URL stays the same when its engine crashes and is started again. */
export interface EmbeddedEngines {
  /** Over a socket: `postgres://app@/postgres?host=FOLDER`. */
  postgresUrl?: string
  clickhouseUrl?: string
  /** Stops everything that was started. Never throws. */
  stop(): Promise<void>
}

/**
 * Starts the engines as child processes with their data under dataDir, which is made when it is missing.
 * Throws DataDirInUseError when another process has engines there, and an Error with the engine's last words when
 * one cannot start; nothing is left running then.
 */
export async function startEmbeddedEngines(options: EmbeddedEnginesOptions): Promise<EmbeddedEngines> {
  const dataDir = resolve(options.dataDir)
  // Root's PostgreSQL runs as another user, who has to pass through.
  await createFolder(dataDir, process.getuid?.() === 0 ? 0o711 : 0o700)
  const lock = await lockDataDir(dataDir)
  // Those of a process that was killed, which may have had the same id.
  await removeAddresses(dataDir)
  const servers = await Promise.allSettled([
    options.postgres ? startPostgres(join(dataDir, 'postgres')) : undefined,
    options.clickhouse ? startClickHouse(join(dataDir, 'clickhouse'), options) : undefined,
  ])
  const running = servers.map((server) => (server.status === 'fulfilled' ? server.value : undefined))
  const stop = async (): Promise<void> => {
    await removeAddresses(dataDir)
    await stopAll(running)
    await lock.release()
  }
  const failed = servers.find((server) => server.status === 'rejected')
  if (failed !== undefined) {
    await stop()
    throw failed.reason
  }
  const urls = { postgresUrl: running[0]?.url, clickhouseUrl: running[1]?.url }
  await publishAddresses(dataDir, urls)
  return { ...urls, stop }
}

/**
 * Starts the engines that no URL replaces, and sets their URLs. Processes that start no engine may share DATA_DIR (the
 * upload folder) with each other and with `npm run engines`.
 */
export async function startMissingEngines(config: Config): Promise<EmbeddedEngines> {
  const { dataDir, postgresUrl, clickhouseUrl } = config
  if (postgresUrl && clickhouseUrl) return { stop: async () => undefined }
  const engines = await startEmbeddedEngines({ dataDir, postgres: !postgresUrl, clickhouse: !clickhouseUrl })
  config.postgresUrl ??= engines.postgresUrl
  config.clickhouseUrl ??= engines.clickhouseUrl
  return engines
}

async function stopAll(servers: (RunningServer | undefined)[]): Promise<void> {
  await Promise.allSettled(servers.map(async (server) => server?.stop()))
}
