import { detectCompression, detectFormat, type DetectedFormat } from '../formats/detect-format.js'
import { encodingOfLabel, type TextEncoding } from '../formats/encodings.js'
import { readBehindSpace } from '../formats/file-head.js'
import { readPastLines } from '../formats/skipped-lines.js'
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
  /** lines that are no part of the table, as the upload says; and where it does not, as its dataset does */
  skipLines?: number
  usualSkipLines?: number
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
  const found = await formatOf(head, declared, (lines) => headOf(storage, id, { compression, encoding }, lines))
  // Many write NDJSON into files that end in .json.
  const isNdjson = required === undefined && declared.format === 'json' && found === 'ndjson'
  const format = declared.format === undefined || isNdjson ? found : declared.format
  const xmlEncoding = format === 'xml' && isAsciiWithin(encoding) ? declaredEncoding(head) : null
  return { format, compression, encoding: named ?? xmlEncoding ?? encoding }
}

/** What stands in skipped lines says nothing; but Parquet has no lines, and what a dataset usually skips need not be there. */
async function formatOf(
  head: Buffer,
  { format, skipLines, usualSkipLines = 0 }: DeclaredFileType,
  headBehind: (lines: number) => Promise<Buffer>,
): Promise<DetectedFormat> {
  const found = detectFormat(head)
  const lines = skipLines ?? (found === 'csv' ? usualSkipLines : 0)
  if (format !== undefined || found === 'parquet' || lines === 0) return found
  return detectFormat(await headBehind(lines))
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

/** Behind skipped lines and blanks. Empty when the file is broken: its job will say how. */
async function headOf(
  storage: UploadStorage,
  id: string,
  form: Pick<FileType, 'compression' | 'encoding'>,
  skipLines = 0,
): Promise<Buffer> {
  const file = await storage.open(id, form)
  try {
    const { rest } = await readPastLines(file.source, skipLines)
    return (await readBehindSpace(rest)).sample
  } catch {
    return Buffer.alloc(0)
  } finally {
    await file.close()
  }
}
