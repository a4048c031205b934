import type { ClickHouseClient } from '@clickhouse/client'
import { createReadStream, createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { transactionsCsv } from '../src/generator/transactions-generator.js'
import { engineFile } from './ingest-loads.js'

/** One way in which the same table comes as files. */
export interface Case {
  name: CaseName
  title: string
  /** as the API names it; the engine reads the same */
  format: 'csv' | 'ndjson' | 'parquet'
  /** files that are loaded at once, together `rows` rows */
  files: string[]
  bytes: number
  rows: number
  badRows: number
}

export const CASES = {
  csv: { title: 'CSV', format: 'csv' },
  bad: { title: 'CSV, 0.1 % bad rows', format: 'csv' },
  ndjson: { title: 'NDJSON', format: 'ndjson' },
  parquet: { title: 'Parquet', format: 'parquet' },
  gzip: { title: 'CSV, gzip', format: 'csv' },
  two: { title: 'CSV, 2 files at once', format: 'csv' },
} as const

export type CaseName = keyof typeof CASES

const ONE_BAD_ROW_IN = 1000

/** Writes the files of a case, `rows` rows together. */
export async function writeCase(
  name: CaseName,
  rows: number,
  folder: string,
  warehouse: ClickHouseClient,
): Promise<Case> {
  const path = (ending: string): string => join(folder, `transactions-${rows}.${ending}`)
  const files = await writers[name]({ rows, path, warehouse })
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size))
  const bytes = sizes.reduce((sum, size) => sum + size, 0)
  return { name, ...CASES[name], files, bytes, rows, badRows: name === 'bad' ? Math.floor(rows / ONE_BAD_ROW_IN) : 0 }
}

interface Writing {
  rows: number
  path: (ending: string) => string
  warehouse: ClickHouseClient
}

const writers: Record<CaseName, (writing: Writing) => Promise<string[]>> = {
  csv: async ({ rows, path }) => [await writeCsv(path('csv'), transactionsCsv({ rows, seed: 1 }))],
  bad: async ({ rows, path }) => [await writeCsv(path('bad.csv'), withBadRows(transactionsCsv({ rows, seed: 1 })))],
  ndjson: (writing) => converted(writing, 'ndjson'),
  parquet: (writing) => converted(writing, 'parquet'),
  gzip: async (writing) => {
    const [csv] = await writers.csv(writing)
    await pipeline(createReadStream(csv!), createGzip({ level: 6 }), createWriteStream(`${csv}.gz`))
    return [`${csv}.gz`]
  },
  two: async ({ rows, path }) =>
    Promise.all(
      [1, 2].map((half) => writeCsv(path(`${half}.csv`), transactionsCsv({ rows: Math.floor(rows / 2), seed: half }))),
    ),
}

async function writeCsv(path: string, text: Iterable<string>): Promise<string> {
  await pipeline(Readable.from(text), createWriteStream(path))
  return path
}

/** The same rows as the CSV file has, written by the engine. */
async function converted(writing: Writing, format: 'ndjson' | 'parquet'): Promise<string[]> {
  const [csv] = await writers.csv(writing)
  const path = writing.path(format)
  await writing.warehouse.command({
    query: `INSERT INTO FUNCTION ${engineFile(path, format)} SELECT * FROM ${engineFile(csv!, 'csv')}
            SETTINGS engine_file_truncate_on_insert = 1, output_format_json_quote_decimals = 0`,
  })
  return [path]
}

/** Every thousandth date is none. */
function* withBadRows(pieces: Iterable<string>): Generator<string> {
  let line = 0
  for (const piece of pieces) {
    const lines = piece.split('\n')
    const changed = lines.map((text, index) =>
      text !== '' && (line + index) % ONE_BAD_ROW_IN === 0 && line + index > 0
        ? text.replace(/,\d{4}-\d\d-\d\d,/, ',2024-02-30,')
        : text,
    )
    line += lines.length - 1
    yield changed.join('\n')
  }
}
