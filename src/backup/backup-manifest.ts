import { createHash } from 'node:crypto'
import type { DeclaredTable } from '../datasets/declared/table-ddl.js'
import { BackupError } from './backup.errors.js'

/** The layout of the files of a backup. Another one is refused. */
export const BACKUP_FORMAT = 1
export const MANIFEST = 'manifest.json'

/** The rows of one table, whose files are named after it. */
export interface StoredTable {
  name: string
  /** in the order of the fields of its lines */
  columns: string[]
  rows: number
}

export interface StoredSequence {
  table: string
  column: string
  lastValue: string
  isCalled: boolean
}

/** A gzip file of whole lines, one for each row, as `COPY` of PostgreSQL and `TabSeparated` of ClickHouse write them. */
export interface StoredFile {
  name: string
  table: string
  engine: 'postgres' | 'clickhouse'
  rows: number
  bytes: number
  sha256: string
}

/** What a backup holds. It is written last, so a backup that has one is whole. */
export interface BackupManifest {
  product: 'countinghouse'
  format: number
  id: string
  /** of the product that made it */
  version: string
  createdAt: string
  /** ids of the encryption keys that are needed to read its fields; see FieldCipher */
  encryptionKeyIds: string[]
  postgres: {
    migrations: string[]
    tables: StoredTable[]
    sequences: StoredSequence[]
    /** first days of the months that the request log has a partition for */
    logMonths: string[]
  }
  clickhouse: {
    migrations: string[]
    tables: StoredTable[]
    /** what those of declared datasets are made from */
    declared?: DeclaredTable[]
  }
  /** in the order in which they can be loaded: rows before those that refer to them */
  files: StoredFile[]
}

export function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** The manifest as text, with a checksum of itself. */
export function formatManifest(manifest: BackupManifest): string {
  return `${JSON.stringify({ ...manifest, checksum: sha256(JSON.stringify(manifest)) }, null, 2)}\n`
}

/** Throws BackupError when it is not one of ours, was changed, or has a format that this version does not know. */
export function parseManifest(text: string): BackupManifest {
  const { checksum, ...manifest } = readJson(text)
  if (manifest.product !== 'countinghouse') throw new BackupError(`This is no backup of Countinghouse: ${MANIFEST}.`)
  if (manifest.format !== BACKUP_FORMAT) {
    const { format, version } = manifest
    throw new BackupError(
      `The backup has format ${format}, made by version ${version}; this version reads format ${BACKUP_FORMAT}. ` +
        'Restore it with the version that made it.',
    )
  }
  if (checksum !== sha256(JSON.stringify(manifest))) throw new BackupError(`${MANIFEST} was changed or is damaged.`)
  return manifest
}

/** Throws BackupError when it has tables or columns of an engine that are not among those found there. */
export function requireKnownTables(
  manifest: BackupManifest,
  engine: StoredFile['engine'],
  found: Omit<StoredTable, 'rows'>[],
): void {
  const known = new Map(found.map(({ name, columns }) => [name, columns]))
  const { tables } = manifest[engine]
  for (const { name, columns } of tables) {
    const unknown = columns.find((column) => !known.get(name)?.includes(column))
    if (unknown !== undefined)
      throw new BackupError(`The backup has a column that is unknown here: ${name}.${unknown}.`)
  }
  const names = new Set(tables.map(({ name }) => name))
  const foreign = manifest.files.find((file) => file.engine === engine && !names.has(file.table))
  if (foreign) throw new BackupError(`The backup has a table that is unknown here: ${foreign.table}.`)
}

function readJson(text: string): BackupManifest & { checksum?: string } {
  try {
    const value = JSON.parse(text) as unknown
    if (typeof value === 'object' && value !== null) return value as BackupManifest & { checksum?: string }
  } catch {
    // Said below.
  }
  throw new BackupError(`${MANIFEST} is not readable: the backup is damaged, or is none of Countinghouse.`)
}
