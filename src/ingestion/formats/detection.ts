import type { Compression, Format } from '../ingestion.js'

const GZIP = Buffer.from([0x1f, 0x8b])
const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd])
const PARQUET = Buffer.from('PAR1')

/** What the first bytes of an upload say about its compression. */
export function detectCompression(head: Buffer): Compression {
  if (startsWith(head, GZIP)) return 'gzip'
  return startsWith(head, ZSTD) || isSkippableFrame(head) ? 'zstd' : 'none'
}

/** What the first bytes of a decompressed file, as UTF-8, say about its format; CSV when they say nothing. */
export function detectFormat(head: Buffer): Format {
  if (startsWith(head, PARQUET)) return 'parquet'
  const text = head
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '')
    .trimStart()
  if (/^<[?!A-Za-z_]/.test(text)) return 'xml'
  if (/^\[\s*(?:[{\]]|$)/.test(text)) return 'json'
  if (/^\{\s*(?:["}]|$)/.test(text)) return isLineOfNdjson(text) ? 'ndjson' : 'json'
  return 'csv'
}

/** The file begins with a whole object on one line, which is not one around an array of records. */
function isLineOfNdjson(text: string): boolean {
  const lineEnd = text.indexOf('\n')
  try {
    const value = JSON.parse(lineEnd < 0 ? text : text.slice(0, lineEnd)) as { data?: unknown }
    return !Array.isArray(value.data) || text.slice(lineEnd).trimStart().startsWith('{')
  } catch {
    return false
  }
}

/** zstd: 0x184D2A50 to 5F, little endian; tools put one before the data. */
function isSkippableFrame(head: Buffer): boolean {
  return head.length >= 4 && head.readUInt32LE(0) >>> 4 === 0x184d2a5
}

function startsWith(head: Buffer, magic: Buffer): boolean {
  return head.subarray(0, magic.length).equals(magic)
}

/** The sentence for a file that is not of the format that it was said to be; undefined when it may be. */
export function contradiction(format: Format, head: Buffer): string | undefined {
  const found = detectFormat(head)
  const compression = detectCompression(head)
  const seems = (what: string): string =>
    `The file was sent as ${format}, but it seems to be ${what}. Nothing was loaded.`
  if (compression !== 'none') return seems(`compressed once more (${compression})`)
  if (format === 'parquet' && found !== 'parquet') return 'The file is not a Parquet file: it does not begin with PAR1.'
  if (found === format) return undefined
  if (found === 'parquet' || found === 'xml') return seems(found === 'xml' ? 'XML' : 'Parquet')
  if (['csv', 'tsv', 'xml'].includes(format) && found !== 'csv') return seems(found === 'json' ? 'JSON' : 'NDJSON')
  if (format === 'xml') return seems('CSV or other text')
  return undefined
}
