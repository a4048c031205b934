import { Injectable } from '@nestjs/common'
import { Database } from '../database/database.js'
import { identifier } from '../warehouse/identifier.js'
import { Warehouse } from '../warehouse/warehouse.js'
import type { DatasetDefinition } from './dataset-definition.js'
import type { TableProof } from './table-proof.js'
import { stampSql } from './table-stamp.js'

/** What a table holds beside what FINAL makes of it. */
export interface TableExamination {
  proof: TableProof
  /** rows that FINAL leaves out although they are no tombstones */
  replacedRows: number
}

/** The state of a dataset's table in the warehouse, and what PostgreSQL remembers of it for all instances. */
@Injectable()
export class TableStateRepository {
  constructor(
    private readonly warehouse: Warehouse,
    private readonly database: Database,
  ) {}

  async stamp(dataset: DatasetDefinition): Promise<string> {
    const [row] = await this.warehouse.query<{ stamp: string }>(stampSql(this.warehouse.database, dataset))
    return row!.stamp
  }

  async sizeBytes({ table }: DatasetDefinition): Promise<number> {
    const [row] = await this.warehouse.query<{ bytes: string }>(
      `SELECT sum(bytes_on_disk) AS bytes FROM system.parts
       WHERE active AND database = {database:String} AND table = {table:String}`,
      { params: { database: this.warehouse.database, table } },
    )
    return Number(row!.bytes)
  }

  /**
   * Counts with FINAL and without, on one core. For each key FINAL has at most as many rows as there are that are no
   * tombstones, so equal sums mean that it has the same ones. Undefined when the table changed meanwhile.
   */
  async examine(dataset: DatasetDefinition, signal: AbortSignal): Promise<TableExamination | undefined> {
    const table = identifier(dataset.table)
    const stamp = await this.stamp(dataset)
    const standing = await this.count(`SELECT count() AS rows, 0 AS deleted FROM ${table} FINAL`, signal)
    const all = await this.count(`SELECT count() AS rows, countIf(_deleted = 1) AS deleted FROM ${table}`, signal)
    if ((await this.stamp(dataset)) !== stamp) return undefined
    const replacedRows = all.rows - all.deleted - standing.rows
    return { proof: { stamp, hasDeleted: all.deleted > 0 }, replacedRows }
  }

  /** Rewrites the parts of the table as one, in which each key has one row. */
  async merge({ table }: DatasetDefinition, signal: AbortSignal): Promise<void> {
    await this.warehouse.command(`OPTIMIZE TABLE ${identifier(table)} FINAL`, {
      settings: { optimize_skip_merged_partitions: 1 },
      signal,
    })
  }

  async knownProof({ name }: DatasetDefinition): Promise<TableProof | undefined> {
    const [row] = await this.database.query<TableProof>(
      'SELECT stamp, has_deleted AS "hasDeleted" FROM table_proofs WHERE dataset = $1',
      [name],
    )
    return row
  }

  async keepProof({ name }: DatasetDefinition, { stamp, hasDeleted }: TableProof): Promise<void> {
    await this.database.query(
      `INSERT INTO table_proofs (dataset, stamp, has_deleted) VALUES ($1, $2, $3)
       ON CONFLICT (dataset) DO UPDATE SET stamp = $2, has_deleted = $3, proven_at = now()`,
      [name, stamp, hasDeleted],
    )
  }

  private async count(sql: string, signal: AbortSignal): Promise<{ rows: number; deleted: number }> {
    const [row] = await this.warehouse.query<{ rows: string; deleted: string }>(sql, {
      settings: { max_threads: 1, do_not_merge_across_partitions_select_final: 1 },
      signal,
    })
    return { rows: Number(row!.rows), deleted: Number(row!.deleted) }
  }
}
