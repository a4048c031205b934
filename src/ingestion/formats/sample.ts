import type { ByteSource } from './byte-source.js'

const SAMPLE_BYTES = 1024 * 1024
const UTF8_BOM = Buffer.from([0xef, 0xbb, 0xbf])

/** A file's beginning: all of it when it is short. */
export async function readSample(source: ByteSource): Promise<Buffer> {
  const sample = Buffer.alloc(SAMPLE_BYTES)
  let size = 0
  for (let read = 1; read > 0 && size < SAMPLE_BYTES; size += read) read = await source.read(sample.subarray(size))
  return sample.subarray(0, size)
}

export function withoutBom(sample: Buffer): Buffer {
  return sample.subarray(0, 3).equals(UTF8_BOM) ? sample.subarray(3) : sample
}

/** Whether a sample is all of the file, or of what was left of it. */
export function isWholeFile(sample: Buffer): boolean {
  return sample.length < SAMPLE_BYTES
}
