import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createPartitionSql } from '../logs/log-partitions.repository.js'
import { RESTORE_MARK } from '../infrastructure/database/unfinished-restore.js'
import { requireKnownTables, type BackupManifest, type StoredTable } from './backup-manifest.js'
import { findTables, MADE_BY_A_START, quoted } from './postgres-catalog.js'

/** Writes the rows of PostgreSQL in one transaction: all of them are there after the commit, none before. */
export class PostgresRestore {
  private readonly tables: Map<string, StoredTable>

  constructor(
    private readonly client: pg.Client,
    private readonly manifest: BackupManifest,
  ) {
    this.tables = new Map(manifest.postgres.tables.map((table) => [table.name, table]))
  }

  /** Throws BackupError when the backup has tables or columns that its migrations do not make. */
  async begin(): Promise<void> {
    requireKnownTables(this.manifest, 'postgres', await findTables(this.client))
    await this.client.query(`CREATE TABLE IF NOT EXISTS ${RESTORE_MARK} (started_at timestamptz DEFAULT now())`)
    await this.client.query('BEGIN')
    for (const setting of SESSION) await this.client.query(`SET LOCAL ${setting}`)
    // Rows come with what triggers made of them.
    await this.alterAll('DISABLE TRIGGER USER')
    for (const name of MADE_BY_A_START.filter((table) => this.tables.has(table)))
      await this.client.query(`DELETE FROM ${quoted(name)}`)
    await this.makeLogPartitions()
  }

  async insert(table: string, piece: { rows: number; bytes: Buffer }): Promise<void> {
    const { name, columns } = this.tables.get(table)!
    const sink = this.client.query(
      copyFrom(`COPY ${quoted(name)} (${columns.map(quoted).join(', ')}) FROM STDIN WITH (ENCODING 'UTF8')`),
    )
    await pipeline(Readable.from([piece.bytes], { objectMode: false }), sink)
    if (sink.rowCount !== piece.rows)
      throw new Error(`PostgreSQL took ${sink.rowCount} of ${piece.rows} rows of ${name}`)
  }

  async commit(): Promise<void> {
    await this.requireAllRows()
    for (const { table, column, lastValue, isCalled } of this.manifest.postgres.sequences) {
      await this.client.query('SELECT setval(pg_get_serial_sequence($1, $2), $3, $4)', [
        ...[quoted(table), column, lastValue],
        isCalled,
      ])
    }
    await this.client.query(END_CHUNKS)
    await this.client.query(END_JOBS, [NOT_IN_BACKUP])
    await this.alterAll('ENABLE TRIGGER USER')
    await this.client.query(`DROP TABLE ${RESTORE_MARK}`)
    await this.client.query('COMMIT')
    await this.client.query('ANALYZE')
  }

  /** Takes back all of it. */
  async rollback(): Promise<void> {
    await this.client.query('ROLLBACK')
  }

  /** After a rollback, when ClickHouse is empty too. */
  async unmark(): Promise<void> {
    await this.client.query(`DROP TABLE IF EXISTS ${RESTORE_MARK}`)
  }

  private async alterAll(change: string): Promise<void> {
    for (const name of this.tables.keys()) await this.client.query(`ALTER TABLE ${quoted(name)} ${change}`)
  }

  private async makeLogPartitions(): Promise<void> {
    for (const month of this.manifest.postgres.logMonths) {
      const [first, next] = [new Date(month), new Date(month)]
      next.setUTCMonth(next.getUTCMonth() + 1)
      await this.client.query(createPartitionSql(first, next))
    }
  }

  private async requireAllRows(): Promise<void> {
    for (const { name, rows: stored } of this.tables.values()) {
      const { rows } = await this.client.query<{ count: string }>(`SELECT count(*) FROM ${quoted(name)}`)
      if (Number(rows[0]!.count) !== stored) throw new Error(`${name} has ${rows[0]!.count} rows instead of ${stored}`)
    }
  }
}

const SESSION = [
  ...['statement_timeout = 0', 'idle_in_transaction_session_timeout = 0', `TimeZone = 'UTC'`],
  ...[`DateStyle = 'ISO'`, `IntervalStyle = 'postgres'`],
]

const NOT_IN_BACKUP =
  'The job had not ended when the backup was made that it was restored from, and uploads are not part of a backup. ' +
  'Nothing of it was loaded; upload the file again.'

/** Chunks in the staging tables of jobs that had not ended: these are not in the backup. */
const END_CHUNKS = `DELETE FROM ingestion_chunks c USING ingestions i
  WHERE i.id = c.ingestion_id AND i.status IN ('queued', 'running')`

const END_JOBS = `UPDATE ingestions SET status = 'failed', error = $1, finished_at = now(), lease_owner = NULL,
  bytes_done = 0, rows_read = 0, rows_accepted = 0, rows_rejected = 0 WHERE status IN ('queued', 'running')`
