import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import pg from 'pg'
import { PostgresClient } from '../../src/infrastructure/database/postgres-client.js'
import { TestEngines } from './engines.js'
import { startServer, type TestServer } from './server.js'

const ROOT_KEY = `ch_${'R'.repeat(43)}`

/** Engines in a process of their own, and as many instances of the server on them as a test wants. */
export interface TestCluster {
  start(env?: Record<string, string>): Promise<TestServer>
  /** one statement in PostgreSQL */
  sql<Row = any>(text: string, values?: unknown[]): Promise<Row[]>
  /** a session of its own, for locks */
  session(): Promise<pg.Client>
  readonly urls: TestEngines['urls']
  /** one statement in ClickHouse, in the database of the application; its result as text */
  clickhouse(text: string): Promise<string>
  /** ClickHouse stands still until it is resumed */
  pauseClickhouse(): void
  resumeClickhouse(): void
  stop(): Promise<void>
}

export async function startCluster(): Promise<TestCluster> {
  const engines = await TestEngines.start()
  const { POSTGRES_URL: postgresUrl, CLICKHOUSE_URL: clickhouseUrl } = engines.urls
  const pool = new pg.Pool({ connectionString: postgresUrl, max: 3 })
  // The server ends connections that its own end finds open.
  pool.on('error', () => undefined)
  const servers: TestServer[] = []
  return {
    async start(env = {}) {
      const server = await startServer({
        rootKey: ROOT_KEY,
        env: {
          ...engines.urls,
          ADMIN_API_KEY: createHash('sha256').update(ROOT_KEY).digest('hex'),
          ...env,
        },
      })
      servers.push(server)
      return server
    },
    sql: async (text, values) => (await pool.query(text, values)).rows,
    async session() {
      const client = new PostgresClient({ connectionString: postgresUrl })
      await client.connect()
      return client
    },
    urls: engines.urls,
    async clickhouse(text) {
      const { origin, username, password } = new URL(clickhouseUrl)
      const headers = { 'x-clickhouse-user': username, 'x-clickhouse-key': decodeURIComponent(password) }
      const response = await fetch(`${origin}/?database=${engines.urls.CLICKHOUSE_DATABASE ?? 'countinghouse'}`, {
        method: 'POST',
        headers,
        body: text,
      })
      const result = await response.text()
      if (!response.ok) throw new Error(result)
      return result.trim()
    },
    pauseClickhouse: () => engines.signalClickhouse('SIGSTOP'),
    resumeClickhouse: () => engines.signalClickhouse('SIGCONT'),
    async stop() {
      for (const server of servers) {
        if (server.process.exitCode === null && server.process.signalCode === null) await server.stop()
        else rmSync(server.dataDir, { recursive: true, force: true })
      }
      await pool.end()
      await engines.stop()
    },
  }
}
