import type { ClickHouseClient } from '@clickhouse/client'
import { createReadStream } from 'node:fs'
import { request } from 'node:http'
import { basename } from 'node:path'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import { PostgresClient } from '../src/infrastructure/database/postgres-client.js'
import type { Case } from './ingest-files.js'
import { processorSecondsOfChildren, seconds, sleep, type Stage } from './support.js'

const COLUMNS = `TransactionId String, TransactionDate Date32, UserId String, Country LowCardinality(String),
  Region LowCardinality(String), ProductId String, ProductName String, Category LowCardinality(String),
  Price Decimal(18, 4), Quantity Int32, TotalPrice Decimal(18, 4), StockQuantity Int32, AddedDate Nullable(Date32)`

const ENGINE_FORMATS = { csv: 'CSVWithNames', ndjson: 'JSONEachRow', parquet: 'Parquet' }

const POSTGRES_COLUMNS = `transaction_id text PRIMARY KEY, transaction_date date, user_id text, country text, region text,
  product_id text, product_name text, category text, price numeric(18, 4), quantity integer, total_price numeric(18, 4),
  stock_quantity integer, added_date date`

/** What a load took: by the clock, and on the processors of the API and the engines together. */
export interface Spent {
  seconds: number
  processorSeconds: number
}

/** The API does not take this format (yet). */
export class UnsupportedError extends Error {}

/** The engine's own reader of a file. */
export function engineFile(path: string, format: Case['format']): string {
  return `file('${path}', '${ENGINE_FORMATS[format]}', '${COLUMNS}')`
}

/** Upload, every row checked, committed, answered, until the last file of the case is in. */
export async function throughApi(
  stage: Stage,
  clickhouse: ClickHouseClient,
  { files, rows, badRows }: Case,
): Promise<Spent> {
  await clickhouse.command({ query: 'TRUNCATE TABLE transactions SYNC' })
  await settled(clickhouse)
  let accepted = 0
  const spent = await measured(async () => {
    const jobs = await Promise.all(files.map((file) => upload(stage, file)))
    accepted = jobs.reduce((sum, { rowsAccepted }) => sum + rowsAccepted, 0)
  })
  if (accepted !== rows - badRows) throw new Error(`the API accepted ${accepted} of ${rows - badRows} good rows`)
  return spent
}

/** `INSERT INTO ... SELECT FROM file()` into the same table layout, one statement for each file, at once. */
export async function throughEngine(clickhouse: ClickHouseClient, { files, format, rows }: Case): Promise<Spent> {
  await clickhouse.command({ query: 'DROP TABLE IF EXISTS bench_engine SYNC' })
  await clickhouse.command({ query: 'CREATE TABLE bench_engine AS transactions' })
  await settled(clickhouse)
  const insert = (file: string): Promise<unknown> =>
    clickhouse.command({
      query: `INSERT INTO bench_engine SELECT *, toUInt64(1099511627776) + rowNumberInAllBlocks(), 0
              FROM ${engineFile(file, format)}`,
    })
  const spent = await measured(() => Promise.all(files.map(insert)))
  const result = await clickhouse.query({ query: 'SELECT count() AS n FROM bench_engine', format: 'JSONEachRow' })
  const [found] = await result.json<{ n: string }>()
  if (Number(found?.n) !== rows) throw new Error(`the engine loaded ${found?.n} rows of ${rows}`)
  return spent
}

/** PostgreSQL's COPY into a table with its primary key. */
export async function throughCopy({ engines }: Stage, { files }: Case): Promise<Spent> {
  const client = new PostgresClient({ connectionString: engines.postgresUrl })
  await client.connect()
  await createPostgresTable(client, 'bench_copy')
  const spent = await measured(() => client.query(`COPY bench_copy FROM '${files[0]}' WITH (FORMAT csv, HEADER)`))
  await client.query('DROP TABLE bench_copy')
  await client.end()
  return spent
}

/** By plain node:http from large reads: fetch spends more processor time on sending than the API on receiving. */
export async function upload(
  { api }: Stage,
  path: string,
  dataset = 'transactions',
): Promise<{ rowsAccepted: number }> {
  const { status, body } = await new Promise<{ status: number; body: string }>((done, failed) => {
    const sending = request(
      `${api.url}/v1/ingestions?wait=true&force=true&dataset=${dataset}&fileName=${basename(path)}`,
      {
        method: 'POST',
        headers: { 'x-api-key': api.key, 'content-type': 'application/octet-stream' },
      },
    )
    sending.once('response', (answer) => {
      text(answer).then((body) => done({ status: answer.statusCode!, body }), failed)
    })
    pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), sending).catch(failed)
  })
  if (status === 415) throw new UnsupportedError()
  const job = JSON.parse(body) as { status: string; rowsAccepted: number }
  if (job.status !== 'succeeded') throw new Error(`the API did not load ${path}: ${body}`)
  return job
}

/** Anew, with the dataset's columns and its primary key. */
export async function createPostgresTable(client: pg.Client, name: string): Promise<void> {
  await client.query(`DROP TABLE IF EXISTS ${name}`)
  await client.query(`CREATE TABLE ${name} (${POSTGRES_COLUMNS})`)
}

export async function measured(work: () => Promise<unknown>): Promise<Spent> {
  const before = processorSecondsOfChildren()
  const time = await seconds(work)
  return { seconds: time, processorSeconds: processorSecondsOfChildren() - before }
}

/**
 * Waits until the engine merges nothing and runs no other query, so that no measurement pays for the one before it. The
 * embedded engine's process keeps one asleep.
 */
export async function settled(clickhouse: ClickHouseClient): Promise<void> {
  const query = `SELECT (SELECT count() FROM system.merges)
    + (SELECT count() FROM system.processes WHERE query_id != queryID() AND query NOT LIKE 'SELECT sleep(%') AS n`
  for (let quiet = 0; quiet < 3;) {
    const result = await clickhouse.query({ query, format: 'JSONEachRow' })
    const [running] = await result.json<{ n: string }>()
    quiet = Number(running?.n) === 0 ? quiet + 1 : 0
    await sleep(200)
  }
}
