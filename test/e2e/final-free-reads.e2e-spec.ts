import { createClient, SettingsMap, type ClickHouseClient } from '@clickhouse/client'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PostgresClient } from '../../src/infrastructure/database/postgres-client.js'
import { Customer } from '../support/customer.js'
import { TestEngines } from '../support/engines.js'
import { answerOf, exactRows, type OracleQuery } from '../support/query-oracle.js'
import { RandomQueries } from '../support/random-queries.js'
import { randomTransactions, toCsv, type Transaction } from '../support/random-transactions.js'
import { SeededRandom } from '../../tools/generator/random.js'
import { startServer, type TestServer } from '../support/server.js'
import { until } from '../support/until.js'

// QUERY_SEED=n repeats a run.
const seed = Number(process.env.QUERY_SEED ?? Math.floor(Math.random() * 1e9))
const random = new SeededRandom(seed)
const QUERIES_PER_STEP = 12
/** A condition whose set takes the engine three seconds to make. */
const PAUSE = '1 IN (SELECT 1 + sleep(3))'
const TOTALS: OracleQuery = { dataset: 'transactions', measures: ['transactions', 'items_sold', 'revenue'] }

/** Two servers on the same engines: one reads tables as it can, the other with FINAL always. */
describe('answers with the accelerators and without', () => {
  const env = { QUERY_COST_CREDITS: '0', QUERY_CACHE_TTL_SECONDS: '0', RATE_LIMIT_PER_MINUTE: '1000000' }
  const pool = randomTransactions(random, 300)
  const queries = new RandomQueries(random, pool)
  /** the rows that stand, by key */
  const standing = new Map<string, { row: Transaction; job: string }>()
  let dataDir: string
  let engines: TestEngines
  let urls: TestEngines['urls']
  let clickhouse: ClickHouseClient
  let database: pg.Client
  let fast: TestServer
  let exact: TestServer

  beforeAll(async () => {
    console.log(`accelerators: QUERY_SEED=${seed}`)
    engines = await TestEngines.start()
    ;({ dataDir, urls } = engines)
    fast = await startServer({ env: { ...urls, ...env }, dataDir })
    const { rootKey } = fast
    const without = { QUERY_ACCELERATORS: 'false', INGESTION_WORKER: 'false' }
    exact = await startServer({ env: { ...urls, ...env, ...without }, dataDir, rootKey })
    clickhouse = createClient({ url: urls.CLICKHOUSE_URL, database: 'countinghouse' })
    database = new PostgresClient({ connectionString: urls.POSTGRES_URL })
    await database.connect()
  })
  afterAll(async () => {
    await clickhouse?.close()
    await database?.end()
    await exact?.stop({ keepData: true })
    await fast?.stop({ keepData: true })
    await engines?.stop()
  })

  const rows = () => [...standing.values()].map(({ row }) => row)

  async function load(file: Transaction[]): Promise<string> {
    const headers = { 'content-type': 'text/csv' }
    const path = '/v1/ingestions?wait=true&force=true&format=csv'
    const job: any = await (await fast.fetch(path, { method: 'POST', headers, body: toCsv(file) })).json()
    expect(job, JSON.stringify(job)).toMatchObject({ status: 'succeeded', rowsAccepted: file.length })
    for (const row of file) standing.set(row.transaction_id, { row, job: job.id })
    return job.id
  }

  async function remove(job: string): Promise<void> {
    expect((await fast.json('DELETE', `/v1/ingestions/${job}`)).status).toBe(200)
    for (const [key, { job: owner }] of standing) if (owner === job) standing.delete(key)
  }

  /** Some of the keys, with the values of other rows. */
  function file(): Transaction[] {
    const keys = pool.filter(() => random.chance(0.3))
    return keys.map(({ transaction_id }) => ({ ...random.pick(pool), transaction_id }))
  }

  async function execute(server: TestServer, query: OracleQuery): Promise<string> {
    const headers = { 'content-type': 'application/json' }
    const response = await server.fetch('/v1/query', { method: 'POST', headers, body: JSON.stringify(query) })
    const text = await response.text()
    expect(response.status, `${JSON.stringify(query)}\n${text.slice(0, 500)}`).toBe(200)
    return text
  }

  async function expectSame(query: OracleQuery): Promise<void> {
    const [quick, sure] = [exactRows(await execute(fast, query)), exactRows(await execute(exact, query))]
    const context = `seed ${seed}: ${JSON.stringify(query)}`
    expect(quick, context).toEqual(sure)
    expect(
      quick.map(({ values }) => values),
      context,
    ).toEqual(answerOf(query, rows()).data)
  }

  async function expectAllSame(): Promise<void> {
    await expectSame(TOTALS)
    for (let number = 0; number < QUERIES_PER_STEP; number++) await expectSame(queries.next())
  }

  const one = async <T>(query: string): Promise<T> => {
    const result = await clickhouse.query({ query, format: 'JSONEachRow' })
    return (await result.json<T>())[0]!
  }

  /** The table is proven to need no FINAL as it is now, by whatever was needed for that. */
  async function proven(): Promise<{ has_deleted: boolean }> {
    return until(async () => {
      const { fingerprint } = await one<{ fingerprint: string }>(
        `SELECT concat(toString(max(max_block_number)), ':', toString(sum(rows))) AS fingerprint FROM system.parts
         WHERE active AND database = 'countinghouse' AND table = 'transactions'`,
      )
      const { rows } = await database.query(
        `SELECT fingerprint, has_deleted FROM table_fingerprints WHERE dataset = 'transactions'`,
      )
      expect(rows).toMatchObject([{ fingerprint }])
      return rows[0]
    }, 60_000)
  }

  const duplicates = async () => {
    const all = await one<{ n: string }>('SELECT countIf(_deleted = 0) AS n FROM transactions')
    const final = await one<{ n: string }>('SELECT count() AS n FROM transactions FINAL')
    return Number(all.n) - Number(final.n)
  }

  it('are the same after loads, replacements and deletions, at once and when the table has been merged', async () => {
    const jobs: string[] = []
    for (let step = 0; step < 6; step++) {
      if (step < 3 || random.chance(0.5)) jobs.push(await load(file()))
      else await remove(jobs.splice(random.integer(0, jobs.length - 1), 1)[0]!)
      await expectAllSame()
    }
    expect(await duplicates()).toBeGreaterThanOrEqual(0)
    await proven()
    expect(await duplicates()).toBe(0)
    await expectAllSame()
  })

  it('are the same with tombstones in a table that needs no FINAL', async () => {
    const job = await load(file())
    await remove(job)
    expect(await proven()).toEqual({ fingerprint: expect.any(String), has_deleted: true })
    await expectAllSame()
  })

  it('are the same when somebody else writes into a table that needed no FINAL', async () => {
    await proven()
    for (let round = 0; round < 3; round++) {
      await clickhouse.command({
        query: `INSERT INTO transactions SELECT * REPLACE (_version + 1 AS _version) FROM transactions FINAL`,
      })
      await expectSame(TOTALS)
    }
    await expectAllSame()
  })

  it.each([
    ['transaction_date_range', { timeDimension: { dimension: 'transaction_date', dateRange: ['2024-06-15'] } }],
    ['user_id_filter', { filters: [{ member: 'user_id', operator: 'equals', values: ['nobody'] }] }],
    ['user_id_filter', { filters: [{ member: 'user_id', operator: 'equals', values: ['nobody', 'no one'] }] }],
  ])('skip by the index %s what cannot be asked for', async (index, asked) => {
    const { body } = await fast.json('POST', '/v1/query/dry-run', { ...TOTALS, ...asked })
    const plan = await clickhouse.query({
      query: `EXPLAIN indexes = 1 ${body.sql}`,
      query_params: body.params,
      format: 'TabSeparated',
    })
    expect(await plan.text()).toMatch(new RegExp(`Skip\\s+Name: ${index}`))
  })

  it.each([
    'text/csv',
    'application/x-ndjson',
    'application/vnd.apache.arrow.stream',
    'application/vnd.apache.parquet',
  ])('are the same as %s when somebody else has just written into a table that needed no FINAL', async (accept) => {
    await proven()
    await clickhouse.command({
      query: `INSERT INTO transactions SELECT * REPLACE (_version + 1 AS _version) FROM transactions FINAL`,
    })
    const exported = async (server: TestServer) => {
      const headers = { 'content-type': 'application/json', accept }
      const body = JSON.stringify({ dataset: 'transactions', select: ['transaction_id', 'quantity'] })
      const response = await server.fetch('/v1/query', { method: 'POST', headers, body })
      expect(response.status).toBe(200)
      return Buffer.from(await response.arrayBuffer())
    }
    expect((await exported(fast)).equals(await exported(exact))).toBe(true)
  })

  it.each([
    'SELECT count() FROM probe',
    'SELECT count() FROM probe WHERE key > 0',
    'SELECT max(key) FROM probe',
    'SELECT sum(rows) FROM (SELECT count() AS rows FROM probe UNION ALL SELECT 0 * count() FROM probe)',
  ])('rest on the engine taking its snapshot before it makes the sets of conditions: %s', async (query) => {
    await clickhouse.command({ query: 'CREATE TABLE probe (key Int8) ENGINE = MergeTree ORDER BY key' })
    await clickhouse.command({ query: 'INSERT INTO probe SELECT 1' })
    const settings = { additional_table_filters: SettingsMap.from({ 'countinghouse.probe': PAUSE }) }
    const answer = clickhouse.query({ query, format: 'TabSeparated', clickhouse_settings: settings })
    await until(async () => {
      // Long enough after its start to have been planned.
      const planned = `SELECT count() AS n FROM system.processes WHERE query LIKE '%FROM probe%' AND elapsed > 1`
      expect(Number((await one<{ n: string }>(planned)).n)).toBe(1)
    })
    await clickhouse.command({ query: 'INSERT INTO probe SELECT 2' })
    expect((await (await answer).text()).trim()).toBe('1')
    await clickhouse.command({ query: 'DROP TABLE probe' })
  })

  it('are of before or after a replacement while it happens, never of both', async () => {
    const keys = pool.map(({ transaction_id }) => transaction_id)
    const customer = await Customer.create(fast, 1)
    await load(pool.map((row) => ({ ...row, quantity: 1n, price: 0n, total_price: 0n })))
    for (let quantity = 2n; quantity <= 3n; quantity++) {
      await proven()
      const loading = load(pool.map((row) => ({ ...row, quantity, price: 0n, total_price: 0n })))
      let isOver = false
      void loading.finally(() => (isOver = true))
      const allowed = [quantity - 1n, quantity].map((each) => Number(each) * keys.length)
      while (!isOver) {
        const { data } = await customer.execute({ measures: ['transactions', 'items_sold'] })
        expect(data[0].transactions).toBe(keys.length)
        expect(allowed).toContain(data[0].items_sold)
      }
      await loading
      await expectSame(TOTALS)
    }
  })

  it('are the same after a kill -9 of the server in the middle of loads and merges', async () => {
    for (let round = 0; round < 1; round++) {
      const replacement = pool.map(({ transaction_id }) => ({ ...random.pick(pool), transaction_id }))
      const headers = { 'content-type': 'text/csv' }
      const path = '/v1/ingestions?force=true&format=csv'
      await fast.fetch(path, { method: 'POST', headers, body: toCsv(replacement) })
      await fast.kill()
      fast = await startServer({ env: { ...urls, ...env }, dataDir, rootKey: fast.rootKey })
      await until(async () => {
        const { body } = await fast.json('GET', '/v1/ingestions?limit=1')
        expect(body.data[0].status).toBe('succeeded')
      })
      for (const row of replacement) standing.set(row.transaction_id, { row, job: '' })
      await expectAllSame()
      await proven()
      await expectAllSame()
    }
  })
})
