import { createReadStream } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { extract, type Entry } from 'tar-stream'
import { MANIFEST, parseManifest, sha256, type BackupManifest, type StoredFile } from './backup-manifest.js'
import { BackupError } from './backup.errors.js'

/** What files of a backup are called; whatever else lies there is none. */
const FILE_NAME = /^(?:manifest\.json|(?:postgres|clickhouse)\/[\w-]+\.\d+\.tsv\.gz)$/
/** Far above a piece of rows. */
const MAX_FILE_BYTES = 1024 ** 3

interface BackupFile {
  name: string
  bytes: Buffer
}

/** A backup to be read: a folder, or a tar file. */
export class BackupReader {
  private constructor(
    private readonly path: string,
    private readonly isTar: boolean,
  ) {}

  static async open(path: string): Promise<BackupReader> {
    const stats = await stat(path).catch(() => undefined)
    if (!stats) throw new BackupError(`${path} does not exist.`)
    return new BackupReader(path, !stats.isDirectory())
  }

  /** Reads all of it, and compares each file with the manifest. Throws BackupError where they differ. */
  async verify(signal: AbortSignal): Promise<BackupManifest> {
    const found = new Map<string, { bytes: number; sha256: string }>()
    let manifest: BackupManifest | undefined
    for await (const { name, bytes } of this.readAll()) {
      signal.throwIfAborted()
      if (name === MANIFEST) manifest = parseManifest(bytes.toString('utf8'))
      else found.set(name, { bytes: bytes.length, sha256: sha256(bytes) })
    }
    if (!manifest) {
      throw new BackupError(`${this.path} has no ${MANIFEST}: it is no backup of Countinghouse, or not all of one.`)
    }
    compare(manifest, found)
    return manifest
  }

  /** The files with rows, in an order in which they can be loaded. */
  async *files(manifest: BackupManifest): AsyncGenerator<StoredFile & { content: Buffer }> {
    const stored = new Map(manifest.files.map((file) => [file.name, file]))
    for await (const { name, bytes } of this.isTar ? this.readTar() : this.readNamed([...stored.keys()])) {
      const file = stored.get(name)
      if (!file) continue
      if (sha256(bytes) !== file.sha256) throw new BackupError(`${name} was changed while it was read.`)
      yield { ...file, content: bytes }
    }
  }

  private async *readAll(): AsyncGenerator<BackupFile> {
    if (this.isTar) yield* this.readTar()
    else yield* this.readNamed(await this.namesInFolder())
  }

  private async namesInFolder(): Promise<string[]> {
    const entries = await readdir(this.path, { recursive: true, withFileTypes: true })
    const files = entries.filter((entry) => !entry.isDirectory())
    return files.map(({ parentPath, name }) => relative(this.path, join(parentPath, name)))
  }

  private async *readNamed(names: string[]): AsyncGenerator<BackupFile> {
    for (const name of names) {
      requireName(name)
      const path = join(this.path, name)
      const { size } = await stat(path)
      requireSize(name, size)
      yield { name, bytes: await readFile(path) }
    }
  }

  private async *readTar(): AsyncGenerator<BackupFile> {
    const entries = extract()
    const file = createReadStream(this.path, { highWaterMark: 1024 ** 2 })
    file.on('error', (error) => entries.destroy(error))
    file.pipe(entries)
    try {
      for await (const entry of entries as AsyncIterable<Entry>) {
        const { name, size = 0 } = entry.header
        requireName(name)
        requireSize(name, size)
        yield { name, bytes: await buffer(entry) }
      }
    } catch (error) {
      throw brokenTar(error, this.path)
    } finally {
      file.destroy()
    }
  }
}

function compare({ files }: BackupManifest, found: Map<string, { bytes: number; sha256: string }>): void {
  for (const { name, bytes, sha256 } of files) {
    const file = found.get(name)
    if (!file) throw new BackupError(`${name} is missing in the backup.`)
    if (file.bytes !== bytes) throw new BackupError(`${name} has ${file.bytes} bytes instead of ${bytes}.`)
    if (file.sha256 !== sha256) throw new BackupError(`${name} was changed or is damaged: its SHA-256 differs.`)
    found.delete(name)
  }
  const [foreign] = found.keys()
  if (foreign !== undefined) throw new BackupError(`${foreign} does not belong to the backup.`)
}

function requireName(name: string): void {
  if (!FILE_NAME.test(name)) throw new BackupError(`"${name}" is no file of a backup of Countinghouse.`)
}

function requireSize(name: string, bytes: number): void {
  if (bytes > MAX_FILE_BYTES) throw new BackupError(`${name} is larger than a file of a backup can be.`)
}

function brokenTar(error: unknown, path: string): unknown {
  if (error instanceof BackupError || (error as NodeJS.ErrnoException).syscall) return error
  return new BackupError(`${path} is no tar file, or is cut off.`, error)
}
