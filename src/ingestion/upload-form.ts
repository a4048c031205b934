import { detectCompression, detectFormat } from './formats/detect-format.js'
import { encodingOfLabel, type TextEncoding } from './formats/encodings.js'
import { readBehindSpace } from './formats/opening.js'
import { encodingOfXml } from './formats/xml-parser.js'
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
  const isCertain =
    told.format !== undefined && (asked !== undefined || told.format !== 'json') && told.format !== 'xml'
  if (isCertain) return { format: told.format!, compression, encoding }
  const head = await headOf(spool, id, { compression, encoding })
  const found = detectFormat(head)
  // Many write NDJSON into files that end in .json.
  const isNdjson = asked === undefined && told.format === 'json' && found === 'ndjson'
  const format = told.format === undefined || isNdjson ? found : told.format
  return { format, compression, encoding: encoding ?? (format === 'xml' ? declaredEncoding(head) : null) }
}

/** null for one that cannot be read too: the job will say so. */
function declaredEncoding(head: Buffer): TextEncoding | null {
  try {
    return encodingOfXml(head) ?? null
  } catch {
    return null
  }
}

/** Behind blanks. Empty when the file is broken: its job will say how. */
async function headOf(spool: Spool, id: string, form: Pick<UploadForm, 'compression' | 'encoding'>): Promise<Buffer> {
  const file = await spool.open(id, form)
  try {
    return (await readBehindSpace(file.source)).sample
  } catch {
    return Buffer.alloc(0)
  } finally {
    await file.close()
  }
}
