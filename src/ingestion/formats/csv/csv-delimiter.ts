import type { Quote } from '../../../datasets/file-options.js'
import { comparable } from '../../../common/comparable-name.js'
import { HeaderError, type WantedField } from '../../mapping/source-header.js'
import { withHead } from '../byte-source.js'
import type { CsvChunk } from './csv-chunk.js'
import { csvChunks } from './csv-cutter.js'
import { parseRecords, type CsvSyntax } from './csv-fields.js'

/** Where nothing tells them apart the first one is taken. */
const CANDIDATES = [',', ';', '\t', '|']
const SAMPLE_BYTES = 64 * 1024
const SAMPLE_RECORDS = 20

/** `sep=;` on a line of its own, as Excel writes and reads it; other programs add more delimiters, or quotes. */
const SEPARATOR_LINE = /^(?:"sep=([^"\r\n])"|sep=([^"\r\n]))(.*?)\r?(?:\n|$)/i

export interface SeparatorLine {
  delimiter: string
  /** with its line end */
  bytes: number
}

/** The first line when it says which delimiter the file has. Throws HeaderError when that cannot be one. */
export function separatorLine(sample: Buffer): SeparatorLine | undefined {
  const found = SEPARATOR_LINE.exec(sample.toString('latin1', 0, 64))
  if (!found) return undefined
  const delimiter = found[1] ?? found[2]!
  const filling = found[3]!.replaceAll(delimiter, '')
  if (delimiter > '\x7e') {
    if (!/^[\x80-\xff]*$/.test(filling)) return undefined
    throw new HeaderError('The first line names a delimiter that is not one ASCII character, such as sep=; or sep=,.')
  }
  return filling.trim() === '' ? { delimiter, bytes: found[0].length } : undefined
}

/** How the header looks when a delimiter is assumed. */
interface Reading extends CsvSyntax {
  fields: number
  score: number[]
}

/**
 * The delimiter that the header has: the one with which it has most of the names that are looked for, then one that it is
 * cut by at all and that leaves no quote inside of a name. Only between equals it counts how the records behind it look.
 */
export async function guessDelimiter(sample: Buffer, quote: Quote = '"', wanted: WantedField[] = []): Promise<string> {
  const names = new Set(wanted.map(({ name }) => comparable(name)))
  const readings: Reading[] = []
  for (const delimiter of CANDIDATES) readings.push(...(await readingOf(sample, { delimiter, quote }, names)))
  const best = bestOf(readings)
  if (best.length < 2) return best[0]?.delimiter ?? ','
  for (const reading of best) reading.score = [await shareOfWhole(sample, reading), reading.fields]
  return bestOf(best)[0]!.delimiter
}

/** Nothing where the header's quotes are broken with it. */
async function readingOf(sample: Buffer, syntax: CsvSyntax, names: Set<string>): Promise<Reading[]> {
  const head = await firstRecord(sample, syntax)
  if (!head || isBroken(head)) return []
  const header = parseRecords([head.record(1).raw], syntax)[0] ?? []
  const known = new Set(header.map(comparable).filter((name) => names.has(name))).size
  const strayQuote = new RegExp(`^[^${syntax.quote}]+${syntax.quote}|${syntax.quote}[^${syntax.quote}]+$`)
  const hasStrayQuote = syntax.quote !== 'none' && header.some((name) => strayQuote.test(name.trim()))
  return [{ ...syntax, fields: header.length, score: [known, hasStrayQuote ? 0 : 1, header.length > 1 ? 1 : 0] }]
}

function bestOf(readings: Reading[]): Reading[] {
  const [first, ...others] = readings
  return others.reduce(
    (best, reading) => {
      const order = compare(reading.score, best[0]!.score)
      return order > 0 ? [reading] : order === 0 ? [...best, reading] : best
    },
    first ? [first] : [],
  )
}

function compare(one: number[], other: number[]): number {
  const at = one.findIndex((value, index) => value !== other[index])
  return at < 0 ? 0 : one[at]! - other[at]!
}

/** The share of the first records, the header included, that have as many fields as the header. */
async function shareOfWhole(sample: Buffer, { delimiter, quote, fields }: Reading): Promise<number> {
  const head = sample.subarray(0, SAMPLE_BYTES)
  const options = { delimiter, quote, fields, chunkBytes: SAMPLE_BYTES + 1, maxRecordBytes: SAMPLE_BYTES }
  for await (const chunk of csvChunks(sourceOf(head), options)) {
    // The sample may end within its last record.
    const whole = sample.length > head.length && chunk.rows > 1 ? chunk.rows - 1 : chunk.rows
    const looked = Math.min(whole, SAMPLE_RECORDS)
    const faults = [...chunk.faults.keys()].filter((row) => row <= looked)
    return (looked - faults.length) / looked
  }
  return 0
}

/** The record that the sample begins with; undefined when it has none. */
export async function firstRecord(sample: Buffer, syntax: CsvSyntax): Promise<CsvChunk | undefined> {
  const chunks = csvChunks(sourceOf(sample), { ...syntax, fields: 1, chunkBytes: 1 })
  for await (const chunk of chunks) return chunk
  return undefined
}

/** Whether a first record cannot be a header. */
export function isBroken(head: CsvChunk): boolean {
  const fault = head.faults.get(1)
  return fault !== undefined && fault.kind !== 'ragged'
}

function sourceOf(sample: Buffer): ReturnType<typeof withHead> {
  return withHead(sample, { read: async () => 0 })
}
