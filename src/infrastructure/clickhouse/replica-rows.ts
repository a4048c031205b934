import { Injectable } from '@nestjs/common'
import { setTimeout as sleep } from 'node:timers/promises'
import { ClickHouse } from './clickhouse.js'
import { localName } from './cluster-ddl.js'
import { ClickHouseUnavailableError } from './clickhouse.errors.js'
import { TableLayout } from './table-layout.js'

/** Replicas that get no further for so long are not waited for: they are dead, or lack what only a dead one has. */
const NO_PROGRESS_MS = 10_000
/** A node that comes back takes some seconds to be in touch with Keeper. */
const MAX_READ_ONLY_MS = 30_000
const LOOK_MS = 50
const MAX_LOOK_MS = 500

/** How many of the rows in question a replica has. */
export interface ReplicaRows {
  shard: string
  replica: string
  rows: number
}

export interface RowsInQuestion {
  table: string
  /** a condition in SQL; all rows when left out */
  where?: string
  params?: Record<string, unknown>
  /** what is counted of them */
  counted?: string
}

/** `complete`: every active replica has all rows. `safe`: in each shard one has. `lost`: nobody that is active has all. */
export type Replication = 'complete' | 'safe' | 'lost'

/**
 * Which rows are on which replicas of a cluster. Only active replicas are asked: those of nodes that answer and are in touch
 * with Keeper. What a dead one missed it fetches by itself when it returns, and ReplicaGuard keeps it from answering until then.
 */
@Injectable()
export class ReplicaRowsService {
  constructor(
    private readonly clickhouse: ClickHouse,
    private readonly layout: TableLayout,
  ) {}

  /** For rows that were just written: throws ClickHouseUnavailableError when a dead node has them alone. Nothing to do on one node. */
  async expectReplicated(rows: RowsInQuestion, expected: number): Promise<void> {
    if (!this.layout.isCluster) return
    if ((await this.whenReplicated(rows, expected)) === 'lost') throw new ClickHouseUnavailableError()
  }

  /** Waits as long as replicas get on. `expected`: of all shards together, each row once. */
  async whenReplicated(rows: RowsInQuestion, expected: number): Promise<Replication> {
    return this.watch(rows.table, async () => replicationOf(await this.count(rows), expected))
  }

  /** Waits until `look` finds all complete, or its `state` has not changed for a while: replicas in it stand in one order. */
  async watch(table: string, look: () => Promise<{ replication: Replication; state: string }>): Promise<Replication> {
    let [last, changedMs] = ['', performance.now()]
    for (let pauseMs = LOOK_MS; ; pauseMs = Math.min(pauseMs * 1.3, MAX_LOOK_MS)) {
      const { replication, state } = await look()
      if (replication === 'complete') return replication
      const progress = `${state} ${await this.fetchedBytes(table)}`
      if (progress !== last) [last, changedMs] = [progress, performance.now()]
      else if (performance.now() - changedMs > NO_PROGRESS_MS) return replication
      await sleep(pauseMs)
    }
  }

  /**
   * Waits until no replica that answers is read-only, for a statement `ON CLUSTER` that one replica executes for its shard:
   * when a read-only one has tried it three times nobody may execute it any more, nor anything behind it. Throws
   * ClickHouseUnavailableError when that takes long.
   */
  async whenWritable(table: string): Promise<void> {
    for (const endMs = performance.now() + MAX_READ_ONLY_MS; ; await sleep(MAX_LOOK_MS)) {
      const [row] = await this.ask<{ readOnly: string }>(
        `SELECT countIf(is_readonly) AS readOnly FROM clusterAllReplicas({cluster:Identifier}, system.replicas)
         WHERE database = {database:String} AND table = {table:String}`,
        { cluster: this.layout.cluster, database: this.clickhouse.database, table: localName(table) },
      )
      if (Number(row!.readOnly) === 0) return
      if (performance.now() > endMs) throw new ClickHouseUnavailableError()
    }
  }

  /** Of each active replica. Throws ClickHouseUnavailableError while a shard has none. */
  async count({ table, where = '1', params, counted: measure = 'count()' }: RowsInQuestion): Promise<ReplicaRows[]> {
    const counting = this.ask<{ shard: string; replica: string; rows: string }>(
      `SELECT getMacro('shard') AS shard, getMacro('replica') AS replica, ${measure} AS rows
       FROM ${this.layout.onEveryNode(table, { isReplicated: true })} WHERE ${where} GROUP BY shard, replica`,
      params,
    )
    // At once: each waits for a node that hangs.
    const [active, counted] = await Promise.all([this.active(table), counting])
    const rowsOf = new Map(counted.map(({ shard, replica, rows }) => [`${shard} ${replica}`, Number(rows)]))
    return active.map((each) => ({ ...each, rows: rowsOf.get(`${each.shard} ${each.replica}`) ?? 0 }))
  }

  private async active(table: string): Promise<Omit<ReplicaRows, 'rows'>[]> {
    const { cluster } = this.layout
    const active = this.ask<{ shard: string; replica: string }>(
      `SELECT getMacro('shard') AS shard, getMacro('replica') AS replica
       FROM clusterAllReplicas({cluster:Identifier}, system.replicas)
       WHERE database = {database:String} AND table = {table:String} AND NOT is_readonly
       ORDER BY shard, replica`,
      { cluster, database: this.clickhouse.database, table: localName(table) },
    )
    const known = this.ask<{ shards: string }>(
      'SELECT uniqExact(shard_num) AS shards FROM system.clusters WHERE cluster = {cluster:String}',
      { cluster },
    )
    const [replicas, [{ shards } = { shards: '0' }]] = await Promise.all([active, known])
    if (new Set(replicas.map(({ shard }) => shard)).size < Number(shards)) throw new ClickHouseUnavailableError()
    return replicas
  }

  /** A long fetch is progress too. */
  private async fetchedBytes(table: string): Promise<string> {
    const [row] = await this.ask<{ bytes: string }>(
      `SELECT sum(bytes_read_compressed) AS bytes FROM clusterAllReplicas({cluster:Identifier}, system.replicated_fetches)
       WHERE database = {database:String} AND table = {table:String}`,
      { cluster: this.layout.cluster, database: this.clickhouse.database, table: localName(table) },
    )
    return row!.bytes
  }

  ask<Row>(sql: string, params?: Record<string, unknown>): Promise<Row[]> {
    return this.clickhouse.query<Row>(sql, { params, settings: this.layout.everyNodeSettings })
  }
}

/** Every row is counted in one shard, so the greatest counts of the shards add up to all of them when none is missing. */
export function replicationOf(replicas: ReplicaRows[], expected: number): { replication: Replication; state: string } {
  const most = mostByShard(replicas)
  const state = JSON.stringify(replicas)
  if ([...most.values()].reduce((sum, rows) => sum + rows, 0) !== expected) return { replication: 'lost', state }
  const isComplete = replicas.every(({ shard, rows }) => rows === most.get(shard))
  return { replication: isComplete ? 'complete' : 'safe', state }
}

/** What the shard has, as its foremost replica tells. */
export function mostByShard(replicas: ReplicaRows[]): Map<string, number> {
  const most = new Map<string, number>()
  for (const { shard, rows } of replicas) most.set(shard, Math.max(rows, most.get(shard) ?? 0))
  return most
}
