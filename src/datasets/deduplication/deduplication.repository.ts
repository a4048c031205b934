import { Injectable } from '@nestjs/common'
import { Database } from '../../infrastructure/database/database.js'
import { identifier } from '../../infrastructure/clickhouse/identifier.js'
import { ClickHouse } from '../../infrastructure/clickhouse/clickhouse.js'
import type { DatasetDefinition } from '../dataset-definition.js'
import type { PartsFingerprint } from './parts-fingerprint.js'
import { fingerprintSql, fingerprintsSql, NO_PARTS } from './parts-fingerprint-sql.js'

/** What a table holds beside what FINAL makes of it. */
export interface TableExamination {
  proof: PartsFingerprint
  /** rows that FINAL leaves out although they are no tombstones */
  replacedRows: number
}

/** The state of a dataset's table in ClickHouse, and what PostgreSQL remembers of it for all instances. */
@Injectable()
export class DeduplicationRepository {
  constructor(
    private readonly clickhouse: ClickHouse,
    private readonly database: Database,
  ) {}

  async fingerprint(dataset: DatasetDefinition): Promise<string> {
    const [row] = await this.clickhouse.query<{ fingerprint: string }>(
      fingerprintSql(this.clickhouse.database, dataset),
    )
    return row!.fingerprint
  }

  /** By table, in one statement however many datasets there are. */
  async fingerprints(datasets: DatasetDefinition[]): Promise<Map<string, string>> {
    const rows = await this.clickhouse.query<{ table: string; fingerprint: string }>(
      fingerprintsSql(this.clickhouse.database),
    )
    const found = new Map(rows.map(({ table, fingerprint }) => [table, fingerprint]))
    return new Map(datasets.map(({ table }) => [table, found.get(table) ?? NO_PARTS]))
  }

  async sizeBytes({ table }: DatasetDefinition): Promise<number> {
    const [row] = await this.clickhouse.query<{ bytes: string }>(
      `SELECT sum(bytes_on_disk) AS bytes FROM system.parts
       WHERE active AND database = {database:String} AND table = {table:String}`,
      { params: { database: this.clickhouse.database, table } },
    )
    return Number(row!.bytes)
  }

  /**
   * Counts with FINAL and without, on one core. For each key FINAL returns at most one row, and never a tombstone: when
   * it counts as many rows as there are that are no tombstones, it hides none of them. Undefined when the table
   * changed meanwhile.
   */
  async examine(dataset: DatasetDefinition, signal: AbortSignal): Promise<TableExamination | undefined> {
    const table = identifier(dataset.table)
    const fingerprint = await this.fingerprint(dataset)
    const standing = await this.count(`SELECT count() AS rows, 0 AS deleted FROM ${table} FINAL`, signal)
    const all = await this.count(`SELECT count() AS rows, countIf(_deleted = 1) AS deleted FROM ${table}`, signal)
    if ((await this.fingerprint(dataset)) !== fingerprint) return undefined
    const replacedRows = all.rows - all.deleted - standing.rows
    return { proof: { fingerprint, hasDeleted: all.deleted > 0 }, replacedRows }
  }

  /** Rewrites the parts of the table as one, in which each key has one row. */
  async merge({ table }: DatasetDefinition, signal: AbortSignal): Promise<void> {
    await this.clickhouse.command(`OPTIMIZE TABLE ${identifier(table)} FINAL`, {
      settings: { optimize_skip_merged_partitions: 1 },
      signal,
    })
  }

  async knownProof({ table }: DatasetDefinition): Promise<PartsFingerprint | undefined> {
    const [row] = await this.database.query<PartsFingerprint>(
      'SELECT fingerprint, has_deleted AS "hasDeleted" FROM table_fingerprints WHERE dataset = $1',
      [table],
    )
    return row
  }

  async keepProof({ table }: DatasetDefinition, { fingerprint, hasDeleted }: PartsFingerprint): Promise<void> {
    await this.database.query(
      `INSERT INTO table_fingerprints (dataset, fingerprint, has_deleted) VALUES ($1, $2, $3)
       ON CONFLICT (dataset) DO UPDATE SET fingerprint = $2, has_deleted = $3, verified_at = now()`,
      [table, fingerprint, hasDeleted],
    )
  }

  private async count(sql: string, signal: AbortSignal): Promise<{ rows: number; deleted: number }> {
    const [row] = await this.clickhouse.query<{ rows: string; deleted: string }>(sql, {
      settings: { max_threads: 1, do_not_merge_across_partitions_select_final: 1 },
      signal,
    })
    return { rows: Number(row!.rows), deleted: Number(row!.deleted) }
  }
}
