import { constants, type BigIntStats } from 'node:fs'
import { open, readdir, realpath, stat, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { FolderLocation, FoundObject } from '../source.js'
import { SourceError, SourceUnreachableError, UnsettledObjectError } from '../source.errors.js'
import { fileProblem, isBelow, realPathBelow, sourcesRoot } from './folder-path.js'
import { isTemporaryName, matchesPattern } from './name-pattern.js'
import { baseName, type OpenedObject, type SourceReader } from './source-reader.js'

const READ_BYTES = 1024 * 1024
const PAGE_FILES = 1_000
const MAX_FILES = 100_000
/** A pipe that lies in the folder must not hold the run up, and a link that came in the meantime is not followed. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** The files of one folder below SOURCES_DIR, without those of folders in it. */
export class FolderReader implements SourceReader {
  constructor(
    private readonly sourcesDir: string,
    private readonly location: FolderLocation,
  ) {}

  /** Oldest first: a later file's rows replace an earlier one's. */
  async *list(): AsyncGenerator<FoundObject[]> {
    const root = await sourcesRoot(this.sourcesDir)
    const names = await this.names(root)
    const found: FoundObject[] = []
    for (const name of names) {
      const file = await this.look(root, name)
      if (file) found.push(file)
    }
    found.sort((a, b) => +a.modifiedAt! - +b.modifiedAt! || (a.location < b.location ? -1 : 1))
    for (let from = 0; from < found.length; from += PAGE_FILES) yield found.slice(from, from + PAGE_FILES)
  }

  async open({ location, version }: FoundObject): Promise<OpenedObject | undefined> {
    const root = await sourcesRoot(this.sourcesDir)
    const real = await realPathBelow(root, location)
    const file = await open(real, OPEN_FLAGS).catch((error: unknown) => {
      throw new SourceError(fileProblem(location, error), error)
    })
    try {
      const stats = await this.verified(root, real, file)
      if (versionOf(stats) !== version) throw new UnsettledObjectError()
      return opened(location, file, stats)
    } catch (error) {
      await file.close()
      throw error
    }
  }

  close(): void {
    return
  }

  private async names(root: string): Promise<string[]> {
    const { path, pattern } = this.location
    const folder = await realPathBelow(root, path)
    const names = await readdir(folder).catch((error: unknown) => {
      const isFile = (error as NodeJS.ErrnoException).code === 'ENOTDIR'
      throw new SourceUnreachableError(isFile ? `"${path}" is not a folder.` : fileProblem(path, error), error)
    })
    const wanted = names.filter((name) => !isTemporaryName(name) && (pattern === null || matchesPattern(name, pattern)))
    if (wanted.length <= MAX_FILES) return wanted
    throw new SourceUnreachableError(
      `The folder has more than ${MAX_FILES} files; move those that are loaded away, or set a pattern.`,
    )
  }

  /** undefined for what is no file, is gone, or leads out. */
  private async look(root: string, name: string): Promise<FoundObject | undefined> {
    const { path } = this.location
    const location = path === '' ? name : `${path}/${name}`
    const real = await realpath(join(root, location)).catch(() => undefined)
    if (real === undefined || !isBelow(root, real)) return undefined
    const stats = await stat(real, { bigint: true }).catch(() => undefined)
    return stats?.isFile() ? foundOf(location, stats) : undefined
  }

  /** A folder on the way may have become a link between the look at the path and the opening: then it is another file. */
  private async verified(root: string, real: string, file: FileHandle): Promise<BigIntStats> {
    const stats = await file.stat({ bigint: true })
    const again = await realpath(real).catch(() => '')
    const there = isBelow(root, again) ? await stat(again, { bigint: true }).catch(() => undefined) : undefined
    if (!stats.isFile() || there?.ino !== stats.ino || there.dev !== stats.dev) throw new UnsettledObjectError()
    return stats
  }
}

function opened(location: string, file: FileHandle, stats: BigIntStats): OpenedObject {
  const found = foundOf(location, stats)
  const stream = file.createReadStream({ highWaterMark: READ_BYTES, autoClose: false })
  return {
    found,
    fileName: baseName(location),
    contentType: '',
    expectedBytes: Number(stats.size),
    stream,
    ensureWhole: async () => {
      const now = await file.stat({ bigint: true })
      if (versionOf(now) !== found.version || BigInt(stream.bytesRead) !== stats.size) throw new UnsettledObjectError()
    },
    close: async () => {
      stream.destroy()
      await file.close()
    },
  }
}

function foundOf(location: string, stats: BigIntStats): FoundObject {
  return {
    location,
    size: Number(stats.size),
    etag: null,
    modifiedAt: new Date(Number(stats.mtimeMs)),
    version: versionOf(stats),
    // The time of the inode too: a copy that keeps times sets them when it is done, or before.
    writtenAt: new Date(Number(stats.mtimeMs > stats.ctimeMs ? stats.mtimeMs : stats.ctimeMs)),
  }
}

function versionOf({ size, mtimeNs, ino }: BigIntStats): string {
  return `${size}-${mtimeNs}-${ino}`
}
