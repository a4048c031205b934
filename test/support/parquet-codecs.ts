import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { varint } from './parquet-encodings.js'
import { zstdStored } from './zstd.js'

/** Compression codecs of Parquet by their numbers; LZO is read by nobody. */
export const CODECS = { UNCOMPRESSED: 0, SNAPPY: 1, GZIP: 2, BROTLI: 4, LZ4: 5, ZSTD: 6, LZ4_RAW: 7 } as const
export type Codec = keyof typeof CODECS

const MIN_MATCH = 4
/** the last bytes of an LZ4 block are literals, and no match begins in the last twelve */
const LZ4_LAST_LITERALS = 5
const LZ4_NO_MATCH_IN_LAST = 12

export function compress(codec: Codec, data: Buffer): Buffer {
  switch (codec) {
    case 'UNCOMPRESSED':
      return data
    case 'SNAPPY':
      return snappy(data)
    case 'GZIP':
      return gzipSync(data, { level: 1 })
    case 'BROTLI':
      return brotliCompressSync(data, { params: { [constants.BROTLI_PARAM_QUALITY]: 2 } })
    case 'ZSTD':
      return zstdStored(data)
    case 'LZ4_RAW':
      return lz4Block(data)
    case 'LZ4':
      return hadoopLz4(data)
  }
}

/** Hadoop's frame: length of what comes out, length of what is stored, both big-endian, then a block. */
function hadoopLz4(data: Buffer): Buffer {
  const block = lz4Block(data)
  const lengths = Buffer.alloc(8)
  lengths.writeUInt32BE(data.length)
  lengths.writeUInt32BE(block.length, 4)
  return Buffer.concat([lengths, block])
}

interface Sequence {
  literals: Buffer
  match?: { offset: number; length: number }
}

/** Greedy, with a table of where four bytes were last. */
function sequences(data: Buffer, noMatchInLast: number, lastLiterals: number): Sequence[] {
  const found: Sequence[] = []
  const last = new Map<number, number>()
  let from = 0
  for (let at = 0; at + noMatchInLast < data.length;) {
    const key = data.readUInt32LE(at)
    const before = last.get(key)
    last.set(key, at)
    if (before === undefined || at - before > 65_535) {
      at++
      continue
    }
    let length = MIN_MATCH
    while (at + length < data.length - lastLiterals && data[at + length] === data[before + length]) length++
    found.push({ literals: data.subarray(from, at), match: { offset: at - before, length } })
    at += length
    from = at
  }
  found.push({ literals: data.subarray(from) })
  return found
}

function lz4Block(data: Buffer): Buffer {
  const rest = (length: number): Buffer =>
    length < 15
      ? Buffer.alloc(0)
      : Buffer.concat([Buffer.alloc(Math.floor((length - 15) / 255), 255), Buffer.from([(length - 15) % 255])])
  const parts = sequences(data, LZ4_NO_MATCH_IN_LAST, LZ4_LAST_LITERALS).flatMap(({ literals, match }) => {
    const matchLength = match ? match.length - MIN_MATCH : 0
    const token = (Math.min(literals.length, 15) << 4) | Math.min(matchLength, 15)
    const head = [Buffer.from([token]), rest(literals.length), literals]
    if (!match) return head
    return [...head, Buffer.from([match.offset & 255, match.offset >> 8]), rest(matchLength)]
  })
  return Buffer.concat(parts)
}

function snappy(data: Buffer): Buffer {
  const parts = [varint(data.length)]
  for (const { literals, match } of sequences(data, MIN_MATCH, 0)) {
    if (literals.length > 0) parts.push(snappyLiterals(literals.length), literals)
    for (let left = match?.length ?? 0; left > 0; left -= 64)
      parts.push(Buffer.from([((Math.min(left, 64) - 1) << 2) | 2, match!.offset & 255, match!.offset >> 8]))
  }
  return Buffer.concat(parts)
}

function snappyLiterals(length: number): Buffer {
  if (length <= 60) return Buffer.from([(length - 1) << 2])
  const bytes = Buffer.alloc(5)
  bytes[0] = 63 << 2
  bytes.writeUInt32LE(length - 1, 1)
  return bytes
}
