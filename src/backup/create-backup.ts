import { randomUUID } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import type { Config } from '../config/config.js'
import { ClickHouse } from '../infrastructure/clickhouse/clickhouse.js'
import { checkClickHouse } from '../infrastructure/clickhouse/migrate-clickhouse.js'
import { checkDatabase } from '../infrastructure/database/migrate-database.js'
import { BACKUP_FORMAT, formatManifest, MANIFEST, sha256 } from './backup-manifest.js'
import type { BackupManifest, StoredFile, StoredTable } from './backup-manifest.js'
import type { OnProgress } from './backup-progress.js'
import { BackupWriter } from './backup-writer.js'
import { BackupError } from './backup.errors.js'
import { findDeclaredTables, isKnownTable } from './declared-tables.js'
import {
  closeRows,
  findClickHouseMigrations,
  findClickHouseTables,
  openRows,
  type RowStream,
} from './clickhouse-rows.js'
import { findMoment } from './consistent-moment.js'
import { findEncryptionKeyIds, findLogMonths, findMigrations, findSequences } from './postgres-catalog.js'
import { findTables, quoted } from './postgres-catalog.js'
import { rowPieces } from './row-pieces.js'

const compress = promisify(gzip)
/** Half the size of level 1 is not to be had; above this level a core is what the backup waits for. */
const GZIP_LEVEL = 3

export interface BackupOptions {
  /** with both engine URLs */
  config: Config
  /** a folder, or a file that ends in `.tar`; nothing may be there yet */
  path: string
  /** of this product */
  version: string
  onProgress: OnProgress
  signal: AbortSignal
}

/**
 * Writes one consistent copy of a running system. Throws BackupError when it cannot be made; nothing is left at the path
 * then.
 */
export async function createBackup(options: BackupOptions): Promise<BackupManifest> {
  const { config, signal } = options
  await checkDatabase(config.postgresUrl!)
  await checkClickHouse(config)
  const clickhouse = new ClickHouse(config)
  const writer = await BackupWriter.create(options.path)
  try {
    const manifest = await new BackupRun(clickhouse, writer, options).run()
    await writer.add(MANIFEST, Buffer.from(formatManifest(manifest)))
    signal.throwIfAborted()
    await writer.commit()
    return manifest
  } catch (error) {
    await writer.abort()
    throw error
  } finally {
    await clickhouse.onApplicationShutdown()
  }
}

class BackupRun {
  private readonly files: StoredFile[] = []
  private bytes = 0

  constructor(
    private readonly clickhouse: ClickHouse,
    private readonly writer: BackupWriter,
    private readonly options: BackupOptions,
  ) {}

  async run(): Promise<BackupManifest> {
    const { config, signal } = this.options
    const migrations = await findClickHouseMigrations(this.clickhouse)
    if (migrations.length === 0)
      throw new BackupError('There is nothing to back up: no data of Countinghouse is there.')
    const moment = await findMoment({
      postgresUrl: config.postgresUrl!,
      open: (unfinishedJobs, session) => this.openTables(unfinishedJobs, session),
      close: ({ rows: opened }) => closeRows(opened),
      signal,
    })
    const { postgres } = moment
    const { rows, tables, declared } = moment.rows
    try {
      // All at the same time: whoever does not read a result loses it after a while.
      const [stored, ...counts] = await Promise.all([
        this.savePostgres(postgres),
        ...rows.map((stream) => this.saveStream(stream)),
      ])
      const counted = tables.map((table) => ({ ...table, rows: rowsIn(counts, table.name) }))
      const clickhouse = { migrations, tables: counted, ...(declared.length > 0 && { declared }) }
      return this.manifest(stored, clickhouse)
    } finally {
      closeRows(rows)
      await postgres.end()
    }
  }

  /** Those that the session's snapshot knows: a dataset may be declared or dropped at any time. */
  private async openTables(unfinishedJobs: string[], session: pg.Client) {
    const { config, signal } = this.options
    const declared = await findDeclaredTables(session)
    const found = await findClickHouseTables(this.clickhouse)
    const tables = found.filter((table) => isKnownTable(table, declared))
    return { declared, tables, rows: await openRows(this.clickhouse, tables, { config, unfinishedJobs, signal }) }
  }

  private async savePostgres(client: pg.Client): Promise<StoredPostgres> {
    const found = await findTables(client)
    const names = found.map(({ name }) => name)
    const [sequences, logMonths] = [await findSequences(client, names), await findLogMonths(client)]
    const encryptionKeyIds = await findEncryptionKeyIds(client)
    const tables: StoredTable[] = []
    for (const table of found) tables.push({ ...table, rows: await this.saveTable(client, table) })
    return { encryptionKeyIds, postgres: { migrations: await findMigrations(client), tables, sequences, logMonths } }
  }

  private async saveTable(client: pg.Client, { name, columns }: Omit<StoredTable, 'rows'>): Promise<number> {
    // By SELECT: a partitioned table has no rows of its own to copy.
    const lines = client.query(copyTo(`COPY (SELECT ${columns.map(quoted).join(', ')} FROM ${quoted(name)}) TO STDOUT`))
    const rows = await this.save('postgres', name, lines)
    if (rows !== lines.rowCount) throw new Error(`${name}: ${rows} lines were read of ${lines.rowCount} rows`)
    return rows
  }

  private async saveStream({ table, lines }: RowStream): Promise<{ table: string; rows: number }> {
    return { table, rows: await this.save('clickhouse', table, lines) }
  }

  private async save(engine: StoredFile['engine'], table: string, lines: AsyncIterable<Buffer>): Promise<number> {
    let rows = 0
    for await (const piece of rowPieces(lines)) {
      this.options.signal.throwIfAborted()
      const content = await compress(piece.bytes, { level: GZIP_LEVEL })
      await this.saveFile({ engine, table, rows: piece.rows }, content)
      rows += piece.rows
      this.options.onProgress({ table, rows, bytes: this.bytes })
    }
    return rows
  }

  private async saveFile(file: Pick<StoredFile, 'engine' | 'table' | 'rows'>, content: Buffer): Promise<void> {
    const number = this.files.filter(({ engine, table }) => engine === file.engine && table === file.table).length + 1
    const name = `${file.engine}/${file.table}.${String(number).padStart(6, '0')}.tsv.gz`
    // Before it is written: another stream of the same table takes the next number.
    this.files.push({ name, ...file, bytes: content.length, sha256: sha256(content) })
    this.bytes += content.length
    await this.writer.add(name, content)
  }

  private manifest(stored: StoredPostgres, clickhouse: BackupManifest['clickhouse']): BackupManifest {
    const head = { product: 'countinghouse' as const, format: BACKUP_FORMAT, id: randomUUID() }
    const made = { version: this.options.version, createdAt: new Date().toISOString() }
    return { ...head, ...made, ...stored, clickhouse, files: this.files }
  }
}

type StoredPostgres = Pick<BackupManifest, 'postgres' | 'encryptionKeyIds'>

function rowsIn(counts: { table: string; rows: number }[], table: string): number {
  return counts.filter((each) => each.table === table).reduce((sum, { rows }) => sum + rows, 0)
}
