import { createClient, type ClickHouseClient } from '@clickhouse/client'
import type pg from 'pg'
import { DataSource } from 'typeorm'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { PostgresClient } from '../../src/infrastructure/database/postgres-client.js'
import { postgresMigrations } from '../../migrations/postgres/index.js'
import { dataSourceOptions } from '../../src/infrastructure/database/data-source-options.js'
import { TestEngines } from '../support/engines.js'
import { startPostgres, type TestPostgres } from '../support/postgres.js'
import { startProgram, type TestProgram } from '../support/program.js'

describe('databases of another version', () => {
  let engines: TestEngines
  let postgres: TestPostgres
  let database: pg.Client
  let clickhouse: ClickHouseClient

  beforeAll(async () => {
    engines = await TestEngines.start()
    clickhouse = createClient({ url: engines.urls.CLICKHOUSE_URL, log: { level: 127 } })
  })
  afterAll(async () => {
    await clickhouse?.close()
    await engines?.stop()
  })

  beforeEach(async () => {
    postgres = await startPostgres([])
    database = new PostgresClient({ connectionString: postgres.url })
    await database.connect()
  })
  afterEach(async () => {
    await clickhouse.command({ query: 'DROP DATABASE IF EXISTS shop SYNC' })
    await database.end()
    await postgres.stop()
  })

  function startWorker(): TestProgram {
    const databases = { ...engines.urls, POSTGRES_URL: postgres.url, CLICKHOUSE_DATABASE: 'shop' }
    return startProgram('worker', { ...databases, DATA_DIR: engines.dataDir })
  }

  /** What a worker prints that cannot start on these databases. */
  async function outputOfStart(): Promise<string> {
    const program = startWorker()
    expect(await program.exited).toBe(1)
    return program.output()
  }

  /** As TypeORM keeps them. */
  async function recordMigration(name: string): Promise<void> {
    await database.query(`CREATE TABLE IF NOT EXISTS migrations
      (id serial PRIMARY KEY, "timestamp" bigint NOT NULL, name varchar NOT NULL)`)
    await database.query('INSERT INTO migrations ("timestamp", name) VALUES ($1, $2)', [name.slice(-13), name])
  }

  async function recordClickHouseMigration(name: string): Promise<void> {
    await clickhouse.command({ query: 'CREATE DATABASE shop ENGINE = Atomic' })
    await clickhouse.command({
      query: `CREATE TABLE shop.schema_migrations (name String, applied_at DateTime DEFAULT now())
              ENGINE = MergeTree ORDER BY name`,
    })
    await clickhouse.insert({
      table: 'shop.schema_migrations',
      values: [{ name }],
      columns: ['name'],
      format: 'JSONEachRow',
    })
  }

  async function tables(): Promise<{ postgres: string[]; clickhouse: string[] }> {
    const { rows } = await database.query<{ name: string }>(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY name`,
    )
    const stored = await clickhouse.query({
      query: `SELECT name FROM system.tables WHERE database = 'shop' ORDER BY name`,
      format: 'JSONEachRow',
    })
    const named = await stored.json<{ name: string }>()
    return { postgres: rows.map(({ name }) => name), clickhouse: named.map(({ name }) => name) }
  }

  it('refuses a PostgreSQL database of version 0.1.0, says what to do and changes neither database', async () => {
    await recordMigration('Accounts1700000000001')
    await recordMigration('DatasetVersions1700000000002')
    const output = await outputOfStart()
    expect(output).toContain('The PostgreSQL database was made by Countinghouse 0.1.0 and cannot be upgraded.')
    expect(output).toContain('Start with a new DATA_DIR')
    expect(output).not.toMatch(/^ +at /m)
    expect(await tables()).toEqual({ postgres: ['migrations'], clickhouse: [] })
  })

  it('refuses a ClickHouse database of version 0.1.0 before it changes PostgreSQL', async () => {
    await recordClickHouseMigration('0001_transactions.sql')
    const before = await tables()
    const output = await outputOfStart()
    expect(output).toContain('The ClickHouse database was made by Countinghouse 0.1.0 and cannot be upgraded.')
    expect(await tables()).toEqual(before)
  })

  it('refuses databases of a newer version and names the migration', async () => {
    await recordMigration('Plans1800000001000')
    expect(await outputOfStart()).toContain(
      'newer version of Countinghouse: its migration Plans1800000001000 is unknown',
    )
    await database.query('DROP TABLE migrations')
    await recordClickHouseMigration('0990_forecasts.sql')
    expect(await outputOfStart()).toContain(
      'newer version of Countinghouse: its migration 0990_forecasts.sql is unknown',
    )
    expect(await tables()).toEqual({ postgres: [], clickhouse: ['schema_migrations'] })
  })

  it('makes both databases, and finds nothing to do at the next start', async () => {
    const start = async (): Promise<string> => {
      const program = startWorker()
      await program.printed(/Waiting for ingestions/)
      expect(await program.end()).toBe(0)
      return program.output()
    }
    expect(await start()).toMatch(/PostgreSQL: Users1700000002000[^]*ClickHouse: 0030_events\.sql/)
    const made = await tables()
    expect(made.clickhouse).toEqual(['events', 'ingestion_rejects', 'schema_migrations', 'transactions'])
    expect(await start()).not.toMatch(/Migrations/)
    expect(await tables()).toEqual(made)
  })
})

it('undoes every PostgreSQL migration and leaves nothing behind', async () => {
  const postgres = await startPostgres(postgresMigrations)
  try {
    const source = new DataSource({ ...dataSourceOptions(postgres.url, 2), migrations: postgresMigrations })
    await source.initialize()
    for (let left = postgresMigrations.length; left > 0; left--) await source.undoLastMigration()
    await source.destroy()
    const client = new PostgresClient({ connectionString: postgres.url })
    await client.connect()
    const { rows } = await client.query<{ name: string }>(`
      SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'm', 'S')
      UNION ALL SELECT proname FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
      ORDER BY name`)
    await client.end()
    expect(rows.map(({ name }) => name)).toEqual(['migrations', 'migrations_id_seq'])
  } finally {
    await postgres.stop()
  }
})
