import type { Quote } from '../../../datasets/file-options.js'
import { DELIMITER_ADVICE, isDelimiter } from '../../../datasets/parse-file-options.js'
import { HeaderError, type WantedField } from '../../mapping/source-header.js'
import { withHead, type ByteSource } from '../byte-source.js'
import type { CsvChunk, ShapeFault } from './csv-chunk.js'
import { csvChunks } from './csv-cutter.js'
import { firstRecord, guessDelimiter, isBroken, separatorLine } from './csv-delimiter.js'
import { parseRecords, type CsvSyntax } from './csv-fields.js'
import { csvInput, MAX_FIELDS, TOO_LONG, type Fault, type RecordChunk, type RecordSource } from '../record-source.js'
import { readBehindEmptyLines, type FileHead } from '../file-head.js'
import { carriageReturnsAlone, NO_SKIPPED_LINES, type SkippedLines } from '../skipped-lines.js'

/** A CSV file's beginning, from its header on. */
interface Start extends FileHead {
  /** declared by a line before the header */
  delimiter?: string
}

export interface CsvOptions {
  /** Unless a first line such as `sep=;` names another; left out: the header tells. */
  delimiter?: string
  /** the one that was asked for, whatever a first line names */
  requiredDelimiter?: string
  /** `"` when left out */
  quote?: Quote
  /** what was read of the file before */
  skipped?: SkippedLines
  /** what the dataset and its mapping look for in the header */
  wanted?: WantedField[]
}

/**
 * Reads the header, and the delimiter from it unless that is declared. Throws HeaderError when the stream is empty or its
 * first record cannot be a header.
 */
export async function openCsv(source: ByteSource, csvOptions: CsvOptions = {}): Promise<RecordSource> {
  const { wanted, quote = '"', skipped = NO_SKIPPED_LINES } = csvOptions
  const start = await readStart(source, skipped)
  const { sample, bytes, lineFeeds } = start
  refuseBinary(sample)
  const delimiter =
    csvOptions.requiredDelimiter ??
    start.delimiter ??
    csvOptions.delimiter ??
    (await guessDelimiter(sample, quote, wanted))
  if (!isDelimiter(delimiter)) throw new HeaderError(`The first line names a delimiter, which ${DELIMITER_ADVICE}.`)
  const syntax = { delimiter, quote }
  const head = await headerOf(sample, syntax)
  const headerBytes = head.record(1).raw
  const header = parseRecords([headerBytes], syntax)[0] ?? []
  if (header.length > MAX_FIELDS)
    throw new HeaderError(`The header has ${header.length} columns; at most ${MAX_FIELDS} are allowed.`)
  const options = {
    ...syntax,
    fields: header.length,
    firstLine: lineFeeds + sample.subarray(0, head.bytesEnd).toString('latin1').split('\n').length,
    firstByte: bytes + head.bytesEnd,
  }
  const rest = withHead(sample.subarray(head.bytesEnd), source)
  // The rejected records are read again without those that were accepted: their header must tell the same delimiter.
  const isFound =
    (csvOptions.requiredDelimiter ?? csvOptions.delimiter) === delimiter ||
    (start.delimiter === undefined && (await guessDelimiter(headerBytes, quote, wanted)) === delimiter)
  const separator = Buffer.from(isFound ? '' : `sep=${delimiter}\n`)
  return {
    header,
    headerRecord: Buffer.concat([skipped.text, separator, headerBytes]),
    input: csvInput(delimiter, quote),
    chunks: ({ chunkBytes }) => recordChunks(csvChunks(rest, { ...options, chunkBytes }), syntax),
  }
}

/** Reads past empty lines, and past a line that tells the delimiter; the first of the skipped lines may tell it too. */
async function readStart(source: ByteSource, skipped: SkippedLines): Promise<Start> {
  const fileHead = await readBehindEmptyLines(source)
  const line = separatorLine(fileHead.sample)
  const before = { bytes: skipped.bytes + fileHead.bytes, lineFeeds: skipped.count + fileHead.lineFeeds }
  if (!line) return { ...before, sample: fileHead.sample, delimiter: separatorLine(skipped.text)?.delimiter }
  const behind = await readBehindEmptyLines(withHead(fileHead.sample.subarray(line.bytes), source))
  return {
    delimiter: line.delimiter,
    sample: behind.sample,
    bytes: before.bytes + line.bytes + behind.bytes,
    lineFeeds: before.lineFeeds + 1 + behind.lineFeeds,
  }
}

async function* recordChunks(chunks: AsyncGenerator<CsvChunk>, syntax: CsvSyntax): AsyncGenerator<RecordChunk> {
  for await (const chunk of chunks) {
    yield {
      ...chunk,
      quote: syntax.quote,
      fault: (row) => shapeFault(chunk.faults.get(row)),
      fields: (rows) =>
        parseRecords(
          rows.map((row) => chunk.record(row).raw),
          syntax,
        ),
    }
  }
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
    throw carriageReturnsAlone()
  }
}

async function headerOf(sample: Buffer, syntax: CsvSyntax): Promise<CsvChunk> {
  const head = await firstRecord(sample, syntax)
  if (!head) throw new HeaderError('The file is empty.')
  if (isBroken(head)) throw new HeaderError('The first line is not a header: its quotes or its length are broken.')
  return head
}
