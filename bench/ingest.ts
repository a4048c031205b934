import { createClient, type ClickHouseClient } from '@clickhouse/client'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import {
  count,
  median,
  onStage,
  peakMemory,
  processorSecondsOfChildren,
  residentBytes,
  seconds,
  sleep,
  writeTransactions,
  type Stage,
} from './support.js'

const COLUMNS = `transaction_id String, transaction_date Date32, user_id String, country LowCardinality(String),
  region LowCardinality(String), product_id String, product_name String, category LowCardinality(String),
  price Decimal(18, 4), quantity Int32, total_price Decimal(18, 4), stock_quantity Int32, added_date Nullable(Date32)`

const POSTGRES_COLUMNS = `transaction_id text PRIMARY KEY, transaction_date date, user_id text, country text, region text,
  product_id text, product_name text, category text, price numeric(18, 4), quantity integer, total_price numeric(18, 4),
  stock_quantity integer, added_date date`

/**
 * The same CSV file three ways in one run: through the API (upload, checks, commit), by the engine's own
 * `INSERT ... SELECT FROM file()` into the same table layout, and into PostgreSQL by COPY with the primary key.
 */
export async function benchIngest({ rows, rounds }: { rows: number; rounds: number }): Promise<void> {
  await onStage({}, async (stage) => {
    const path = join(stage.folder, 'transactions.csv')
    await writeTransactions(path, rows)
    const bytes = (await stat(path)).size
    console.log(`${count(rows)} rows, ${count(bytes / 1e6)} MB of CSV, ${rounds} rounds; each round runs all three\n`)
    const warehouse = createClient({
      url: stage.engines.clickhouseUrl,
      database: 'countinghouse',
      request_timeout: 600_000,
    })
    const idle = residentBytes(stage.api.pid)
    const times: Times = { api: [], engine: [], copy: [] }
    const processor: Times = { api: [], engine: [], copy: [] }
    let peak = 0
    const measured = async (name: Way, work: () => Promise<number>): Promise<void> => {
      await settled(warehouse)
      const before = processorSecondsOfChildren()
      times[name].push(await work())
      processor[name].push(processorSecondsOfChildren() - before)
    }
    for (let round = 0; round < rounds; round++) {
      await measured('api', async () => {
        const { result, peakBytes } = await peakMemory(stage.api.pid, () =>
          seconds(() => throughApi(stage, path, rows)),
        )
        peak = Math.max(peak, peakBytes)
        return result
      })
      await measured('engine', () => throughEngine(warehouse, path, rows))
      await measured('copy', () => throughCopy(stage, path))
    }
    await warehouse.close()
    report(rows, times, processor, peak - idle)
  })
}

type Way = 'api' | 'engine' | 'copy'
type Times = Record<Way, number[]>

function report(rows: number, times: Times, processor: Times, aboveIdle: number): void {
  const speed = (name: Way): number => rows / median(times[name])
  const line = (title: string, name: Way): string =>
    `${title.padEnd(44)} ${count(speed(name)).padStart(10)} rows/s   (median of ${times[name].map((time) => time.toFixed(2)).join(', ')} s; ${median(processor[name]).toFixed(2)} processor s)`
  console.log(line('API: upload, every row checked, committed', 'api'))
  console.log(line("the engine's own INSERT SELECT FROM file()", 'engine'))
  console.log(line('PostgreSQL COPY with primary key', 'copy'))
  console.log(`\nAPI / engine   ${(speed('api') / speed('engine')).toFixed(2)}   (target 0.9)`)
  console.log(`API / COPY     ${(speed('api') / speed('copy')).toFixed(2)}   (target 3)`)
  console.log(`API process    ${count(aboveIdle / 1e6)} MB above idle at its peak   (target under 400)`)
}

async function throughApi(stage: Stage, path: string, rows: number): Promise<void> {
  const job = JSON.parse(await upload(stage, path)) as { status: string; rowsAccepted: number }
  if (job.status !== 'succeeded' || job.rowsAccepted !== rows) {
    throw new Error(`the API did not load the file: ${JSON.stringify(job)}`)
  }
}

/** By plain node:http from large reads: fetch spends more processor time on sending than the API on receiving. */
function upload({ api }: Stage, path: string): Promise<string> {
  return new Promise((done, failed) => {
    const sending = request(`${api.url}/v1/ingestions?wait=true&force=true&fileName=transactions.csv`, {
      method: 'POST',
      headers: { 'x-api-key': api.key, 'content-type': 'text/csv' },
    })
    sending.once('response', (answer) => void text(answer).then(done, failed))
    pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), sending).catch(failed)
  })
}

async function throughEngine(warehouse: ClickHouseClient, path: string, rows: number): Promise<number> {
  await warehouse.command({ query: 'DROP TABLE IF EXISTS bench_engine SYNC' })
  await warehouse.command({ query: 'CREATE TABLE bench_engine AS transactions' })
  const time = await seconds(() =>
    warehouse.command({
      query: `INSERT INTO bench_engine SELECT *, toUInt64(1099511627776) + rowNumberInAllBlocks(), 0
              FROM file('${path}', 'CSVWithNames', '${COLUMNS.replaceAll("'", "''")}')
              SETTINGS input_format_with_names_use_header = 0`,
    }),
  )
  const result = await warehouse.query({ query: 'SELECT count() AS n FROM bench_engine', format: 'JSONEachRow' })
  const [found] = await result.json<{ n: string }>()
  if (Number(found?.n) !== rows) throw new Error(`the engine loaded ${found?.n} rows`)
  return time
}

async function throughCopy({ engines }: Stage, path: string): Promise<number> {
  const client = new pg.Client({ connectionString: engines.postgresUrl })
  await client.connect()
  await client.query('DROP TABLE IF EXISTS bench_copy')
  await client.query(`CREATE TABLE bench_copy (${POSTGRES_COLUMNS})`)
  const time = await seconds(() => client.query(`COPY bench_copy FROM '${path}' WITH (FORMAT csv, HEADER)`))
  await client.query('DROP TABLE bench_copy')
  await client.end()
  return time
}

/** Waits until the engine has no merge running, so that one measurement does not pay for the one before it. */
async function settled(warehouse: ClickHouseClient): Promise<void> {
  for (let quiet = 0; quiet < 3;) {
    const result = await warehouse.query({ query: 'SELECT count() AS n FROM system.merges', format: 'JSONEachRow' })
    const [running] = await result.json<{ n: string }>()
    quiet = Number(running?.n) === 0 ? quiet + 1 : 0
    await sleep(200)
  }
}
