const MAGIC = Buffer.from('28b52ffd', 'hex')
/** no checksum, no size, a window of 128 KiB */
const HEADER = Buffer.from([0, 7 << 3])
const BLOCK_BYTES = 128 * 1024

/** A zstd frame that stores its bytes as they are: the format without a compressor. */
export function zstdStored(data: Buffer): Buffer {
  const parts: Buffer[] = [MAGIC, HEADER]
  for (let at = 0; at === 0 || at < data.length; at += BLOCK_BYTES) {
    const block = data.subarray(at, at + BLOCK_BYTES)
    const header = Buffer.alloc(3)
    header.writeUIntLE((block.length << 3) | Number(at + BLOCK_BYTES >= data.length), 0, 3)
    parts.push(header, block)
  }
  return Buffer.concat(parts)
}
