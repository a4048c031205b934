import type { FileOptions } from '../../datasets/file-options.js'
import type { Format } from '../ingestion.js'
import { HeaderError, type WantedField } from '../mapping/source-header.js'
import type { StoredUploadSource } from '../uploads/stored-upload-source.js'
import { withHead } from './byte-source.js'
import { openCsv } from './csv/csv-source.js'
import { openJson, openNdjson } from './json/json-source.js'
import { skipSpace } from './json/json-bytes.js'
import { detectCompression, detectFormat } from './detect-format.js'
import { openParquetRecords } from './parquet/parquet-source.js'
import type { RecordSource } from './record-source.js'
import { readSample, withoutBom } from './sample.js'
import { readPastLines } from './skipped-lines.js'
import { encodingOfXml } from './xml/xml-parser.js'
import { openXml } from './xml/xml-source.js'

const BRACE = 0x7b
/** What a header does not begin with: `{id},name` is one. */
const JSON_OBJECT = /^\{\s*(["}]|$)/

/**
 * Opens a file of this format. `wanted` are the fields that the dataset and its mapping look for, for formats without a
 * header; `options` are those that the format has (fileOptionsFor). Throws HeaderError or BrokenFileError when the file
 * cannot be of the format.
 */
export async function openRecords(
  file: StoredUploadSource,
  format: Format,
  wanted: WantedField[],
  options: FileOptions = {},
): Promise<RecordSource> {
  if (format === 'parquet') return openParquetRecords(await file.wholeFile(), wanted)
  const { skipped, rest } = await readPastLines(file.source, options.skipLines ?? 0)
  const head = withoutBom(await readSample(rest))
  const text = head.subarray(skipSpace(head, 0, head.length))
  // Of nothing but blanks the format's own reader makes what it can.
  const problem = text.length > 0 ? formatMismatch(format, text) : undefined
  if (problem) throw new HeaderError(problem)
  const source = withHead(head, rest)
  const csv = { requiredDelimiter: options.delimiter, quote: options.quote, wanted, skipped }
  switch (format) {
    case 'csv':
      return openCsv(source, csv)
    case 'tsv':
      return openCsv(source, { ...csv, delimiter: '\t' })
    case 'json':
      return openJson(source, wanted)
    case 'ndjson':
      return openNdjson(source, wanted, skipped)
    case 'xml':
      // Says which encoding is not read before its bytes are refused for not being UTF-8.
      encodingOfXml(head)
      return openXml(source, wanted, options.recordElement)
  }
}

/** The sentence for a file that is not of the format that it was said to be; undefined when it may be. */
function formatMismatch(format: Format, head: Buffer): string | undefined {
  const found = detectFormat(head)
  const compression = detectCompression(head)
  const seems = (what: string): string =>
    `The file was sent as ${format}, but it seems to be ${what}. Nothing was loaded.`
  if (compression !== 'none') return seems(`compressed once more (${compression})`)
  if (found === format) return undefined
  const isTable = format === 'csv' || format === 'tsv'
  if (isTable && head[0] === BRACE && !JSON_OBJECT.test(head.toString('latin1', 0, 1024))) return undefined
  if (found === 'parquet' || found === 'xml') return seems(found === 'xml' ? 'XML' : 'Parquet')
  if ((isTable || format === 'xml') && found !== 'csv') return seems(found === 'json' ? 'JSON' : 'NDJSON')
  if (format === 'xml') return seems('CSV or other text')
  return undefined
}
