import { HeaderError, type WantedField } from '../../mapping/source-header.js'
import { withHead, type ByteSource } from '../byte-source.js'
import { JsonArrayCutter } from './json-array-cutter.js'
import type { JsonCutOptions, JsonCutter } from './json-cutter.js'
import { LF, skipSpace } from './json-bytes.js'
import { INCOMPLETE, JsonScanner } from './json-scanner.js'
import { NdjsonCutter } from './ndjson-cutter.js'
import { csvInput, csvLine, type ChunkOptions, type RecordChunk, type RecordSource } from '../record-source.js'
import { headerOf, namesOf, withoutMissing } from '../record-names.js'
import { readBehindSpace, type FileHead } from '../file-head.js'
import { NO_SKIPPED_LINES } from '../skipped-lines.js'
import { isWholeFile } from '../sample.js'

/** The first record and what lies before it. */
interface Start {
  /** begins with the first record */
  sample: Buffer
  firstByte: number
  firstLine: number
}

/** Opens NDJSON: an object a line. Throws HeaderError when the beginning is none. */
export async function openNdjson(
  source: ByteSource,
  wanted: WantedField[],
  skipped = NO_SKIPPED_LINES,
): Promise<RecordSource> {
  const { sample, bytes, lineFeeds } = await readBehindSpace(source)
  const start = { sample, firstByte: skipped.bytes + bytes, firstLine: 1 + skipped.count + lineFeeds }
  const wholeLines = isWholeFile(sample) ? sample : sample.subarray(0, sample.lastIndexOf(LF) + 1)
  return openJsonRecords(source, start, wholeLines, wanted, (options) => new NdjsonCutter(options))
}

/** Opens an array of objects, or an object whose "data" is one. Throws HeaderError when the beginning is none. */
export async function openJson(source: ByteSource, wanted: WantedField[]): Promise<RecordSource> {
  const fileHead = await readBehindSpace(source)
  const array = findArray(fileHead)
  const { sample, bytes, lineFeeds } = await readBehindSpace(withHead(fileHead.sample.subarray(array.bytes), source))
  const start = {
    sample,
    firstByte: fileHead.bytes + array.bytes + bytes,
    firstLine: array.line + lineFeeds,
  }
  return openJsonRecords(
    source,
    start,
    sample,
    wanted,
    (options, isSample) => new JsonArrayCutter(options, array.isWrapped, isSample),
  )
}

/** `firstOnes` are the records by which the fields are told. */
async function openJsonRecords(
  source: ByteSource,
  { sample, ...where }: Start,
  firstOnes: Buffer,
  wanted: WantedField[],
  cutter: (options: JsonCutOptions, isSample: boolean) => JsonCutter,
): Promise<RecordSource> {
  const none = namesOf([], new Set())
  const firstCutter = cutter({ ...where, chunkBytes: firstOnes.length + 1, names: none, allNames: none }, true)
  const names = await namesInSample(firstCutter.chunks(withHead(firstOnes, { read: async () => 0 })))
  if (names.length === 0 && isWholeFile(sample)) throw new HeaderError('The file is empty: it has no records.')
  // When the first record is longer than the sample, it is for those behind it to have the fields.
  const { header, ownFields } = headerOf(names, names.length > 0 ? wanted : wanted.map(thatMayBeAbsent))
  return {
    header,
    ownFields,
    headerRecord: Buffer.from(csvLine(header)),
    input: csvInput(','),
    chunks: ({ chunkBytes, used, commaNumbers }: ChunkOptions) => {
      const all = new Set(header.keys())
      const names = { ...namesOf(header, used), commaNumbers }
      const records = cutter({ ...where, chunkBytes, names, allNames: namesOf(header, all) }, false)
      return withoutMissing(records.chunks(withHead(sample, source)), header, wanted, (field) => records.hasSeen(field))
    },
  }
}

/** The keys of the records that are whole, each list in the record's order. */
async function namesInSample(chunks: AsyncGenerator<RecordChunk>): Promise<string[][]> {
  const names: string[][] = []
  for await (const chunk of chunks) {
    for (let row = chunk.firstRow; row < chunk.firstRow + chunk.rows; row++) {
      if (!chunk.fault(row)) names.push(Object.keys(JSON.parse(chunk.record(row).raw.toString('utf8')) as object))
    }
    const { reason } = chunk.fault(chunk.firstRow) ?? {}
    if (names.length === 0) {
      throw new HeaderError(
        `No record at the file's beginning can be read; line ${chunk.record(chunk.firstRow).line}: ${reason}.`,
      )
    }
    chunk.release()
  }
  return names
}

function thatMayBeAbsent(field: WantedField): WantedField {
  return { ...field, mayBeAbsent: true }
}

/** Where the array of records begins: bytes of the sample up to behind its "[", and the line of the file. */
interface ArrayStart {
  bytes: number
  line: number
  /** the records are the "data" of an object */
  isWrapped: boolean
}

/** Finds the array of records in the file's beginning. */
function findArray({ sample, lineFeeds }: FileHead): ArrayStart {
  const scanner = new JsonScanner({ count: 0, fieldOf: () => -1 })
  const end = sample.length
  if (end === 0) throw new HeaderError('The file is empty.')
  const lineOf = (at: number): number => lineFeeds + sample.toString('latin1', 0, at).split('\n').length
  const startAt = (at: number, isWrapped: boolean): ArrayStart => ({
    bytes: at + 1,
    line: lineOf(at),
    isWrapped,
  })
  if (sample[0] === 0x5b) return startAt(0, false)
  if (sample[0] !== 0x7b) throw new HeaderError('The file is not JSON: it begins neither with "[" nor with "{".')
  const behindBrace = skipSpace(sample, 1, end)
  if (sample[behindBrace] === 0x7d) throw withoutArray(sample, behindBrace, behindBrace, scanner, lineOf)
  for (let at = 0; ;) {
    at = skipSpace(sample, at + 1, end)
    const keyEnd =
      sample[at] === 0x22 ? scanner.scanValue(sample, at, end) : at < end ? scanner.invalid(sample, at) : INCOMPLETE
    if (keyEnd < 0) throw withoutArray(sample, at, keyEnd, scanner, lineOf)
    const isData = JSON.parse(sample.toString('utf8', at, keyEnd)) === 'data'
    const colon = skipSpace(sample, keyEnd, end)
    const value = skipSpace(sample, colon + 1, end)
    if (value >= end) throw withoutArray(sample, at, INCOMPLETE, scanner, lineOf)
    if (isData && sample[value] === 0x5b) return startAt(value, true)
    if (isData) throw new HeaderError('The "data" of the file is not an array.')
    const behind = sample[colon] === 0x3a ? scanner.scanValue(sample, value, end, 2) : scanner.invalid(sample, colon)
    at = behind < 0 ? behind : skipSpace(sample, behind, end)
    if (at < 0 || sample[at] !== 0x2c) throw withoutArray(sample, at, behind, scanner, lineOf)
  }
}

function withoutArray(
  sample: Buffer,
  at: number,
  result: number,
  scanner: JsonScanner,
  lineOf: (at: number) => number,
): HeaderError {
  if (result === INCOMPLETE || at >= sample.length)
    return new HeaderError(
      'The file is JSON, but no array of records begins in its first MiB: it is cut off, or not an array.',
    )
  if (result < 0) {
    return new HeaderError(`The file is not valid JSON: ${scanner.problem} in line ${lineOf(scanner.problemAt)}.`)
  }
  const next = skipSpace(sample, at + 1, sample.length)
  return sample[next] === 0x7b
    ? new HeaderError('The file holds one JSON object behind another, which is NDJSON; send it with format=ndjson.')
    : new HeaderError(
        'The file is one JSON object without "data"; send an array of objects, {"data": [...]}, or NDJSON.',
      )
}
