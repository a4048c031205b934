import { detectCompression, detectFormat } from '../formats/detect-format.js'
import { encodingOfLabel, type TextEncoding } from '../formats/encodings.js'
import { readBehindSpace } from '../formats/file-head.js'
import { encodingOfXml } from '../formats/xml/xml-parser.js'
import type { Compression, Format } from '../ingestion.js'
import type { UploadStorage } from './upload-storage.js'

/** How the bytes of a stored upload are to be read. */
export interface FileType {
  format: Format
  compression: Compression
  encoding: TextEncoding | null
}

/** What an upload's request says of its bytes. */
export interface DeclaredFileType {
  format: Format | undefined
  compression: Compression | undefined
  /** as the caller named it */
  encoding: string | undefined
  /** of the content type, which clients may send without a look at the file */
  charset?: TextEncoding
}

/** Completes what was declared of a stored upload by its first bytes. `required` is the format that the caller insists on. */
export async function detectFileType(
  storage: UploadStorage,
  id: string,
  declared: DeclaredFileType,
  required: Format | undefined,
): Promise<FileType> {
  const named = declared.encoding === undefined ? null : (encodingOfLabel(declared.encoding) ?? null)
  const encoding = named ?? declared.charset ?? null
  const compression =
    declared.compression ?? detectCompression(await headOf(storage, id, { compression: 'none', encoding: null }))
  const isCertain =
    declared.format !== undefined && (required !== undefined || declared.format !== 'json') && declared.format !== 'xml'
  if (isCertain) return { format: declared.format!, compression, encoding }
  const head = await headOf(storage, id, { compression, encoding })
  const found = detectFormat(head)
  // Many write NDJSON into files that end in .json.
  const isNdjson = required === undefined && declared.format === 'json' && found === 'ndjson'
  const format = declared.format === undefined || isNdjson ? found : declared.format
  const xmlEncoding = format === 'xml' && isAsciiWithin(encoding) ? declaredEncoding(head) : null
  return { format, compression, encoding: named ?? xmlEncoding ?? encoding }
}

/** Whether text of the encoding can be read as ASCII as far as it is: in UTF-16 a declaration says nothing new. */
function isAsciiWithin(encoding: TextEncoding | null): boolean {
  return encoding !== 'utf-16le' && encoding !== 'utf-16be'
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
async function headOf(
  storage: UploadStorage,
  id: string,
  form: Pick<FileType, 'compression' | 'encoding'>,
): Promise<Buffer> {
  const file = await storage.open(id, form)
  try {
    return (await readBehindSpace(file.source)).sample
  } catch {
    return Buffer.alloc(0)
  } finally {
    await file.close()
  }
}
