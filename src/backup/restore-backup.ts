import type pg from 'pg'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { Config } from '../config/config.js'
import { createTableSql } from '../datasets/declared/table-ddl.js'
import { ClickHouse } from '../infrastructure/clickhouse/clickhouse.js'
import { migrateClickHouse } from '../infrastructure/clickhouse/migrate-clickhouse.js'
import { TableLayout } from '../infrastructure/clickhouse/table-layout.js'
import { migrateDatabase, withMigrationLock } from '../infrastructure/database/migrate-database.js'
import { PostgresClient } from '../infrastructure/database/postgres-client.js'
import { requireKnownTables, type BackupManifest, type StoredFile } from './backup-manifest.js'
import type { OnProgress } from './backup-progress.js'
import { BackupReader } from './backup-reader.js'
import { findClickHouseTables, insertRows } from './clickhouse-rows.js'
import { PostgresRestore } from './postgres-restore.js'
import { isCutOff, requireEmpty, requireReadable } from './restore-target.js'

const decompress = promisify(gunzip)

export interface RestoreOptions {
  /** a folder or a file that `createBackup` made */
  path: string
  config: Config
  onProgress: OnProgress
  signal: AbortSignal
}

/** A backup that was read and found whole, and that this version can restore. */
export interface CheckedBackup {
  reader: BackupReader
  manifest: BackupManifest
}

/** Reads all of it before anything is touched. Throws BackupError. */
export async function checkBackup({ path, config, signal }: RestoreOptions): Promise<CheckedBackup> {
  const reader = await BackupReader.open(path)
  const manifest = await reader.verify(signal)
  await requireReadable(manifest, config)
  return { reader, manifest }
}

/**
 * Loads a backup into empty databases (their URLs are in the Config), which then have the backup's version: the next start
 * upgrades them. Throws BackupError and changes nothing when they are not empty. One that fails leaves them empty; one that
 * was killed is marked, so that no process starts on what there is, and the next restore starts afresh.
 */
export async function restoreBackup(backup: CheckedBackup, options: RestoreOptions): Promise<void> {
  const { config } = options
  const clickhouse = new ClickHouse(config)
  const postgres = new PostgresClient({
    connectionString: config.postgresUrl,
    application_name: 'countinghouse restore',
  })
  try {
    await postgres.connect()
    // Processes that are started meanwhile wait until it is done.
    await withMigrationLock(config.postgresUrl!, () => new RestoreRun(postgres, clickhouse, backup, options).run())
  } finally {
    await postgres.end()
    await clickhouse.onApplicationShutdown()
  }
}

class RestoreRun {
  private readonly rows: PostgresRestore
  private readonly layout: TableLayout

  constructor(
    private readonly postgres: pg.Client,
    private readonly clickhouse: ClickHouse,
    private readonly backup: CheckedBackup,
    private readonly options: RestoreOptions,
  ) {
    this.rows = new PostgresRestore(postgres, backup.manifest)
    this.layout = new TableLayout(options.config)
  }

  async run(): Promise<void> {
    const { manifest } = this.backup
    const { config } = this.options
    await requireEmpty(manifest, this.postgres, this.clickhouse)
    const isRepeated = await isCutOff(this.postgres)
    await migrateDatabase(config.postgresUrl!, manifest.postgres.migrations)
    await migrateClickHouse(config, manifest.clickhouse.migrations)
    await this.createDeclaredTables()
    requireKnownTables(manifest, 'clickhouse', await findClickHouseTables(this.clickhouse))
    if (isRepeated) await this.empty()
    await this.rows.begin()
    try {
      await this.load()
      await this.rows.commit()
    } catch (error) {
      await this.takeBack()
      throw error
    }
  }

  private async createDeclaredTables(): Promise<void> {
    for (const table of this.backup.manifest.clickhouse.declared ?? [])
      for (const statement of this.layout.statements(createTableSql(table))) await this.clickhouse.command(statement)
  }

  private async load(): Promise<void> {
    const { reader, manifest } = this.backup
    const bytesTotal = manifest.files.reduce((sum, file) => sum + file.bytes, 0)
    const rows = new Map<string, number>()
    let bytes = 0
    for await (const { content, ...file } of reader.files(manifest)) {
      this.options.signal.throwIfAborted()
      await this.insert(file, await decompress(content))
      const { table } = file
      rows.set(table, (rows.get(table) ?? 0) + file.rows)
      bytes += file.bytes
      this.options.onProgress({ table, rows: rows.get(table)!, bytes, bytesTotal })
    }
    if (bytes !== bytesTotal) throw new Error(`${bytes} of ${bytesTotal} bytes of the backup were read`)
  }

  private async insert({ engine, table, rows }: Omit<StoredFile, 'content'>, bytes: Buffer): Promise<void> {
    if (engine === 'postgres') return this.rows.insert(table, { rows, bytes })
    const stored = this.backup.manifest.clickhouse.tables.find(({ name }) => name === table)!
    await insertRows(this.clickhouse, stored, { rows, bytes }, this.options.signal)
  }

  /** ClickHouse has no transaction: what was loaded is emptied again, and only then the mark goes. */
  private async takeBack(): Promise<void> {
    await this.rows.rollback()
    await this.empty()
    await this.rows.unmark()
  }

  private async empty(): Promise<void> {
    for (const { name } of this.backup.manifest.clickhouse.tables)
      await this.clickhouse.command(`TRUNCATE TABLE ${this.layout.stored(name)}`)
  }
}
