import { Injectable } from '@nestjs/common'
import { identityOf, type DatasetDefinition } from '../../datasets/dataset-definition.js'
import { ClickHouse } from '../../infrastructure/clickhouse/clickhouse.js'
import {
  ClickHouseStatementError,
  ClickHouseUnavailableError,
} from '../../infrastructure/clickhouse/clickhouse.errors.js'
import { identifier } from '../../infrastructure/clickhouse/identifier.js'
import {
  mostByShard,
  ReplicaRowsService,
  type Replication,
  type ReplicaRows,
} from '../../infrastructure/clickhouse/replica-rows.js'
import { TableLayout } from '../../infrastructure/clickhouse/table-layout.js'

const MAX_ATTACHES = 5
/** ClickHouse's code where two tables have different columns. */
const INCOMPATIBLE_COLUMNS = 122
/** Rows of a job whose keys are compared at once. */
const COMPARED_ROWS = 4_000_000

/** The rows of a job, or its tombstones, in a staging table like the dataset's. */
export interface StagedRows {
  dataset: DatasetDefinition
  /** the staging table */
  staging: string
  /** versions that no other rows have */
  versions: { first: bigint; last: bigint }
  rows: number
}

/**
 * Makes staged rows visible, all at once on each node. On a cluster attaching takes the parts that the executing replica
 * has, and nobody can tell which one that is: so it begins when all active replicas have all of them, and is repeated until
 * all of them show all. Attaching the same rows twice changes nothing.
 */
@Injectable()
export class StagedRowsService {
  constructor(
    private readonly clickhouse: ClickHouse,
    private readonly layout: TableLayout,
    private readonly replicas: ReplicaRowsService,
  ) {}

  /** Whether all of them are on the active replicas, after waiting for those that lag. False: only a dead one has the rest. */
  async areReplicated(staging: string, rows: number): Promise<boolean> {
    if (!this.layout.isCluster) return true
    return (await this.replicas.whenReplicated({ table: staging }, rows)) !== 'lost'
  }

  /** `isRepeated`: an earlier try may have got through; then this one does nothing. */
  async publish(staged: StagedRows, isRepeated: boolean): Promise<void> {
    if (isRepeated && (await this.isPublished(staged))) return
    if (!this.layout.isCluster) return this.attach(staged)
    for (let attaches = 0; attaches < MAX_ATTACHES; attaches++) {
      if (!(await this.areReplicated(staged.staging, staged.rows))) break
      await this.replicas.whenWritable(staged.dataset.table)
      await this.attach(staged)
      if ((await this.replicas.watch(staged.dataset.table, () => this.look(staged))) !== 'lost') return
    }
    throw new ClickHouseUnavailableError()
  }

  /** Columns that the dataset got since the staging table was made are added to that one first. */
  private async attach(staged: StagedRows): Promise<void> {
    const { dataset, staging } = staged
    const sql = `ALTER TABLE ${this.layout.stored(dataset.table)} ATTACH PARTITION tuple() FROM ${this.layout.storedName(staging)}`
    for (let tries = 1; ; tries++) {
      try {
        await this.clickhouse.command(sql)
        return
      } catch (error) {
        const isChanged = error instanceof ClickHouseStatementError && error.clickhouseCode === INCOMPATIBLE_COLUMNS
        if (!isChanged || tries === MAX_ATTACHES) throw error
        await this.addMissingColumns(staged)
      }
    }
  }

  private async addMissingColumns({ dataset, staging }: StagedRows): Promise<void> {
    const missing = await this.clickhouse.query<{ name: string; type: string }>(
      `SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = {table:String}
       AND name NOT IN (SELECT name FROM system.columns WHERE database = currentDatabase() AND table = {staging:String})`,
      { params: { table: dataset.table, staging } },
    )
    for (const { name, type } of missing)
      for (const statement of this.layout.statements(
        `ALTER TABLE ${staging} ADD COLUMN IF NOT EXISTS ${identifier(name)} ${type}`,
      ))
        await this.clickhouse.command(statement)
  }

  private async isPublished(staged: StagedRows): Promise<boolean> {
    if (this.layout.isCluster) return (await this.look(staged)).replication === 'complete'
    const rows = await this.clickhouse.query(
      `SELECT 1 FROM ${identifier(staged.dataset.table)} WHERE ${isOf(staged)} LIMIT 1`,
    )
    return rows.length > 0
  }

  /** How many replicas show all of it. */
  private async look(staged: StagedRows): Promise<{ replication: Replication; state: string }> {
    const [standing, shown] = await Promise.all([
      this.replicas.count({ table: staged.staging }),
      this.replicas.count({ table: staged.dataset.table, where: isOf(staged) }),
    ])
    const most = mostByShard(standing)
    const fewer = shown.filter(({ shard, rows }) => rows < (most.get(shard) ?? 0))
    // Merges may have left out rows that others replace.
    const short = fewer.length > 0 ? await this.lacking(staged) : []
    const state = JSON.stringify([shown, short])
    if (short.length === 0) return { replication: 'complete', state }
    const isShort = new Set(short.map(({ shard, replica }) => `${shard} ${replica}`))
    const good = new Set(
      shown.filter((each) => !isShort.has(`${each.shard} ${each.replica}`)).map(({ shard }) => shard),
    )
    return { replication: good.size === most.size ? 'safe' : 'lost', state }
  }

  /** Replicas with staged rows that they show neither themselves nor a later one of the same key. */
  private async lacking({ dataset, staging, versions, rows }: StagedRows): Promise<ReplicaRows[]> {
    const key = identityOf(dataset).map(identifier).join(', ')
    const slices = Math.ceil(rows / COMPARED_ROWS)
    const found: ReplicaRows[] = []
    for (let slice = 0; slice < slices; slice++) {
      const isInSlice = `cityHash64(${key}, 1) % ${slices} = ${slice}`
      const lacking = await this.replicas.ask<ReplicaRows>(
        `SELECT getMacro('shard') AS shard, getMacro('replica') AS replica, count() AS rows
         FROM ${this.layout.onEveryNode(staging, { isReplicated: true })} AS staged
         LEFT JOIN (
           SELECT ${key}, max(_version) AS shown_version FROM ${this.layout.storedName(dataset.table)}
           WHERE _version >= ${versions.first} AND ${isInSlice} GROUP BY ${key}
         ) AS shown USING (${key})
         WHERE ${isInSlice} AND shown.shown_version < staged._version GROUP BY shard, replica ORDER BY shard, replica`,
      )
      found.push(...lacking)
    }
    return found
  }
}

function isOf({ versions: { first, last } }: StagedRows): string {
  return `_version BETWEEN ${first} AND ${last}`
}
