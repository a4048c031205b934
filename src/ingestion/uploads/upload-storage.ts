import { Injectable } from '@nestjs/common'
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { readdir, rename, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { v7 as uuidv7 } from 'uuid'
import { AppError } from '../../common/errors/app-error.js'
import { createFolder } from '../../common/create-folder.js'
import { Config } from '../../config/config.js'
import { DiskSpace, type Room } from './disk-space.js'
import { UploadNotFoundError } from '../ingestion.errors.js'
import type { IngestionEntity } from '../ingestion.entity.js'
import { openStoredUpload, type StoredUploadSource } from './stored-upload-source.js'

const WRITE_BUFFER_BYTES = 4 * 1024 * 1024

export interface StoredUpload {
  bytes: number
  sha256: string
}

/** A file of the folder: a whole upload, or with `writer` one that is being written. */
export interface StorageEntry {
  name: string
  id: string
  changedAt: Date
  writer?: { host: string; pid: number; isThisProcess: boolean }
}

/** Tells the files of this process from those of an earlier one with the same process id, as containers have it. */
const WRITER = uuidv7()
/** A form is longer than the file in it. */
const FORM_OVERHEAD_BYTES = 1024 * 1024

/** Uploads on disk, from the moment they arrive until their job ends. All API and worker processes share the folder. */
@Injectable()
export class UploadStorage {
  private readonly folder: string
  private readonly maxBytes: number
  private readonly disk: DiskSpace
  private readonly maxDecompressedBytes: number

  constructor(config: Config) {
    this.folder = resolve(config.spoolDir ?? join(config.dataDir, 'spool'))
    this.maxBytes = config.maxUploadBytes
    this.disk = new DiskSpace(this.folder, config.spoolReserveBytes)
    this.maxDecompressedBytes = config.maxDecompressedBytes
  }

  /**
   * Writes the stream to disk; it is durable, and whole, when this resolves. On any failure nothing is left, also when
   * `check`, which is called behind the last byte, throws. `expectedBytes` is what the request announced.
   */
  async write(id: string, stream: Readable, check: () => Promise<void>, expectedBytes?: number): Promise<StoredUpload> {
    await createFolder(this.folder, 0o700)
    const partial = join(this.folder, `${id}.${hostname()}.${process.pid}.${WRITER}.part`)
    let room: Room | undefined
    try {
      if ((expectedBytes ?? 0) > this.maxBytes + FORM_OVERHEAD_BYTES) throw tooLarge(this.maxBytes)
      room = await this.disk.enter(expectedBytes)
      const stored = await this.copy(stream, partial, room)
      await check()
      await rename(partial, this.path(id))
      return stored
    } catch (error) {
      stream.resume()
      await rm(partial, { force: true })
      throw storageError(error, room)
    } finally {
      room?.leave()
    }
  }

  /** What lies in the folder, as far as it is ours. */
  async list(): Promise<StorageEntry[]> {
    const names = await readdir(this.folder).catch(() => [])
    const entries = names.map(async (name): Promise<StorageEntry | undefined> => {
      const match = /^([0-9a-f-]{36})\.(?:upload|(.+)\.(\d+)\.([0-9a-f-]{36})\.part)$/.exec(name)
      const stats = match && (await stat(join(this.folder, name)).catch(() => undefined))
      if (!stats) return undefined
      const [, id, host, pid, writer] = match
      const entry = { name, id: id!, changedAt: stats.mtime }
      return host ? { ...entry, writer: { host, pid: Number(pid), isThisProcess: writer === WRITER } } : entry
    })
    return (await Promise.all(entries)).filter((entry) => entry !== undefined)
  }

  async removeFile(name: string): Promise<void> {
    await rm(join(this.folder, name), { force: true })
  }

  /** Throws UploadNotFoundError when the file is not there: a worker that does not see the API's folder. */
  async open(
    id: string,
    { compression, encoding }: Pick<IngestionEntity, 'compression' | 'encoding'>,
  ): Promise<StoredUploadSource> {
    const form = { compression, encoding: encoding ?? undefined, maxBytes: this.maxDecompressedBytes }
    return openStoredUpload(this.path(id), form).catch((error: unknown) => {
      if ((error as { code?: string }).code !== 'ENOENT') throw error
      throw new UploadNotFoundError(error)
    })
  }

  async remove(id: string): Promise<void> {
    await rm(this.path(id), { force: true })
  }

  private async copy(stream: Readable, path: string, room: Room): Promise<StoredUpload> {
    const hash = createHash('sha256')
    const { maxBytes } = this
    let bytes = 0
    // Not destroyed on failure: the caller is still to be answered over the connection that it came by.
    const source = stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>
    const measured = async function* (): AsyncGenerator<Buffer> {
      for await (const data of source) {
        bytes += data.length
        if (bytes > maxBytes) throw tooLarge(maxBytes)
        await room.wrote(data.length)
        hash.update(data)
        yield data
      }
    }
    // `flush` syncs the file before it is closed. A deep buffer lets small reads leave in few large writes.
    const file = createWriteStream(path, { mode: 0o600, flush: true, highWaterMark: WRITE_BUFFER_BYTES })
    try {
      await pipeline(measured, file)
    } catch (error) {
      // Its opening may still be under way on a busy disk, and would make the file anew behind its removal.
      if (!file.closed) await new Promise<void>((closed) => file.once('close', () => closed()))
      throw error
    }
    return { bytes, sha256: hash.digest('hex') }
  }

  private path(id: string): string {
    return join(this.folder, `${id}.upload`)
  }
}

const NO_ROOM = 'There is no room on the disk. Free space in SPOOL_DIR, or send a smaller file.'

function tooLarge(maxBytes: number): AppError {
  return new AppError('PAYLOAD_TOO_LARGE', `An upload may have at most ${maxBytes} bytes.`)
}

function storageError(error: unknown, room: Room | undefined): unknown {
  const { code, message } = error as { code?: string; message?: string }
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return room?.full() ?? new AppError('INSUFFICIENT_STORAGE', NO_ROOM, { cause: error })
  }
  const isCutShort = code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE'
  // busboy's own words for a form without its last boundary
  if (isCutShort || /Unexpected end of (multipart data|form)|Part terminated early/.test(message ?? '')) {
    return new AppError('VALIDATION_FAILED', 'The upload broke off before its end.', { cause: error })
  }
  return error
}
