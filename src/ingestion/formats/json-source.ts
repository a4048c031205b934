import { HeaderError, type WantedField } from '../rows/source-header.js'
import { withHead, type ByteSource } from './byte-source.js'
import { JsonArrayCutter } from './json-array-cutter.js'
import type { JsonCutOptions, JsonCutter } from './json-cutter.js'
import { INCOMPLETE, JsonScanner, skipSpace } from './json-scanner.js'
import { NdjsonCutter } from './ndjson-cutter.js'
import { csvInput, csvLine, type ChunkOptions, type RecordChunk, type RecordSource } from './record-source.js'
import { headerOf, namesOf, withoutMissing } from './record-names.js'
import { readSample, withoutBom } from './sample.js'

/** What lies before the first record. */
interface Start {
  bytes: number
  line: number
  /** the records are the "data" of an object */
  isWrapped: boolean
}

/** Opens NDJSON: an object a line. Throws HeaderError when the beginning is none. */
export async function openNdjson(source: ByteSource, wanted: WantedField[]): Promise<RecordSource> {
  const sample = withoutBom(await readSample(source))
  const start = { bytes: 0, line: 1, isWrapped: false }
  return openJsonRecords(source, sample, start, wanted, (options) => new NdjsonCutter(options))
}

/** Opens an array of objects, or an object whose "data" is one. Throws HeaderError when the beginning is none. */
export async function openJson(source: ByteSource, wanted: WantedField[]): Promise<RecordSource> {
  const sample = withoutBom(await readSample(source))
  const start = findArray(sample)
  return openJsonRecords(
    source,
    sample,
    start,
    wanted,
    (options, isSample) => new JsonArrayCutter(options, start.isWrapped, isSample),
  )
}

async function openJsonRecords(
  source: ByteSource,
  sample: Buffer,
  start: Start,
  wanted: WantedField[],
  cutter: (options: JsonCutOptions, isSample: boolean) => JsonCutter,
): Promise<RecordSource> {
  const head = sample.subarray(start.bytes)
  const where = { firstLine: start.line, firstByte: start.bytes }
  const none = namesOf([], new Set())
  const firstOnes = cutter({ ...where, chunkBytes: head.length + 1, names: none, allNames: none }, true)
  const names = await namesInSample(firstOnes.chunks(withHead(head, { read: async () => 0 })))
  const { header, ownFields } = headerOf(names, wanted)
  return {
    header,
    ownFields,
    headerRecord: Buffer.from(csvLine(header)),
    input: csvInput(','),
    chunks: ({ chunkBytes, used }: ChunkOptions) => {
      const all = new Set(header.keys())
      const names = namesOf(header, used)
      const records = cutter({ ...where, chunkBytes, names, allNames: namesOf(header, all) }, false)
      return withoutMissing(records.chunks(withHead(head, source)), header, wanted, (field) => records.hasSeen(field))
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
  if (names.length === 0) throw new HeaderError('The file is empty: it has no records.')
  return names
}

/** Finds the array of records in the file's beginning. */
function findArray(sample: Buffer): Start {
  const scanner = new JsonScanner({ count: 0, fieldOf: () => -1 })
  const end = sample.length
  const first = skipSpace(sample, 0, end)
  if (first === end) throw new HeaderError('The file is empty.')
  const startAt = (at: number, isWrapped: boolean): Start => ({
    bytes: at + 1,
    line: sample.toString('latin1', 0, at).split('\n').length,
    isWrapped,
  })
  if (sample[first] === 0x5b) return startAt(first, false)
  if (sample[first] !== 0x7b) throw new HeaderError('The file is not JSON: it begins neither with "[" nor with "{".')
  for (let at = first; ;) {
    at = skipSpace(sample, at + 1, end)
    const keyEnd =
      sample[at] === 0x22 ? scanner.scanValue(sample, at, end) : at < end ? scanner.invalid(sample, at) : INCOMPLETE
    if (keyEnd < 0) throw withoutArray(sample, at, keyEnd, scanner)
    const isData = JSON.parse(sample.toString('utf8', at, keyEnd)) === 'data'
    const colon = skipSpace(sample, keyEnd, end)
    const value = skipSpace(sample, colon + 1, end)
    if (value >= end) throw withoutArray(sample, at, INCOMPLETE, scanner)
    if (isData && sample[value] === 0x5b) return startAt(value, true)
    if (isData) throw new HeaderError('The "data" of the file is not an array.')
    const behind = sample[colon] === 0x3a ? scanner.scanValue(sample, value, end, 2) : scanner.invalid(sample, colon)
    at = behind < 0 ? behind : skipSpace(sample, behind, end)
    if (at < 0 || sample[at] !== 0x2c) throw withoutArray(sample, at, behind, scanner)
  }
}

function withoutArray(sample: Buffer, at: number, result: number, scanner: JsonScanner): HeaderError {
  if (result === INCOMPLETE || at >= sample.length)
    return new HeaderError(
      'The file is JSON, but no array of records begins in its first MiB: it is cut off, or not an array.',
    )
  if (result < 0) {
    const line = sample.toString('latin1', 0, scanner.problemAt).split('\n').length
    return new HeaderError(`The file is not valid JSON: ${scanner.problem} in line ${line}.`)
  }
  const next = skipSpace(sample, at + 1, sample.length)
  return sample[next] === 0x7b
    ? new HeaderError('The file holds one JSON object behind another, which is NDJSON; send it with format=ndjson.')
    : new HeaderError(
        'The file is one JSON object without "data"; send an array of objects, {"data": [...]}, or NDJSON.',
      )
}
