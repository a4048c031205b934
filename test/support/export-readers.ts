import { tableFromIPC, DataType, type Field } from 'apache-arrow'
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import Papa from 'papaparse'
import { ZSTDDecoder } from 'zstddec'
import { exactRows } from './query-oracle.js'

/** A row as its values: texts, dates as YYYY-MM-DD, null, or `#` and an exact number. */
type Row = (string | null)[]

/** Reads each kind of export with a reader that is not ours. CSV does not tell numbers and nulls from texts. */
export const EXPORT_READERS: Record<string, (bytes: Buffer) => Promise<Row[]> | Row[]> = {
  'text/csv': (bytes) => Papa.parse<string[]>(bytes.toString().replace(/\n$/, ''), { newline: '\n' }).data.slice(1),
  'application/x-ndjson': (bytes) => {
    const lines = bytes.toString().split('\n').filter(Boolean)
    return exactRows(`{"data":[${lines.join(',')}]}`).map(({ values }) => values)
  },
  'application/vnd.apache.parquet': parquetRows,
  'application/vnd.apache.arrow.stream': arrowRows,
}

async function parquetRows(bytes: Buffer): Promise<Row[]> {
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
  return rows.map((row) => Object.entries(row).map(([name, value]) => valueText(value, scales.get(name))))
}

function arrowRows(bytes: Buffer): Row[] {
  const table = tableFromIPC(bytes)
  return table.toArray().map((row) => table.schema.fields.map((field) => arrowText(row[field.name], field)))
}

function arrowText(value: unknown, { type }: Field): string | null {
  if (value === null) return null
  if (DataType.isDate(type)) return valueText(new Date(Number(value)))
  if (!DataType.isDecimal(type)) return valueText(value)
  // 32-bit words, the lowest first
  const words = [...(value as Uint32Array)].reverse()
  const unsigned = words.reduce((sum, word) => (sum << 32n) | BigInt(word), 0n)
  return valueText(BigInt.asIntN(words.length * 32, unsigned), type.scale)
}

function valueText(value: unknown, scale = 0): string | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'string') return value
  if (value instanceof Date) return value.toISOString().slice(0, 10)
  if (value instanceof Uint8Array) return decimalText(signed(value), scale)
  if (typeof value === 'bigint' || Number.isInteger(value)) return decimalText(BigInt(value as number), scale)
  throw new Error(`no exact value: ${JSON.stringify(value)}`)
}

/** Big-endian, as Parquet stores decimals. */
function signed(bytes: Uint8Array): bigint {
  const unsigned = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
  return BigInt.asIntN(bytes.length * 8, unsigned)
}

function decimalText(value: bigint, scale: number): string {
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0')
  const fraction = scale === 0 ? '' : digits.slice(-scale).replace(/0+$/, '')
  const whole = scale === 0 ? digits : digits.slice(0, -scale)
  return `#${value < 0n ? '-' : ''}${whole}${fraction && `.${fraction}`}`
}
