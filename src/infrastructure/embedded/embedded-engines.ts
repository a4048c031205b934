import { join, resolve } from 'node:path'
import { createFolder } from '../../common/create-folder.js'
import { startClickHouse } from './clickhouse/clickhouse-server.js'
import { DataDirInUseError, lockDataDir } from './data-dir-lock.js'
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
  const servers = await Promise.allSettled([
    options.postgres ? startPostgres(join(dataDir, 'postgres')) : undefined,
    options.clickhouse ? startClickHouse(join(dataDir, 'clickhouse'), options) : undefined,
  ])
  const running = servers.map((server) => (server.status === 'fulfilled' ? server.value : undefined))
  const stop = () => stopAll(running).then(() => lock.release())
  const failed = servers.find((server) => server.status === 'rejected')
  if (failed !== undefined) {
    await stop()
    throw failed.reason
  }
  return { postgresUrl: running[0]?.url, clickhouseUrl: running[1]?.url, stop }
}

async function stopAll(servers: (RunningServer | undefined)[]): Promise<void> {
  await Promise.allSettled(servers.map(async (server) => server?.stop()))
}
