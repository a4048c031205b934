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

/** What an upload's request says of its bytes. */
export interface ToldForm {
  format: Format | undefined
  compression: Compression | undefined
  /** as the caller named it */
  encoding: string | undefined
  /** of the content type, which clients may send without a look at the file */
  charset?: TextEncoding
}

/** Completes what was told of a spooled upload by its first bytes. `asked` is the format that the caller insists on. */
export async function tellForm(
  spool: Spool,
  id: string,
  told: ToldForm,
  asked: Format | undefined,
): Promise<UploadForm> {
  const named = told.encoding === undefined ? null : (encodingOfLabel(told.encoding) ?? null)
  const encoding = named ?? told.charset ?? null
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
  const declared = format === 'xml' && isAsciiWithin(encoding) ? declaredEncoding(head) : null
  return { format, compression, encoding: named ?? declared ?? encoding }
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
