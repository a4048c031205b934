import type { Format } from '../ingestion.js'
import type { ByteSource } from './byte-source.js'
import { openCsv } from './csv-source.js'
import type { RecordSource } from './record-source.js'

/** Opens a decompressed file of this format. Throws HeaderError when it cannot be one. */
export async function openRecords(source: ByteSource, format: Format): Promise<RecordSource> {
  return openCsv(source, format === 'tsv' ? '\t' : undefined)
}
