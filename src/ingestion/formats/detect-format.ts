import { sniffByteOrderMark } from './encodings.js'

/** How the bytes of a file, as it came, are compressed. */
export type DetectedCompression = 'none' | 'gzip' | 'zstd'
/** `csv` stands for everything that is text of no other kind; which delimiter it has is for the CSV reader to find out. */
export type DetectedFormat = 'csv' | 'json' | 'ndjson' | 'xml' | 'parquet'

/** As many of a file's first bytes as are worth looking at. */
export const SNIFF_BYTES = 64 * 1024

const GZIP = Buffer.from([0x1f, 0x8b, 0x08])
const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd])
/** 0x184D2A50 to 0x184D2A5F, little-endian: a frame of zstd that holds no data, as pzstd and others put in front */
const ZSTD_SKIPPABLE = Buffer.from([0x2a, 0x4d, 0x18])
/** the beginning of `{"data": [...]}` */
const WRAPPED = /^\{\s*"data"\s*:/
const PARQUET = ['PAR1', 'PARE']

/** Tells the compression by the first bytes of a file. */
export function detectCompression(head: Buffer): DetectedCompression {
  if (startsWith(head, GZIP)) return 'gzip'
  const isSkippable = (head[0] ?? 0) >> 4 === 5 && startsWith(head.subarray(1), ZSTD_SKIPPABLE)
  return startsWith(head, ZSTD) || isSkippable ? 'zstd' : 'none'
}

/**
 * Tells the format by the first bytes of a file, decompressed, up to SNIFF_BYTES. JSON is an array, an object over
 * several lines, or `{"data": [...]}`; NDJSON has an object on each line, a single line included.
 * Throws BrokenFileError for UTF-32.
 */
export function detectFormat(head: Buffer): DetectedFormat {
  if (PARQUET.includes(head.toString('latin1', 0, 4))) return 'parquet'
  const text = textOf(head.subarray(0, SNIFF_BYTES)).trimStart()
  if (/^<[?!A-Za-z_:\u0080-\uffff]/.test(text)) return 'xml'
  if (text.startsWith('{')) return isNdjson(text) ? 'ndjson' : 'json'
  return /^\[\s*(\{|\]|$)/.test(text) ? 'json' : 'csv'
}

/** Only the outline matters here: ASCII characters must come out right. */
function textOf(head: Buffer): string {
  switch (sniffByteOrderMark(head)) {
    case 'utf-8':
      return head.toString('utf8', 3)
    case 'utf-16le':
      return head.toString('utf16le', 2)
    case 'utf-16be':
      return Buffer.from(head.subarray(2, head.length - (head.length % 2)))
        .swap16()
        .toString('utf16le')
    default:
      return head.toString('utf8')
  }
}

function isNdjson(text: string): boolean {
  const [first = '', second] = text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
  // One of the first two lines may be broken: that is for a reject.
  if (second?.startsWith('{') && first.endsWith('}')) return true
  const value = parsed(first)
  if (value !== undefined) return second !== undefined || !Array.isArray((value as { data?: unknown }).data)
  // An object over several lines, or one line that reaches beyond the sample.
  return second === undefined && first !== '{' && !WRAPPED.test(first)
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function startsWith(head: Buffer, magic: Buffer): boolean {
  return head.subarray(0, magic.length).equals(magic)
}
