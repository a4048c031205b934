import { createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { transactionsFile, type TransactionsFileOptions } from '../tools/generator/transactions-file.js'

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

const BAD_RATIO = 0.001

/** Writes the files of a case, `rows` rows together. */
export async function writeCase(name: CaseName, rows: number, folder: string): Promise<Case> {
  const files = await Promise.all(
    partsOf(name, rows).map((part) => writePart(join(folder, `transactions.${part.ending}`), part)),
  )
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size))
  const bytes = sizes.reduce((sum, size) => sum + size, 0)
  return { name, ...CASES[name], files, bytes, rows, badRows: name === 'bad' ? Math.floor(rows * BAD_RATIO) : 0 }
}

/** What the files are made of; `ending` is put behind their names. */
interface Part extends TransactionsFileOptions {
  ending: string
}

function partsOf(name: CaseName, rows: number): Part[] {
  const { format } = CASES[name]
  const whole = { format, rows, seed: 1, ending: format }
  switch (name) {
    case 'bad':
      return [{ ...whole, badRatio: BAD_RATIO }]
    case 'gzip':
      return [{ ...whole, ending: 'csv.gz' }]
    case 'two':
      return [Math.ceil(rows / 2), Math.floor(rows / 2)].map((half, at) => ({
        ...whole,
        rows: half,
        seed: at + 1,
        ending: `${at + 1}.csv`,
      }))
    default:
      return [whole]
  }
}

async function writePart(path: string, options: Part): Promise<string> {
  const data = Readable.from(transactionsFile(options), { objectMode: false })
  const packing = path.endsWith('.gz') ? createGzip() : new PassThrough()
  await pipeline(data, packing, createWriteStream(path))
  return path
}
