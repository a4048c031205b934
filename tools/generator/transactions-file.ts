import {
  badRows,
  defectOf,
  INVALID_BYTE,
  withDefect,
  type Defect,
  type DefectKind,
  type TableFormat,
} from './transaction-defects.js'
import { TEXT_FORMATS } from './transaction-formats.js'
import { transactions, type TransactionValues } from './transactions-generator.js'
import { bytesOf, transactionsParquet } from './transactions-parquet.js'

export interface TransactionsFileOptions {
  format: TableFormat
  rows: number
  seed: number
  /** share of bad records, 0 (default) to 1: exactly floor(rows x badRatio) are bad */
  badRatio?: number
}

/** A Defect, and where it stands. */
export interface PlacedDefect extends Defect {
  /** line of the file on which the record starts, from 1; undefined in Parquet, which has no lines */
  line?: number
}

interface TransactionRecord {
  values: TransactionValues
  kind: DefectKind | undefined
}

const PIECE_CHARACTERS = 256 * 1024

/**
 * The table of `transactionsCsv` as a file of any format, in Buffers, made as they are asked for:
 *
 * ```ts
 * await pipeline(Readable.from(transactionsFile({ format: 'json', rows: 1_000_000, seed: 1, badRatio: 0.001 })),
 *   createWriteStream('transactions.json'))
 * ```
 *
 * The same options give the same bytes; the good records have the same values in every format and at every badRatio
 * (money as decimals and dates as dates in Parquet, numbers in JSON). Memory is that of a piece of 256 KiB, or of a row
 * group of 50,000 records for Parquet. Every format has one record a line. `transactionDefects` tells the bad ones.
 */
export function* transactionsFile(options: TransactionsFileOptions): Generator<Buffer> {
  if (options.format === 'parquet') {
    yield* transactionsParquet(damaged(options))
    return
  }
  const format = TEXT_FORMATS[options.format]
  let piece = format.head
  let isFirst = true
  for (const { values, kind } of damaged(options)) {
    piece += format.record(values, kind, isFirst)
    isFirst = false
    if (piece.length < PIECE_CHARACTERS) continue
    yield encoded(piece)
    piece = ''
  }
  yield encoded(piece + format.tail)
}

/** Which records of `transactionsFile` are bad, in what column and why, in file order. */
export function* transactionDefects(options: TransactionsFileOptions): Generator<PlacedDefect> {
  const firstLine = options.format === 'parquet' ? undefined : TEXT_FORMATS[options.format].firstLine
  let row = 0
  for (const { values, kind } of marked(options)) {
    row++
    if (!kind) continue
    const line = firstLine === undefined ? undefined : firstLine + row - 1
    yield { ...defectOf(row, kind, values, options.format), ...(line !== undefined && { line }) }
  }
}

/** The records with what shall be wrong with them, still without it. */
function* marked({ format, rows, seed, badRatio = 0 }: TransactionsFileOptions): Generator<TransactionRecord> {
  const bad = badRows({ format, rows, seed, badRatio })
  let next = bad.next().value
  let row = 0
  for (const values of transactions({ rows, seed })) {
    const isBad = next?.row === ++row
    yield { values, kind: isBad ? next?.kind : undefined }
    if (isBad) next = bad.next().value
  }
}

function* damaged(options: TransactionsFileOptions): Generator<TransactionRecord> {
  for (const { values, kind } of marked(options)) yield { values: withDefect(values, kind), kind }
}

function encoded(piece: string): Buffer {
  return piece.includes(INVALID_BYTE) ? bytesOf(piece) : Buffer.from(piece)
}
