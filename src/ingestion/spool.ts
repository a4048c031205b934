import { Injectable } from '@nestjs/common'
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { AppError } from '../common/app-error.js'
import { createFolder } from '../common/create-folder.js'
import { Config } from '../config/config.js'
import type { Ingestion } from './ingestion.js'
import { openSpooled, type SpooledSource } from './spooled-source.js'

const WRITE_BUFFER_BYTES = 4 * 1024 * 1024

export interface SpooledFile {
  bytes: number
  sha256: string
}

/** Uploads on disk, from the moment they arrive until their job ends. All API and worker processes share the folder. */
@Injectable()
export class Spool {
  private readonly folder: string
  private readonly maxBytes: number
  private readonly maxDecompressedBytes: number

  constructor(config: Config) {
    this.folder = resolve(config.spoolDir ?? join(config.dataDir, 'spool'))
    this.maxBytes = config.maxUploadBytes
    this.maxDecompressedBytes = config.maxDecompressedBytes
  }

  /**
   * Writes the stream to disk; it is durable, and whole, when this resolves. On any failure nothing is left, also when
   * `check`, which is called behind the last byte, throws.
   */
  async write(id: string, stream: Readable, check: () => Promise<void>): Promise<SpooledFile> {
    await createFolder(this.folder, 0o700)
    const partial = `${this.path(id)}.part`
    try {
      const spooled = await this.copy(stream, partial)
      await check()
      await rename(partial, this.path(id))
      return spooled
    } catch (error) {
      stream.resume()
      await rm(partial, { force: true })
      throw spoolError(error)
    }
  }

  /** Throws AppError when the file is not there: a worker that does not see the API's folder. */
  async open(
    id: string,
    { compression, encoding }: Pick<Ingestion, 'compression' | 'encoding'>,
  ): Promise<SpooledSource> {
    const form = { compression, encoding: encoding ?? undefined, maxBytes: this.maxDecompressedBytes }
    return openSpooled(this.path(id), form).catch((error: unknown) => {
      if ((error as { code?: string }).code !== 'ENOENT') throw error
      const message = `The uploaded file is not in this process's SPOOL_DIR (${this.folder}).`
      throw new AppError('INTERNAL', message, { cause: error })
    })
  }

  async remove(id: string): Promise<void> {
    await rm(this.path(id), { force: true })
  }

  private async copy(stream: Readable, path: string): Promise<SpooledFile> {
    const hash = createHash('sha256')
    const { maxBytes } = this
    let bytes = 0
    // Not destroyed on failure: the caller is still to be answered over the connection that it came by.
    const source = stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>
    const measured = async function* (): AsyncGenerator<Buffer> {
      for await (const data of source) {
        bytes += data.length
        if (bytes > maxBytes) throw new AppError('PAYLOAD_TOO_LARGE', `An upload may have at most ${maxBytes} bytes.`)
        hash.update(data)
        yield data
      }
    }
    // `flush` syncs the file before it is closed. A deep buffer lets small reads leave in few large writes.
    const file = createWriteStream(path, { mode: 0o600, flush: true, highWaterMark: WRITE_BUFFER_BYTES })
    await pipeline(measured, file)
    return { bytes, sha256: hash.digest('hex') }
  }

  private path(id: string): string {
    return join(this.folder, `${id}.upload`)
  }
}

function spoolError(error: unknown): unknown {
  const { code, message } = error as { code?: string; message?: string }
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new AppError('INSUFFICIENT_STORAGE', 'There is no room on the disk for this upload.', { cause: error })
  }
  const isCutShort = code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE'
  // busboy's own words for a form without its last boundary
  if (isCutShort || /Unexpected end of (multipart data|form)|Part terminated early/.test(message ?? '')) {
    return new AppError('VALIDATION_FAILED', 'The upload broke off before its end.', { cause: error })
  }
  return error
}
