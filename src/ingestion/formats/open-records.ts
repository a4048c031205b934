import type { Format } from '../ingestion.js'
import { HeaderError, type WantedField } from '../rows/source-header.js'
import type { ByteSource } from './byte-source.js'
import { openCsv } from './csv-source.js'
import { openJson, openNdjson } from './json-source.js'
import type { RecordSource } from './record-source.js'

/**
 * Opens a decompressed file of this format. `wanted` are the fields that the dataset and its mapping look for, for
 * formats without a header. Throws HeaderError when the file cannot be of the format.
 */
export async function openRecords(source: ByteSource, format: Format, wanted: WantedField[]): Promise<RecordSource> {
  switch (format) {
    case 'csv':
      return openCsv(source)
    case 'tsv':
      return openCsv(source, '\t')
    case 'json':
      return openJson(source, wanted)
    case 'ndjson':
      return openNdjson(source, wanted)
    default:
      throw new HeaderError(`Files of format ${format} cannot be read yet.`)
  }
}
