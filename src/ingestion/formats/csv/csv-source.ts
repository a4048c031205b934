import Papa from 'papaparse'
import { HeaderError } from '../rows/source-header.js'
import { withHead, type ByteSource } from './byte-source.js'
import { csvChunks, type CsvChunk, type ShapeFault } from './csv-chunks.js'
import { csvInput, MAX_FIELDS, TOO_LONG, type Fault, type RecordChunk, type RecordSource } from './record-source.js'
import { readBehindEmptyLines } from './opening.js'

/**
 * Reads the header, and the delimiter from the first records unless `delimiter` names it. Throws HeaderError when the
 * stream is empty or its first record cannot be a header.
 */
export async function openCsv(source: ByteSource, delimiter?: string): Promise<RecordSource> {
  const { sample, bytes, lineFeeds } = await readBehindEmptyLines(source)
  refuseBinary(sample)
  const separator = delimiter ?? guessDelimiter(sample)
  const head = await firstRecord(sample, separator)
  const headerBytes = head.record(1).raw
  const header = parseRecords([headerBytes], separator)[0] ?? []
  if (header.length > MAX_FIELDS)
    throw new HeaderError(`The header has ${header.length} columns; at most ${MAX_FIELDS} are read.`)
  const options = {
    delimiter: separator,
    fields: header.length,
    firstLine: lineFeeds + sample.subarray(0, head.bytesEnd).toString('latin1').split('\n').length,
    firstByte: bytes + head.bytesEnd,
  }
  const rest = withHead(sample.subarray(head.bytesEnd), source)
  return {
    header,
    headerRecord: headerBytes,
    input: csvInput(separator),
    chunks: ({ chunkBytes }) => recordChunks(csvChunks(rest, { ...options, chunkBytes }), separator),
  }
}

async function* recordChunks(chunks: AsyncGenerator<CsvChunk>, delimiter: string): AsyncGenerator<RecordChunk> {
  for await (const chunk of chunks) {
    yield {
      ...chunk,
      fault: (row) => shapeFault(chunk.faults.get(row)),
      fields: (rows) =>
        parseRecords(
          rows.map((row) => chunk.record(row).raw),
          delimiter,
        ),
    }
  }
}

/** The records' fields, as papaparse reads them; in one call, since it costs more to start than to read a record. */
export function parseRecords(records: Buffer[], delimiter: string): string[][] {
  const lines = records.map((raw) => `${raw.toString('utf8')}\n`)
  return Papa.parse<string[]>(lines.join(''), { delimiter, newline: '\n' }).data
}

function shapeFault(fault: ShapeFault | undefined): Fault | undefined {
  switch (fault?.kind) {
    case 'ragged':
      return { reason: `expected ${fault.expected} fields, found ${fault.found}` }
    case 'unclosed-quote':
      return { reason: 'a quoted field is not closed' }
    case 'text-after-quote':
      return { reason: 'there is text after a closing quote' }
    case 'bare-carriage-return':
      return { reason: 'a carriage return outside quotes is not followed by a line feed' }
    case 'too-long':
      return { reason: TOO_LONG }
    case undefined:
      return undefined
  }
}

const ZIP = Buffer.from([0x50, 0x4b, 0x03, 0x04])

/** Says what a file that cannot be text seems to be. */
function refuseBinary(sample: Buffer): void {
  if (sample.subarray(0, ZIP.length).equals(ZIP)) {
    throw new HeaderError('The file is a zip archive (or an Excel workbook); send the file in it, or export it as CSV.')
  }
  const lineEnd = sample.indexOf(0x0a)
  const firstLine = sample.subarray(0, lineEnd < 0 ? sample.length : lineEnd)
  if (firstLine.includes(0)) throw new HeaderError('The file is not text: its first line has a NUL byte.')
  if (lineEnd < 0 && firstLine.includes(0x0d)) {
    throw new HeaderError('The lines of the file end in carriage returns alone; save it with line feeds.')
  }
}

function guessDelimiter(sample: Buffer): string {
  const text = sample.subarray(0, 64 * 1024).toString('utf8')
  const { meta } = Papa.parse(text, { delimitersToGuess: [',', ';', '\t', '|'], preview: 20 })
  return meta.delimiter || ','
}

async function firstRecord(sample: Buffer, delimiter: string): Promise<CsvChunk> {
  const chunks = csvChunks(withHead(sample, { read: async () => 0 }), { delimiter, fields: 1, chunkBytes: 1 })
  for await (const chunk of chunks) {
    const fault = chunk.faults.get(1)
    if (fault && fault.kind !== 'ragged')
      throw new HeaderError('The first line is not a header: its quotes or its length are broken.')
    return chunk
  }
  throw new HeaderError('The file is empty.')
}
