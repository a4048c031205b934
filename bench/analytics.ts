import autocannon from 'autocannon'
import { rm } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import type pg from 'pg'
import { PostgresClient } from '../src/infrastructure/database/postgres-client.js'
import { EXPORT, QUERIES, REPORTS } from './analytics-queries.js'
import { createPostgresTable, upload } from './ingest-loads.js'
import { createCustomer, dryRun, printTurns, takeTurns, type BenchContext } from './query-turns.js'
import {
  count,
  engineClient,
  median,
  onStage,
  peakMemory,
  residentBytes,
  seconds,
  sleep,
  writeTransactions,
} from './support.js'
import type { Stage } from './support.js'

const TABLE = 'bench_sales'
const INDEXES = ['(transaction_date)', '(country, product_id)', '(product_id)', '(user_id)', '(category)']
/** a query that takes so long is not asked again to have it warm */
const LONG_SECONDS = 3
const ENV = { RATE_LIMIT_PER_MINUTE: '1000000', QUERY_CACHE_TTL_SECONDS: '0', QUERY_TIMEOUT_SECONDS: '900' }

interface Options {
  rows: number
  rounds: number
  exportRows: number
  postgres: boolean
}

/**
 * A fixed list of queries over one large table: through the API (key, credits, not cached), the same statement at the
 * engine's own port, and in PostgreSQL over the same rows with indexes. Then the dashboard's reports, a refresh of all
 * views, and an export.
 */
export async function benchAnalytics(options: Options): Promise<void> {
  await onStage(ENV, async (stage) => {
    const file = join(stage.folder, 'transactions.csv')
    await writeTransactions(file, options.rows)
    const engine = engineClient(stage, 900_000)
    try {
      await upload(stage, file)
      const context = { stage, engine, key: await createCustomer(stage) }
      console.log(`${count(options.rows)} rows\n`)
      await untilProven(stage)
      await benchQueries(context, options, file)
      await benchViews(context)
      await benchReports(context)
      await benchExport(context, options)
    } finally {
      await engine.close()
      await rm(file, { force: true })
    }
  })
}

/** A query that comes in the moment after a load is read with FINAL; this is about those after it. */
async function untilProven({ engines }: Stage): Promise<void> {
  await onPostgres(engines.postgresUrl, async (client) => {
    const proven = async (): Promise<boolean> => (await client.query('SELECT FROM table_fingerprints')).rowCount === 1
    while (!(await proven())) await sleep(100)
  })
}

async function benchQueries(context: BenchContext, { rounds, postgres }: Options, file: string): Promise<void> {
  const postgresMs = postgres ? await throughPostgres(context.stage, file) : new Map<string, number>()
  console.log('query, ms'.padEnd(50), 'API   engine  with FINAL  PostgreSQL   API / engine'.padStart(40))
  for (const each of QUERIES) {
    printTurns(each.title, await takeTurns(context, each.query, rounds), postgresMs.get(each.title))
  }
  console.log('(target: API within 1.15 of the engine, or 3 ms)')
}

async function onPostgres<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new PostgresClient({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** Milliseconds of each query's second run, or of its first where that is long enough to tell, over the same file loaded by COPY, indexed and analyzed. */
async function throughPostgres({ engines }: Stage, file: string): Promise<Map<string, number>> {
  return onPostgres(engines.postgresUrl, async (client) => {
    await createPostgresTable(client, TABLE)
    await client.query(`COPY ${TABLE} FROM '${file}' WITH (FORMAT csv, HEADER)`)
    for (const columns of INDEXES) await client.query(`CREATE INDEX ON ${TABLE} ${columns}`)
    await client.query(`VACUUM ANALYZE ${TABLE}`)
    const times = new Map<string, number>()
    for (const { title, postgres } of QUERIES) {
      const first = await seconds(() => client.query(postgres))
      times.set(title, 1000 * (first > LONG_SECONDS ? first : await seconds(() => client.query(postgres))))
    }
    await client.query(`DROP TABLE ${TABLE}`)
    return times
  })
}

async function benchViews({ stage: { api } }: BenchContext): Promise<void> {
  const refresh = async (): Promise<{
    durationMs: number
    data: { name: string; rows: number; durationMs: number }[]
  }> => {
    const response = await fetch(`${api.url}/v1/admin/views/refresh`, {
      method: 'POST',
      headers: { 'x-api-key': api.key },
    })
    return response.json() as never
  }
  await refresh()
  const { durationMs, data } = await refresh()
  console.log(`\nrefresh of all views  ${(durationMs / 1000).toFixed(1)} s   (target: under 30)`)
  for (const { name, rows, durationMs: ms } of data) console.log(`  ${name.padEnd(30)} ${count(rows)} rows, ${ms} ms`)
}

/** Cold is the first answer after a refresh, which the cache cannot know. */
async function benchReports(context: BenchContext): Promise<void> {
  console.log('\nreport'.padEnd(34), 'cold ms  warm p99 ms   (targets: 1,000 and 10)')
  for (const path of REPORTS) {
    const { api } = context.stage
    const headers = { 'x-api-key': context.key }
    const cold = 1000 * (await seconds(async () => (await fetch(`${api.url}${path}`, { headers })).text()))
    const warm = await autocannon({ url: `${api.url}${path}`, headers, connections: 2, duration: 3 })
    if (warm.non2xx + warm.errors > 0) throw new Error(`${path} failed`)
    console.log(path.padEnd(32), cold.toFixed(1).padStart(8), String(warm.latency.p99).padStart(8))
  }
}

async function benchExport(context: BenchContext, { exportRows, rounds }: Options): Promise<void> {
  const query = { ...EXPORT, limit: exportRows }
  // A dry run knows no limit beyond that of JSON answers.
  const dryRunOf = await dryRun(context, EXPORT)
  const sql = dryRunOf.sql.replace(' FINAL\n', '\n').replace(/LIMIT \d+ OFFSET 0$/, `LIMIT ${exportRows}`)
  const engine: number[] = []
  const api: number[] = []
  const idle = residentBytes(context.stage.api.pid)
  let peak = 0
  for (let round = 0; round < rounds; round++) {
    engine.push(bytesPerSecond(await received(...engineRequest(context, `${sql} FORMAT CSVWithNames`))))
    const { result, peakBytes } = await peakMemory(context.stage.api.pid, () => received(...apiRequest(context, query)))
    api.push(bytesPerSecond(result))
    peak = Math.max(peak, peakBytes)
  }
  const [through, own] = [median(api), median(engine)]
  console.log(
    `\nexport of ${count(exportRows)} rows as CSV: API ${(through / 1e6).toFixed(0)} MB/s, engine ${(own / 1e6).toFixed(0)} MB/s`,
  )
  console.log(`  API / engine ${(through / own).toFixed(2)}   (target: 0.8)`)
  console.log(`  API process: ${count((peak - idle) / 1e6)} MB above idle at its peak   (target: flat)`)
}

interface Received {
  bytes: number
  seconds: number
}

const bytesPerSecond = ({ bytes, seconds }: Received): number => bytes / seconds

type Sending = [url: string, headers: Record<string, string>, body: string]

function engineRequest({ stage }: BenchContext, sql: string): Sending {
  const { username, password, origin } = new URL(stage.engines.clickhouseUrl)
  return [`${origin}/?database=countinghouse`, { 'x-clickhouse-user': username, 'x-clickhouse-key': password }, sql]
}

function apiRequest({ stage, key }: BenchContext, query: object): Sending {
  const headers = { 'x-api-key': key, 'content-type': 'application/json', accept: 'text/csv' }
  return [`${stage.api.url}/v1/query`, headers, JSON.stringify({ dataset: 'transactions', ...query })]
}

/** Reads an answer and throws it away, by plain node:http: fetch would be the slowest part of it. */
function received(...[url, headers, body]: Sending): Promise<Received> {
  const started = performance.now()
  return new Promise((done, failed) => {
    const sending = request(url, { method: 'POST', headers }, (answer) => {
      let bytes = 0
      answer.on('data', (chunk: Buffer) => (bytes += chunk.length))
      answer.on('error', failed)
      answer.on('end', () => {
        if (answer.statusCode !== 200) failed(new Error(`${url} answered ${answer.statusCode}`))
        else done({ bytes, seconds: (performance.now() - started) / 1000 })
      })
    })
    sending.on('error', failed)
    sending.end(body)
  })
}
