import { parseRecords } from '../formats/csv/csv-fields.js'

const DELIMITERS = [';', ',', '\t', '|']
const MAX_PREAMBLE_LINES = 30
const LOOKED_AT_LINES = 80
const LOOKED_AT_BYTES = 256 * 1024
/** A table of two columns looks like the lines before it. */
const MIN_FIELDS = 3

/**
 * How many lines stand before the header of a CSV file that are no part of the table, as banks write the account and the
 * period above it: 0 unless the lines behind them all have more than twice as many fields.
 */
export function preambleLines(sample: Buffer): number {
  const lines = sample.toString('utf8', 0, LOOKED_AT_BYTES).split('\n').slice(0, LOOKED_AT_LINES)
  if (/^\ufeff?"?sep=/i.test(lines[0] ?? '')) return 0
  if (DELIMITERS.some((delimiter) => isTableFromTheTop(delimiter, lines))) return 0
  const found = DELIMITERS.map((delimiter) => preambleWith(delimiter, lines))
  // The delimiter of the table is the one that cuts its lines into the most fields.
  return found.reduce((best, each) => (each.fields > best.fields ? each : best)).lines
}

/** The first line has as many fields as most lines, and more than one. */
function isTableFromTheTop(delimiter: string, lines: string[]): boolean {
  const counts = lines.filter((line) => line.trim() !== '').map((line) => fieldsOf(line, delimiter))
  return (counts[0] ?? 0) > 1 && counts.filter((count) => count === counts[0]).length * 2 > counts.length
}

function preambleWith(delimiter: string, lines: string[]): { lines: number; fields: number } {
  const counts = lines.map((line) => (line.trim() === '' ? 0 : fieldsOf(line, delimiter)))
  const fields = mostCommon(counts.filter((count) => count > 0))
  const none = { lines: 0, fields }
  if (fields < MIN_FIELDS || counts[0]! * 2 > fields) return none
  const header = counts.findIndex((count, at) => count === fields && counts[at + 1] === fields)
  const isAbove = header > 0 && header <= MAX_PREAMBLE_LINES
  const isClear = isAbove && counts.slice(0, header).every((count) => count * 2 <= fields)
  return isClear ? { lines: header, fields } : none
}

function fieldsOf(line: string, delimiter: string): number {
  return parseRecords([Buffer.from(line.replace(/\r$/, ''))], { delimiter, quote: '"' })[0]?.length ?? 0
}

function mostCommon(counts: number[]): number {
  const times = new Map<number, number>()
  for (const count of counts) times.set(count, (times.get(count) ?? 0) + 1)
  return [...times].sort((one, other) => other[1] - one[1])[0]?.[0] ?? 0
}

/** The bytes behind so many line feeds. */
export function behindLines(sample: Buffer, lines: number): Buffer {
  let at = 0
  for (let line = 0; line < lines; line++) at = sample.indexOf(0x0a, at) + 1
  return sample.subarray(at)
}
