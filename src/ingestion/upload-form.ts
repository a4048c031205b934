import { detectCompression, detectFormat } from './formats/detection.js'
import { encodingOfLabel, type TextEncoding } from './formats/encodings.js'
import { readSample } from './formats/sample.js'
import type { Compression, Format } from './ingestion.js'
import type { Spool } from './spool.js'

/** How the bytes of a spooled upload are to be read. */
export interface UploadForm {
  format: Format
  compression: Compression
  encoding: TextEncoding | null
}

/** Completes what was told of a spooled upload by its first bytes. `asked` is the format that the caller insists on. */
export async function tellForm(
  spool: Spool,
  id: string,
  told: { format: Format | undefined; compression: Compression | undefined; encoding: string | undefined },
  asked: Format | undefined,
): Promise<UploadForm> {
  const encoding = told.encoding === undefined ? null : (encodingOfLabel(told.encoding) ?? null)
  const compression =
    told.compression ?? detectCompression(await headOf(spool, id, { compression: 'none', encoding: null }))
  if (told.format !== undefined && (asked !== undefined || told.format !== 'json'))
    return { format: told.format, compression, encoding }
  const found = detectFormat(await headOf(spool, id, { compression, encoding }))
  // Many write NDJSON into files that end in .json.
  const format = told.format === undefined || found === 'ndjson' ? found : told.format
  return { format, compression, encoding }
}

/** Empty when the file is broken: its job will say how. */
async function headOf(spool: Spool, id: string, form: Pick<UploadForm, 'compression' | 'encoding'>): Promise<Buffer> {
  const file = await spool.open(id, form)
  try {
    return await readSample(file.source)
  } catch {
    return Buffer.alloc(0)
  } finally {
    await file.close()
  }
}
