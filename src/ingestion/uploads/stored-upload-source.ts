import { createReadStream } from 'node:fs'
import { open, unlink, type FileHandle } from 'node:fs/promises'
import { pipeline as pipelineOf } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { fileSource, streamSource, type ByteSource } from '../formats/byte-source.js'
import { BrokenFileError } from '../formats/broken-file.error.js'
import { sniffByteOrderMark, toUtf8, type TextEncoding } from '../formats/encodings.js'
import { unzstd } from '../formats/zstd.js'
import type { Compression } from '../ingestion.js'

const READ_BYTES = 1024 * 1024
const MARK_BYTES = 4

/** An upload opened for reading, decompressed. */
export interface StoredUploadSource {
  /** for formats that are read from front to back: text as UTF-8 */
  source: ByteSource
  /** for formats that are read from the end: the decompressed file */
  wholeFile(): Promise<FileHandle>
  /** bytes of the upload, as it came, that were read so far */
  bytesRead(): number
  close(): Promise<void>
}

export interface StoredFileForm {
  compression: Compression
  /** undefined: told by a byte order mark, else UTF-8 */
  encoding: TextEncoding | undefined
  /** a file that decompresses to more is refused: it may have no end */
  maxBytes: number
}

/** Opens the file at `path`. Throws what opening a file throws. */
export async function openStoredUpload(path: string, form: StoredFileForm): Promise<StoredUploadSource> {
  const file = await open(path)
  try {
    return form.compression === 'none' ? await openPlain(file, path, form) : openCompressed(file, path, form)
  } catch (error) {
    await file.close()
    throw error
  }
}

/** UTF-8 is read straight into the reader's memory. */
async function openPlain(file: FileHandle, path: string, { encoding }: StoredFileForm): Promise<StoredUploadSource> {
  const head = Buffer.alloc(MARK_BYTES)
  const { bytesRead } = await file.read(head, 0, MARK_BYTES, 0)
  const marked = sniffByteOrderMark(head.subarray(0, bytesRead))
  const wholeFile = async (): Promise<FileHandle> => file
  if ((marked ?? encoding ?? 'utf-8') === 'utf-8') {
    const source = fileSource(file)
    return { source, wholeFile, bytesRead: () => source.bytesRead, close: () => file.close() }
  }
  const stream = createReadStream(path, { highWaterMark: READ_BYTES })
  const source = streamSource(toUtf8(stream as AsyncIterable<Buffer>, encoding))
  const close = async (): Promise<void> => {
    stream.destroy()
    await file.close()
  }
  return { source, wholeFile, bytesRead: () => stream.bytesRead, close }
}

function openCompressed(file: FileHandle, path: string, form: StoredFileForm): StoredUploadSource {
  const stream = file.createReadStream({ highWaterMark: READ_BYTES })
  let temporary: FileHandle | undefined
  const bytes = limited(decompressed(stream as AsyncIterable<Buffer>, form.compression), form.maxBytes)
  return {
    source: streamSource(toUtf8(bytes, form.encoding)),
    wholeFile: async (): Promise<FileHandle> => {
      temporary ??= await unpacked(bytes, path)
      return temporary
    },
    bytesRead: () => stream.bytesRead,
    close: async () => {
      stream.destroy()
      await temporary?.close()
    },
  }
}

async function* decompressed(stream: AsyncIterable<Buffer>, compression: Compression): AsyncGenerator<Buffer> {
  if (compression === 'zstd') {
    yield* unzstd(stream)
    return
  }
  try {
    const unzipped = pipelineOf(stream, createGunzip({ chunkSize: READ_BYTES }), () => undefined)
    for await (const data of unzipped) yield data as Buffer
  } catch (error) {
    throw brokenGzip(error) ?? error
  }
}

async function* limited(stream: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Buffer> {
  let bytes = 0
  for await (const data of stream) {
    bytes += data.length
    if (bytes > maxBytes)
      throw new BrokenFileError(`The file decompresses to more than ${maxBytes} bytes (MAX_DECOMPRESSED_BYTES).`)
    yield data
  }
}

/** A file beside the upload that has lost its name at once, so that nothing is left of it however the process ends. */
async function unpacked(bytes: AsyncIterable<Buffer>, path: string): Promise<FileHandle> {
  const name = `${path}.${process.pid}.plain`
  const file = await open(name, 'w+', 0o600)
  await unlink(name)
  try {
    for await (const data of bytes) await file.writeFile(data)
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}

/** zlib's error codes begin with Z_. */
function brokenGzip(error: unknown): BrokenFileError | undefined {
  const { code } = error as { code?: unknown }
  if (typeof code !== 'string' || !code.startsWith('Z_')) return undefined
  return new BrokenFileError('The gzip data is broken or ends too early; nothing was loaded.', error)
}
