import { open, type FileHandle } from 'node:fs/promises'
import { FileError } from '../api-errors.js'
import { whyUnreadable } from '../usage-error.js'
import type { UploadFile } from '../send-file.js'

/** The server looks at the first 4 MiB of text; in UTF-16 that are 8, and a byte order mark is none of it. */
const SAMPLE_BYTES = 9 * 1024 * 1024
const READ_BYTES = 1024 * 1024
const TEXT_FILE = /\.(csv|tsv|tab|json|ndjson|jsonl|xml)(\.(gz|zst))?$/i
/** What Parquet, gzip and zstd begin with. */
const HEADS = [Buffer.from('PAR1'), Buffer.from([0x1f, 0x8b]), Buffer.from([0x28, 0xb5, 0x2f, 0xfd])]

/** Opens a file and sends its beginning, or all of it where it may be Parquet, whose schema is at the end. Throws FileError. */
export async function sendSample<T>(
  path: string,
  format: string | undefined,
  send: (sample: UploadFile) => Promise<T>,
): Promise<T> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    throw new FileError(whyUnreadable(path, error))
  })
  try {
    const entry = await file.stat()
    if (entry.isDirectory()) throw new FileError(`${path}: is a folder; name one file of it`)
    const { size } = entry
    if (size === 0) throw new FileError(`${path} is empty: there is nothing to infer from`)
    const sizeBytes = (await isWholeNeeded(file, path, format)) ? size : Math.min(size, SAMPLE_BYTES)
    const range = { start: 0, end: sizeBytes - 1, autoClose: false, highWaterMark: READ_BYTES }
    return await send({ sizeBytes, stream: file.createReadStream(range) as AsyncIterable<Buffer> })
  } finally {
    await file.close()
  }
}

async function isWholeNeeded(file: FileHandle, path: string, format: string | undefined): Promise<boolean> {
  if (format !== undefined) return format === 'parquet'
  if (TEXT_FILE.test(path)) return false
  const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0)
  return HEADS.some((head) => buffer.subarray(0, head.length).equals(head))
}
