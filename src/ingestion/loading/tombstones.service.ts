import { Injectable } from '@nestjs/common'
import { identityOf, sortingOf, type DatasetDefinition } from '../../datasets/dataset-definition.js'
import { identifier } from '../../infrastructure/clickhouse/identifier.js'
import { ReplicaGuard } from '../../infrastructure/clickhouse/replica-guard.js'
import { mostByShard, ReplicaRowsService } from '../../infrastructure/clickhouse/replica-rows.js'
import { TableLayout } from '../../infrastructure/clickhouse/table-layout.js'
import { ClickHouse } from '../../infrastructure/clickhouse/clickhouse.js'
import { ClickHouseUnavailableError } from '../../infrastructure/clickhouse/clickhouse.errors.js'
import { StagedRowsService } from './staged-rows.service.js'
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
    private readonly replicas: ReplicaRowsService,
    private readonly guard: ReplicaGuard,
    private readonly stagedRows: StagedRowsService,
  ) {}

  /** Stages a tombstone for each key whose row is this job's now. Gives how many. */
  async stage(dataset: DatasetDefinition, jobNumber: number, attempt: number): Promise<number> {
    const staging = stagingOf(jobNumber, attempt)
    const order = { sorting: sortingOf(dataset), identity: identityOf(dataset) }
    const sorting = order.sorting.map(identifier).join(', ')
    await this.guard.read(dataset.table, async (settings, attempt) => {
      // What one shard gave before a replica of another one turned out to be behind must not be counted twice.
      if (attempt > 0) await this.dropTables(staging)
      for (const statement of this.layout.createLike(staging, dataset.table, order))
        await this.clickhouse.command(statement)
      await this.clickhouse.command(
        `INSERT INTO ${this.layout.name(staging)} (${sorting}, _version, _deleted)
         SELECT ${sorting}, toUInt64(${tombstoneVersion(jobNumber)}), 1 FROM ${rowsOf(dataset, jobNumber)}`,
        { settings },
      )
    })
    return this.count(staging)
  }

  /** All at once. Doing it again changes nothing. Throws ClickHouseUnavailableError when rows of the job are left. */
  async publish(dataset: DatasetDefinition, jobNumber: number, attempt: number, rows: number): Promise<void> {
    const version = tombstoneVersion(jobNumber)
    const versions = { first: version, last: version }
    await this.stagedRows.publish({ dataset, staging: stagingOf(jobNumber, attempt), versions, rows }, false)
    if (this.layout.isCluster && (await this.isAnyLeft(dataset, jobNumber))) throw new ClickHouseUnavailableError()
  }

  /** On a cluster they may be published on some nodes only, so nobody can tell; doing it again takes out what is left. */
  async arePublished(dataset: DatasetDefinition, jobNumber: number): Promise<boolean> {
    if (this.layout.isCluster) return false
    const rows = await this.clickhouse.query(
      `SELECT 1 FROM ${identifier(dataset.table)} WHERE _version = ${tombstoneVersion(jobNumber)} LIMIT 1`,
    )
    return rows.length > 0
  }

  /** On a cluster, as those replicas tell that wrote them. */
  private async count(staging: string): Promise<number> {
    if (this.layout.isCluster) {
      const most = mostByShard(await this.replicas.count({ table: staging }))
      return [...most.values()].reduce((sum, rows) => sum + rows, 0)
    }
    const [row] = await this.clickhouse.query<{ rows: string }>(`SELECT count() AS rows FROM ${identifier(staging)}`)
    return Number(row!.rows)
  }

  /** When a node died that alone had some of the tombstones. */
  private async isAnyLeft(dataset: DatasetDefinition, jobNumber: number): Promise<boolean> {
    const left = await this.guard.read(dataset.table, (settings) =>
      this.clickhouse.query(`SELECT 1 FROM ${rowsOf(dataset, jobNumber)} LIMIT 1`, { settings }),
    )
    return left.length > 0
  }

  /** Drops the staging tables of all attempts up to this one. */
  async drop(jobNumber: number, attempt: number): Promise<void> {
    for (let number = 1; number <= attempt; number++) await this.dropTables(stagingOf(jobNumber, number))
  }

  private async dropTables(staging: string): Promise<void> {
    const { dropSettings: settings } = this.layout
    for (const statement of this.layout.drop(staging)) await this.clickhouse.command(statement, { settings })
  }
}

/** The rows that are the job's now. */
function rowsOf({ table }: DatasetDefinition, jobNumber: number): string {
  return `${identifier(table)} FINAL WHERE _version BETWEEN ${versionOf(jobNumber, 0)} AND ${tombstoneVersion(jobNumber)}`
}

function tombstoneVersion(jobNumber: number): bigint {
  return versionOf(jobNumber + 1, 0) - 1n
}

function stagingOf(jobNumber: number, attempt: number): string {
  return `ingestion_tombstones_${jobNumber}_${attempt}`
}
