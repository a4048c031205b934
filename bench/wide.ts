import type { ClickHouseClient } from '@clickhouse/client'
import { createWriteStream } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { measured, settled, upload, type Spent } from './ingest-loads.js'
import { createCustomer, printTurns, takeTurns } from './query-turns.js'
import { count, engineClient, median, onStage, sleep, writeTransactions, type Stage } from './support.js'
import { WIDE, WIDE_QUERIES, wideRowsSql } from './wide-table.js'

const ENV = {
  ...{
    RATE_LIMIT_PER_MINUTE: '1000000',
    QUERY_CACHE_TTL_SECONDS: '0',
    QUERY_TIMEOUT_SECONDS: '900',
    LOG_LEVEL: 'error',
  },
}
/** rows of `transactions` beside one of the wide table, so that both files are about as long */
const TRANSACTIONS_FOR_A_ROW = 1.7

/** of the first dataset that is declared */
const WIDE_TABLE = `dataset_1_${WIDE.name}`

interface Load {
  dataset: string
  file: string
  rows: number
  spent: Spent[]
}

/** A declared dataset of 25 columns beside `transactions`: bytes loaded in a second, and queries beside the engine's own port. */
export async function benchWide({ rows, rounds }: { rows: number; rounds: number }): Promise<void> {
  await onStage(ENV, async (stage) => {
    const engine = engineClient(stage, 3_600_000)
    try {
      const loads = await writeFiles(stage, engine, rows)
      await declare(stage)
      for (let round = 0; round < rounds; round++) for (const load of loads) await loadOnce(stage, engine, load)
      await printLoads(loads)
      await benchQueries(stage, engine, rounds)
      for (const { file } of loads) await rm(file)
    } finally {
      await engine.close()
    }
  })
}

async function writeFiles(stage: Stage, engine: ClickHouseClient, rows: number): Promise<Load[]> {
  const wide = { dataset: WIDE.name, file: join(stage.folder, 'wide.csv'), rows, spent: [] }
  const result = await engine.query({ query: wideRowsSql(rows), format: 'CSVWithNames' })
  await pipeline(
    result.stream(),
    async function* (chunks: AsyncIterable<{ text: string }[]>) {
      for await (const lines of chunks) yield lines.map(({ text }) => `${text}\n`).join('')
    },
    createWriteStream(wide.file),
  )
  const plain = { dataset: 'transactions', file: join(stage.folder, 'transactions.csv'), spent: [] }
  const plainRows = Math.round(rows * TRANSACTIONS_FOR_A_ROW)
  await writeTransactions(plain.file, plainRows)
  return [{ ...plain, rows: plainRows }, wide]
}

async function declare({ api }: Stage): Promise<void> {
  const response = await fetch(`${api.url}/v1/admin/datasets`, {
    method: 'POST',
    headers: { 'x-api-key': api.key, 'content-type': 'application/json' },
    body: JSON.stringify(WIDE),
  })
  if (response.status !== 201) throw new Error(await response.text())
}

/** Into an empty table. */
async function loadOnce(stage: Stage, engine: ClickHouseClient, { dataset, file, rows, spent }: Load): Promise<void> {
  const table = dataset === WIDE.name ? WIDE_TABLE : dataset
  await engine.command({ query: `TRUNCATE TABLE ${table} SYNC` })
  await settled(engine)
  let accepted = 0
  spent.push(await measured(async () => ({ rowsAccepted: accepted } = await upload(stage, file, dataset))))
  if (accepted !== rows) throw new Error(`${dataset}: accepted ${accepted} of ${rows} rows`)
}

async function printLoads(loads: Load[]): Promise<void> {
  const speeds = await Promise.all(
    loads.map(async ({ dataset, file, rows, spent }) => {
      const { size } = await stat(file)
      const [time, processor] = [
        median(spent.map((each) => each.seconds)),
        median(spent.map((each) => each.processorSeconds)),
      ]
      const line = `${count(rows).padStart(11)} rows  ${count(size / 1e6).padStart(6)} MB  ${time.toFixed(1).padStart(6)} s`
      console.log(
        `${dataset.padEnd(14)}${line}  ${processor.toFixed(1)} s of processors  ${(size / time / 1e6).toFixed(1)} MB/s`,
      )
      return { clock: size / time, processor: size / processor }
    }),
  )
  const [plain, wide] = speeds
  const ratio = (of: 'clock' | 'processor'): string => (wide![of] / plain![of]).toFixed(2)
  console.log(`bytes: wide / transactions ${ratio('clock')}, by processors ${ratio('processor')}   (target: 0.9)\n`)
}

async function benchQueries(stage: Stage, engine: ClickHouseClient, rounds: number): Promise<void> {
  const context = { stage, engine, key: await createCustomer(stage) }
  // A query that comes in the moment after a load is read with FINAL; this is about those after it.
  await sleep(10_000)
  await settled(engine)
  console.log('query, ms'.padEnd(50), 'API   engine  with FINAL'.padStart(20))
  for (const { title, query } of WIDE_QUERIES) printTurns(title, await takeTurns(context, query, rounds))
  console.log('(target: API within 1.15 of the engine, or 3 ms)')
}
