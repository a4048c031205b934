import { setImmediate as breathe } from 'node:timers/promises'
import { HeaderError } from '../mapping/source-header.js'
import { BrokenFileError } from '../formats/broken-file.error.js'
import type { RecordChunk, RecordSource } from '../formats/record-source.js'

/** Records are read in pieces of this size, of which only the last can be lost where the sample is cut. */
const CHUNK_BYTES = 128 * 1024
/** Types are told by these; more rows say nothing new. */
export const MAX_SAMPLE_ROWS = 100_000
/** A field is no plain value if so many records have elements, lists or objects in it. */
const STRUCTURED_SHARE = 0.05
/** As the readers of JSON and XML say it. */
const IS_STRUCTURED = /not text, a number, true or false|several keys|several times|elements inside/
/** A record of another table has so few of the values that others have. */
const SPARSE_SHARE = 0.25
const MAX_SPARSE_SHARE = 0.3

/** The records of a sample, column by column. */
export interface SampleTable {
  header: string[]
  /** texts of each field, row by row */
  columns: string[][]
  rows: number
  /** there is more of the file than was looked at */
  isCut: boolean
  /** records that were left out: of another shape, or broken */
  leftOut: number
  /** an example of what is wrong with one of those */
  leftOutReason?: string
  /** fields that are numbers by the format itself */
  numericFields: ReadonlySet<number>
  /** fields that are doubles by the format itself */
  doubleFields: ReadonlySet<number>
  /** fields whose values are no plain ones */
  structuredFields: ReadonlySet<number>
  /** columns of the file that have no plain values at all, with what they hold */
  unread: { name: string; holds: string }[]
}

/** Opens the sample anew each time. */
export type OpenRecords = () => Promise<RecordSource>

interface Reading {
  columns: string[][]
  leftOut: number
  leftOutReason?: string
  structured: Map<number, number>
  numeric: Set<number>
  isCut: boolean
}

/**
 * Reads all records of a sample. `isCut`: it is not the whole file, so that its last record may be half of one.
 * Throws HeaderError and BrokenFileError as the load does.
 */
export async function readSampleTable(open: OpenRecords, isCut: boolean, isJson: boolean): Promise<SampleTable> {
  const structured = new Set<number>()
  for (;;) {
    const source = await open()
    const own = source.header.slice(0, source.ownFields ?? source.header.length)
    const used = new Set([...own.keys()].filter((field) => !structured.has(field)))
    const reading = await readAll(source, own.length, used, isCut, isJson)
    const rows = (reading.columns[0]?.length ?? 0) + reading.leftOut
    const found = [...reading.structured].filter(([, count]) => count > rows * STRUCTURED_SHARE)
    if (found.length === 0) return tableOf(own, reading, structured)
    for (const [field] of found) structured.add(field)
  }
}

async function readAll(
  source: RecordSource,
  fields: number,
  used: Set<number>,
  isCut: boolean,
  isJson: boolean,
): Promise<Reading> {
  const columns: string[][] = Array.from({ length: fields }, () => [])
  const reading: Reading = { columns, leftOut: 0, structured: new Map(), numeric: new Set(), isCut }
  try {
    for await (const chunk of source.chunks({ chunkBytes: CHUNK_BYTES, used })) {
      take(chunk, reading)
      if (isJson && chunk.index === 0) reading.numeric = jsonNumbers(chunk, source.header)
      chunk.release()
      if (columns[0] && columns[0].length >= MAX_SAMPLE_ROWS) {
        reading.isCut = true
        break
      }
      await breathe()
    }
  } catch (error) {
    const isEndOfSample = isCut && (error instanceof HeaderError || error instanceof BrokenFileError)
    if (!isEndOfSample || !columns.some((texts) => texts.length > 0)) throw error
  }
  if (isCut) for (const texts of columns) if (texts.length > 1) texts.pop()
  return reading
}

function take(chunk: RecordChunk, reading: Reading): void {
  const whole: number[] = []
  for (let row = chunk.firstRow; row < chunk.firstRow + chunk.rows; row++) {
    const fault = chunk.fault(row)
    if (!fault) {
      whole.push(row)
      continue
    }
    reading.leftOut++
    reading.leftOutReason ??= fault.reason
    if (fault.field !== undefined && fault.field >= 0 && IS_STRUCTURED.test(fault.reason))
      reading.structured.set(fault.field, (reading.structured.get(fault.field) ?? 0) + 1)
  }
  const records = chunk.fields?.(whole) ?? []
  for (let row = 0; row < whole.length; row++)
    for (const [field, texts] of reading.columns.entries()) texts.push(records[row]?.[field] ?? '')
}

/** Fields that are JSON numbers in all records of a chunk that have them. */
function jsonNumbers(chunk: RecordChunk, header: string[]): Set<number> {
  const isNumber = new Map<string, boolean>()
  for (let row = chunk.firstRow; row < chunk.firstRow + Math.min(chunk.rows, 500); row++) {
    if (chunk.fault(row)) continue
    const record = JSON.parse(chunk.record(row).raw.toString('utf8')) as Record<string, unknown>
    for (const [name, value] of Object.entries(record))
      if (value !== null) isNumber.set(name, (isNumber.get(name) ?? true) && typeof value === 'number')
  }
  return new Set(header.flatMap((name, field) => (isNumber.get(name) ? [field] : [])))
}

function tableOf(header: string[], reading: Reading, structuredFields: Set<number>): SampleTable {
  const { columns, sparse } = withoutSparseRows(reading.columns)
  return {
    header,
    columns,
    rows: columns[0]?.length ?? 0,
    isCut: reading.isCut,
    leftOut: reading.leftOut + sparse,
    leftOutReason: reading.leftOutReason ?? (sparse > 0 ? 'most of its fields are empty' : undefined),
    numericFields: reading.numeric,
    doubleFields: new Set(),
    structuredFields,
    unread: [],
  }
}

/**
 * Records that have only a few fields of many, in a table whose records usually have most of them, are leftovers of
 * something else: totals, notes, other sheets.
 */
function withoutSparseRows(columns: string[][]): { columns: string[][]; sparse: number } {
  const rows = columns[0]?.length ?? 0
  const filled = new Uint16Array(rows)
  for (const texts of columns) for (let row = 0; row < rows; row++) if (texts[row] !== '') filled[row]!++
  const usual = median(filled)
  const limit = usual * SPARSE_SHARE
  if (usual < 4) return withoutRows(columns, filled, 0)
  const sparse = filled.filter((count) => count <= limit).length
  return withoutRows(columns, filled, sparse <= rows * MAX_SPARSE_SHARE ? limit : 0)
}

function withoutRows(columns: string[][], filled: Uint16Array, limit: number): { columns: string[][]; sparse: number } {
  const isKept = (_: string, row: number): boolean => filled[row]! > limit
  const sparse = filled.filter((count) => count <= limit).length
  return { columns: sparse === 0 ? columns : columns.map((texts) => texts.filter(isKept)), sparse }
}

function median(counts: Uint16Array): number {
  return counts.slice().sort()[counts.length >> 1] ?? 0
}
