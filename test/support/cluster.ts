import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { descendantsOf } from './processes.js'
import { startProgram } from './program.js'
import { startServer, type TestServer } from './server.js'

const ROOT_KEY = `ch_${'R'.repeat(43)}`

/** Engines in a process of their own, and as many instances of the server on them as a test wants. */
export interface TestCluster {
  start(env?: Record<string, string>): Promise<TestServer>
  clickhouseUrl: string
  /** one statement in PostgreSQL */
  sql<Row = any>(text: string, values?: unknown[]): Promise<Row[]>
  /** a session of its own, for locks */
  session(): Promise<pg.Client>
  readonly clickhouseUrl: string
  /** one statement in ClickHouse, in the database of the application; its result as text */
  clickhouse(text: string): Promise<string>
  /** ClickHouse stands still until it is resumed */
  pauseClickhouse(): void
  resumeClickhouse(): void
  stop(): Promise<void>
}

export async function startCluster(): Promise<TestCluster> {
  const dataDir = mkdtempSync(join(tmpdir(), 'countinghouse-cluster-'))
  const engines = startProgram('engines', { DATA_DIR: dataDir })
  const [, postgresUrl] = await engines.printed(/^POSTGRES_URL=(\S+)$/m)
  const [, clickhouseUrl] = await engines.printed(/^CLICKHOUSE_URL=(\S+)$/m)
  const pool = new pg.Pool({ connectionString: postgresUrl, max: 3 })
  // The server ends connections that its own end finds open.
  pool.on('error', () => undefined)
  const servers: TestServer[] = []
  const signalClickhouse = (signal: NodeJS.Signals): void => {
    const found = descendantsOf(engines.process.pid!).filter(({ command }) => command.includes('clickhouse-child'))
    if (found.length === 0) throw new Error('the ClickHouse child was not found')
    for (const { pid } of found) process.kill(pid, signal)
  }
  return {
    async start(env = {}) {
      const server = await startServer({
        rootKey: ROOT_KEY,
        env: {
          POSTGRES_URL: postgresUrl!,
          CLICKHOUSE_URL: clickhouseUrl!,
          ADMIN_API_KEY: createHash('sha256').update(ROOT_KEY).digest('hex'),
          ...env,
        },
      })
      servers.push(server)
      return server
    },
    clickhouseUrl: clickhouseUrl!,
    sql: async (text, values) => (await pool.query(text, values)).rows,
    async session() {
      const client = new pg.Client({ connectionString: postgresUrl })
      await client.connect()
      return client
    },
    clickhouseUrl: clickhouseUrl!,
    async clickhouse(text) {
      const { origin, username, password } = new URL(clickhouseUrl!)
      const headers = { 'x-clickhouse-user': username, 'x-clickhouse-key': decodeURIComponent(password) }
      const response = await fetch(`${origin}/?database=countinghouse`, { method: 'POST', headers, body: text })
      const result = await response.text()
      if (!response.ok) throw new Error(result)
      return result.trim()
    },
    pauseClickhouse: () => signalClickhouse('SIGSTOP'),
    resumeClickhouse: () => signalClickhouse('SIGCONT'),
    async stop() {
      for (const server of servers) {
        if (server.process.exitCode === null && server.process.signalCode === null) await server.stop()
        else rmSync(server.dataDir, { recursive: true, force: true })
      }
      await pool.end()
      await engines.end()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
