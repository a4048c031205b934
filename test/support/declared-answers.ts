import { parse } from 'lossless-json'
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import Papa from 'papaparse'
import { ZSTDDecoder } from 'zstddec'
import { decimalText, doubleText, exact, printed, type Cell } from './declared-values.js'
import type { OracleColumn } from './declared-oracle.js'

/** A value as its text: numbers as `#` and theirs, booleans as `is true`. */
export type Told = string | null

interface Answer {
  data: Record<string, unknown>[]
  columns: { name: string; type: string }[]
  page: unknown
  query: { cached: boolean }
}

/** An answer whose numbers keep all of their digits. */
export function jsonAnswer(body: Buffer): Answer {
  return parse(body.toString(), null, { parseNumber: (text) => ({ text }) }) as Answer
}

/** The values of rows in JSON, each in the order of its own columns, which must be those of the query. */
export function toldOfJson(rows: Record<string, unknown>[], columns: OracleColumn[]): Told[][] {
  return rows.map((row) => {
    const names = Object.keys(row)
    if (names.join() !== columns.map(({ name }) => name).join()) throw new Error(`other columns: ${names.join()}`)
    return columns.map(({ name, type }) => toldOfValue(row[name], type))
  })
}

function toldOfValue(value: unknown, type: OracleColumn['type']): Told {
  if (value === null) return null
  if (typeof value === 'boolean') return `is ${value}`
  if (typeof value === 'object') return numberOf((value as { text: string }).text, type)
  return momentOf(value as string, type)
}

function numberOf(text: string, type: OracleColumn['type']): string {
  return `#${type === 'number' ? doubleText(Number(text)) : text}`
}

/** Parts of a day come without milliseconds. */
function momentOf(text: string, type: OracleColumn['type']): string {
  return type === 'timestamp' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) ? text.replace('Z', '.000Z') : text
}

/** As `toldOfJson` has what is right. */
export function told(value: Cell): Told {
  if (typeof value === 'boolean') return `is ${value}`
  const isNumber = typeof value === 'object' && value !== null && !('ms' in value)
  return isNumber ? `#${printed(value)}` : printed(value)
}

export function toldOfNdjson(body: Buffer, columns: OracleColumn[]): Told[][] {
  const lines = body.toString().split('\n').filter(Boolean)
  return toldOfJson(jsonAnswer(Buffer.from(`{"data":[${lines.join(',')}]}`)).data, columns)
}

/** CSV does not tell numbers, nulls and booleans from texts: `toldInCsv` says what is right in it. */
export function toldOfCsv(body: Buffer, columns: OracleColumn[]): Told[][] {
  const [header, ...rows] = Papa.parse<string[]>(body.toString().replace(/\n$/, ''), { newline: '\n' }).data
  if (header!.join() !== columns.map(({ name }) => name).join()) throw new Error(`other columns: ${header!.join()}`)
  return rows.map((row) =>
    row.map((text, at) => {
      const { type } = columns[at]!
      return type === 'number' && text !== '' ? doubleText(Number(text)) : momentOf(text, type)
    }),
  )
}

export function toldInCsv(value: Cell): Told {
  return printed(value) ?? ''
}

export async function toldOfParquet(bytes: Buffer, columns: OracleColumn[]): Promise<Told[][]> {
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
  const metadata = parquetMetadata(file)
  const scales = new Map<string, number>()
  for (const element of metadata.schema) {
    if (element.converted_type !== 'DECIMAL') continue
    scales.set(element.name, element.scale ?? 0)
    // The reader would make floats of them: it gives the stored whole numbers where it does not know what they are.
    delete element.converted_type
    delete element.logical_type
  }
  const zstd = new ZSTDDecoder()
  await zstd.init()
  const compressors = { ZSTD: (input: Uint8Array, length: number) => zstd.decode(input, length) }
  const rows = await parquetReadObjects({ file, metadata, compressors })
  return rows.map((row) => columns.map(({ name, type }) => toldOfStored(row[name], type, scales.get(name) ?? 0)))
}

function toldOfStored(value: unknown, type: OracleColumn['type'], scale: number): Told {
  if (value === null || value === undefined) return null
  if (typeof value === 'boolean') return `is ${value}`
  if (value instanceof Date) return value.toISOString().slice(0, type === 'date' ? 10 : undefined)
  if (value instanceof Uint8Array) return `#${decimalText(exact(signed(value), scale))}`
  if (type === 'number') return `#${doubleText(value as number)}`
  if (typeof value === 'bigint' || typeof value === 'number') return `#${decimalText(exact(BigInt(value), scale))}`
  return value as string
}

/** Big-endian, as Parquet stores decimals. */
function signed(bytes: Uint8Array): bigint {
  const unsigned = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
  return BigInt.asIntN(bytes.length * 8, unsigned)
}

/** Whether both are the same; rough doubles to a billionth of them. */
export function isSame(found: Told | undefined, right: Told, { isRough }: OracleColumn): boolean {
  if (found === right) return true
  if (!isRough || !found || !right) return false
  const [a, b] = [found, right].map((text) => Number(text.replace('#', ''))) as [number, number]
  return Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b))
}
