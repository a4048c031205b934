import type pg from 'pg'
import { PostgresClient } from '../../src/infrastructure/database/postgres-client.js'
import { postgresMigrations } from '../../migrations/postgres/index.js'
import { startPostgres, type TestPostgres } from './postgres.js'
import { startServer, type TestServer } from './server.js'

/** One database, and servers on it that come and go with other keys of encryption. */
export class RekeyedDatabase {
  private current?: TestServer
  private rootKey?: string

  private constructor(
    private readonly postgres: TestPostgres,
    private readonly client: pg.Client,
    private readonly env: Record<string, string>,
  ) {}

  static async start(env: Record<string, string> = {}): Promise<RekeyedDatabase> {
    const postgres = await startPostgres(postgresMigrations)
    const client = new PostgresClient({ connectionString: postgres.url })
    await client.connect()
    return new RekeyedDatabase(postgres, client, env)
  }

  get url(): string {
    return this.postgres.url
  }

  get server(): TestServer {
    return this.current!
  }

  async query<Row extends pg.QueryResultRow = any>(text: string, values?: unknown[]): Promise<Row[]> {
    return (await this.client.query<Row>(text, values)).rows
  }

  /** Ends the server, when there is one, and starts the next with these keys. */
  async restart(current?: Buffer, previous?: Buffer): Promise<TestServer> {
    await this.stopServer()
    const env: Record<string, string> = { POSTGRES_URL: this.url, ...this.env }
    if (current) env.ENCRYPTION_KEY = current.toString('base64')
    if (previous) env.ENCRYPTION_KEY_PREVIOUS = previous.toString('hex')
    this.current = await startServer({ env, rootKey: this.rootKey })
    this.rootKey = this.current.rootKey
    return this.current
  }

  /** All tables as text, bytea as text too: what a dump would show. */
  async dump(): Promise<string> {
    const tables = await this.query(
      `SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`,
    )
    let text = ''
    for (const { relname } of tables) {
      const rows = await this.query(`SELECT convert_to(t::text, 'UTF8') AS row FROM ${relname} t`)
      text += rows.map(({ row }) => row.toString('latin1')).join('\n')
    }
    return text
  }

  async stopServer(): Promise<void> {
    await this.current?.stop()
    this.current = undefined
  }

  async stop(): Promise<void> {
    await this.stopServer()
    await this.client.end()
    await this.postgres.stop()
  }
}
