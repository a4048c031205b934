import { parquetWriteBuffer } from 'hyparquet-writer'
import { gzipSync } from 'node:zlib'
import type { ColumnType } from '../../src/datasets/dataset-definition.js'
import { LOG_FILES } from './sixty-files-logs.js'
import { MEASUREMENT_FILES } from './sixty-files-measurements.js'
import { MONEY_FILES } from './sixty-files-money.js'
import { PEOPLE_FILES } from './sixty-files-people.js'
import { TRADE_FILES } from './sixty-files-trade.js'
import { zstdStored } from './zstd.js'

export type Cell = string | number | boolean | bigint | Date | null

/** A column of a file, and what is to be inferred of it. */
export interface ShapedColumn {
  header: string
  value: (row: number) => Cell
  type: ColumnType
  /** decimals that its values have; the inferred scale must not be less */
  scale?: number
  format?: string
  /** of Parquet, where it is not to be told from the values */
  parquet?: ParquetKind
}

type ParquetKind = 'STRING' | 'INT32' | 'INT64' | 'DOUBLE' | 'BOOLEAN' | 'TIMESTAMP'

export interface ShapedFile {
  name: string
  rows: number
  columns: ShapedColumn[]
  key?: string[]
  timeDimension?: string
  /** rows that a load rejects, since something is wrong with them */
  unsound?: number
  /** options that are to be found */
  fileOptions?: Record<string, unknown>
  /** of CSV and TSV */
  delimiter?: string
  lineEnd?: string
  encoding?: 'windows-1252' | 'utf16le' | 'bom'
  /** lines before the header */
  preamble?: string[]
  /** lines put in behind the row of this number */
  extraLines?: Record<number, string>
  /** of JSON: the records are the `data` of an object */
  isWrapped?: boolean
  /** of XML */
  element?: string
}

/** A file with its bytes. */
export interface SampleFile extends ShapedFile {
  bytes: Buffer
}

export function sixtyFiles(): SampleFile[] {
  const files = [...TRADE_FILES, ...MONEY_FILES, ...MEASUREMENT_FILES, ...LOG_FILES, ...PEOPLE_FILES]
  return files.map((file) => ({ ...file, bytes: bytesOf(file) }))
}

function bytesOf(file: ShapedFile): Buffer {
  const plain = plainBytes(file)
  if (file.name.endsWith('.gz')) return gzipSync(plain)
  return file.name.endsWith('.zst') ? zstdStored(plain) : plain
}

function plainBytes(file: ShapedFile): Buffer {
  switch (/\.(csv|tsv|json|ndjson|xml|parquet)/.exec(file.name)![1]) {
    case 'csv':
      return delimited(file, file.delimiter ?? ',')
    case 'tsv':
      return delimited(file, '\t')
    case 'json': {
      const records = rowsOf(file).map((cells) => recordOf(file, cells))
      return Buffer.from(JSON.stringify(file.isWrapped ? { count: records.length, data: records } : records, null, 1))
    }
    case 'ndjson':
      return Buffer.from(
        rowsOf(file)
          .map((cells) => `${JSON.stringify(recordOf(file, cells))}\n`)
          .join(''),
      )
    case 'xml':
      return xml(file)
    default:
      return parquet(file)
  }
}

function rowsOf({ rows, columns }: ShapedFile): Cell[][] {
  return Array.from({ length: rows }, (_, row) => columns.map(({ value }) => value(row)))
}

function recordOf({ columns }: ShapedFile, cells: Cell[]): Record<string, Cell> {
  return Object.fromEntries(columns.map(({ header }, at) => [header, cells[at]!]))
}

function delimited(file: ShapedFile, delimiter: string): Buffer {
  const { columns, preamble = [], lineEnd = '\n', encoding, extraLines = {} } = file
  const quoted = (text: string): string =>
    text.includes(delimiter) || /["\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  const line = (cells: Cell[]): string => cells.map((cell) => quoted(textOf(cell))).join(delimiter)
  const records = rowsOf(file).flatMap((cells, row) => [line(cells), ...(extraLines[row] ? [extraLines[row]] : [])])
  const text = [...preamble, line(columns.map(({ header }) => header)), ...records, ''].join(lineEnd)
  if (encoding === 'windows-1252') return Buffer.from(text.replaceAll('€', '\x80'), 'latin1')
  return Buffer.from(encoding ? `\ufeff${text}` : text, encoding === 'utf16le' ? 'utf16le' : 'utf8')
}

function textOf(cell: Cell): string {
  if (cell === null) return ''
  return cell instanceof Date ? cell.toISOString() : String(cell)
}

function xml(file: ShapedFile): Buffer {
  const { element = 'record', columns } = file
  const escaped = (cell: Cell): string => textOf(cell).replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  const records = rowsOf(file).map((cells) => {
    const fields = columns.map(({ header }, at) => `<${header}>${escaped(cells[at]!)}</${header}>`)
    return `  <${element}>${fields.join('')}</${element}>`
  })
  return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n<file>\n${records.join('\n')}\n</file>\n`)
}

function parquet({ columns, rows }: ShapedFile): Buffer {
  const columnData = columns.map(({ header, value, parquet: type = 'STRING' }) => ({
    name: header,
    type,
    data: Array.from({ length: rows }, (_, row) => value(row)),
    nullable: true,
  }))
  return Buffer.from(parquetWriteBuffer({ columnData }))
}
