import { Injectable } from '@nestjs/common'
import { keyOf, type DatasetDefinition } from '../../datasets/dataset-definition.js'
import { identifier } from '../../infrastructure/clickhouse/identifier.js'
import { shardingKeyOf, TableLayout } from '../../infrastructure/clickhouse/table-layout.js'
import { ClickHouse } from '../../infrastructure/clickhouse/clickhouse.js'
import { versionOf } from './staging.service.js'

/**
 * Takes a job's rows out of a ReplacingMergeTree. A tombstone carries the greatest version of the job, so that it hides
 * the job's row and all that this row had replaced, whether those parts are merged or not, and gives way to a later job's.
 *
 * Each attempt has a staging table of its own, so that what a dead process left running cannot write into it.
 */
@Injectable()
export class TombstonesService {
  constructor(
    private readonly clickhouse: ClickHouse,
    private readonly layout: TableLayout,
  ) {}

  /** Stages a tombstone for each key whose row is this job's now. Gives how many. */
  async stage(dataset: DatasetDefinition, jobNumber: number, attempt: number): Promise<number> {
    const [table, staging] = [identifier(dataset.table), identifier(stagingOf(jobNumber, attempt))]
    const { member } = keyOf(dataset)
    const key = identifier(member)
    await this.runAll(this.layout.createLike(stagingOf(jobNumber, attempt), dataset.table, shardingKeyOf(member)))
    await this.clickhouse.command(
      `INSERT INTO ${staging} (${key}, _version, _deleted)
       SELECT ${key}, toUInt64(${tombstoneVersion(jobNumber)}), 1 FROM ${table} FINAL
       WHERE _version BETWEEN ${versionOf(jobNumber, 0)} AND ${tombstoneVersion(jobNumber)}`,
    )
    const [row] = await this.clickhouse.query<{ rows: string }>(`SELECT count() AS rows FROM ${staging}`)
    return Number(row!.rows)
  }

  /** All at once. Doing it again changes nothing. */
  async publish(dataset: DatasetDefinition, jobNumber: number, attempt: number): Promise<void> {
    const staging = this.layout.storedName(stagingOf(jobNumber, attempt))
    await this.clickhouse.command(
      `ALTER TABLE ${this.layout.stored(dataset.table)} ATTACH PARTITION tuple() FROM ${staging}`,
    )
  }

  /** On a cluster they may be published on some nodes only, so nobody can tell; doing it again takes out what is left. */
  async arePublished(dataset: DatasetDefinition, jobNumber: number): Promise<boolean> {
    if (this.layout.isCluster) return false
    const rows = await this.clickhouse.query(
      `SELECT 1 FROM ${identifier(dataset.table)} WHERE _version = ${tombstoneVersion(jobNumber)} LIMIT 1`,
    )
    return rows.length > 0
  }

  /** Drops the staging tables of all attempts up to this one. */
  async drop(jobNumber: number, attempt: number): Promise<void> {
    for (let number = 1; number <= attempt; number++) await this.runAll(this.layout.drop(stagingOf(jobNumber, number)))
  }

  private async runAll(statements: string[]): Promise<void> {
    for (const statement of statements) await this.clickhouse.command(statement)
  }
}

function tombstoneVersion(jobNumber: number): bigint {
  return versionOf(jobNumber + 1, 0) - 1n
}

function stagingOf(jobNumber: number, attempt: number): string {
  return `ingestion_tombstones_${jobNumber}_${attempt}`
}
