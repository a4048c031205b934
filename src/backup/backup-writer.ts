import { createWriteStream } from 'node:fs'
import { mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { finished } from 'node:stream/promises'
import { pack, type Pack } from 'tar-stream'
import { BackupError } from './backup.errors.js'

/**
 * Where the files of a backup go: a folder, or a tar file when the path ends in `.tar`. Everything is written beside the
 * path, under the name with `.partial`, and renamed when it is whole.
 */
export abstract class BackupWriter {
  protected constructor(
    protected readonly path: string,
    protected readonly partial: string,
  ) {}

  /** Throws BackupError when the path is taken, or another backup is being written to it. */
  static async create(path: string): Promise<BackupWriter> {
    const exists = await stat(path).then(
      () => true,
      () => false,
    )
    if (exists) throw new BackupError(`${path} is there already. Choose another name.`)
    const partial = `${path}.partial`
    try {
      return path.endsWith('.tar') ? await TarWriter.open(path, partial) : await FolderWriter.open(path, partial)
    } catch (error) {
      throw explained(error, path, partial)
    }
  }

  abstract add(name: string, bytes: Buffer): Promise<void>
  protected abstract close(): Promise<void>

  /** Gives the backup its name: from now on it is whole. */
  async commit(): Promise<void> {
    await this.close()
    await rename(this.partial, this.path)
    await syncFolder(dirname(this.path))
  }

  /** Removes what was written. */
  async abort(): Promise<void> {
    await rm(this.partial, { recursive: true, force: true })
  }
}

class FolderWriter extends BackupWriter {
  private readonly folders = new Set<string>()

  static async open(path: string, partial: string): Promise<FolderWriter> {
    await mkdir(partial, { mode: 0o700 })
    return new FolderWriter(path, partial)
  }

  async add(name: string, bytes: Buffer): Promise<void> {
    const target = join(this.partial, name)
    await mkdir(dirname(target), { recursive: true, mode: 0o700 })
    this.folders.add(dirname(target))
    const file = await open(target, 'wx', 0o600)
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
  }

  protected async close(): Promise<void> {
    for (const folder of [...this.folders, this.partial]) await syncFolder(folder)
  }
}

class TarWriter extends BackupWriter {
  private readonly tar: Pack = pack()
  private readonly written: Promise<void>
  private last: Promise<void> = Promise.resolve()

  static async open(path: string, partial: string): Promise<TarWriter> {
    return new TarWriter(path, partial, await open(partial, 'wx', 0o600))
  }

  private constructor(path: string, partial: string, file: FileHandle) {
    super(path, partial)
    const target = createWriteStream('', { fd: file, flush: true })
    target.on('error', (error) => this.tar.destroy(error))
    this.written = finished(this.tar.pipe(target))
    // Told by the next `add`, or by the close.
    this.written.catch(() => undefined)
  }

  /** One file after the other: a tar file has no room for two at a time. */
  add(name: string, bytes: Buffer): Promise<void> {
    const added = this.last.then(() => this.append(name, bytes))
    this.last = added.catch(() => undefined)
    return added
  }

  override async abort(): Promise<void> {
    this.tar.destroy()
    await this.written.catch(() => undefined)
    await super.abort()
  }

  protected async close(): Promise<void> {
    await this.last
    this.tar.finalize()
    await this.written
  }

  private append(name: string, bytes: Buffer): Promise<void> {
    const entry = new Promise<void>((resolve, reject) => {
      this.tar.entry({ name, mode: 0o600 }, bytes, (error) => (error ? reject(error) : resolve()))
    })
    return Promise.race([entry, this.written])
  }
}

/** What a folder lists survives a power cut only when the folder itself was synced. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function explained(error: unknown, path: string, partial: string): unknown {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'EEXIST') {
    return new BackupError(`${partial} is there: another backup is writing it, or one was cut off. Remove it then.`)
  }
  if (code === 'ENOENT') return new BackupError(`The folder ${dirname(path)} does not exist.`)
  if (code === 'EACCES' || code === 'EROFS') return new BackupError(`${path} cannot be written: ${code}.`)
  return error
}
