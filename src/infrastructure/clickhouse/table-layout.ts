import { Injectable } from '@nestjs/common'
import type { ClickHouseSettings } from '@clickhouse/client'
import { Config } from '../../config/config.js'
import { clusterForm, distributedTable, localName, RECOVERY_SETTING } from './cluster-ddl.js'
import { identifier, qualified } from './identifier.js'

/** What statements on a cluster wait for: every shard has the rows, and every node that is not dead has done it. */
export const CLUSTER_SETTINGS = {
  distributed_foreground_insert: 1,
  // Active replicas only; 2 waits two minutes for the dead ones and fails.
  alter_sync: '3',
  distributed_ddl_output_mode: 'throw_only_active',
  distributed_ddl_task_timeout: '600',
  // A node that hangs takes connections and says nothing.
  handshake_timeout_ms: 2000,
  // The client's types are older than these values.
} as unknown as ClickHouseSettings

/** What a statement that asks each node needs: those that are away are left out. */
const EVERY_NODE_SETTINGS: ClickHouseSettings = { skip_unavailable_shards: 1, connections_with_failover_max_tries: '1' }
/** Nobody waits until every node has dropped a table: one that has just died must not hold up a start. */
const DROP_SETTINGS = { distributed_ddl_task_timeout: '0' } as unknown as ClickHouseSettings

/** Columns of a table: those that it is sorted by, and those of them that identify a row. */
export interface TableOrder {
  sorting: readonly string[]
  identity: readonly string[]
}

/**
 * Where tables are: on one node, or with CLICKHOUSE_CLUSTER on all nodes of a cluster, each table as `<name>_local` with a
 * Distributed one over them. Both forms of what the application does to tables stand here, beside each other.
 */
@Injectable()
export class TableLayout {
  readonly isCluster: boolean
  readonly cluster: string
  /** of a statement over `onEveryNode` */
  readonly everyNodeSettings: ClickHouseSettings
  /** of `drop` and `dropOne`; a node executes what comes after them when it has dropped */
  readonly dropSettings: ClickHouseSettings
  private readonly database: string

  constructor(config: Config) {
    this.cluster = config.clickhouseCluster ?? ''
    this.isCluster = this.cluster !== ''
    this.database = config.clickhouseDatabase
    this.everyNodeSettings = this.isCluster ? EVERY_NODE_SETTINGS : {}
    this.dropSettings = this.isCluster ? DROP_SETTINGS : {}
  }

  /** Behind the name of a table in DDL. */
  get onCluster(): string {
    return this.isCluster ? ` ON CLUSTER ${identifier(this.cluster)}` : ''
  }

  /** With its database: nodes that execute a statement of another one do not know which is meant. */
  name(table: string): string {
    return qualified(this.database, table)
  }

  /** The table that holds the rows, as `ALTER` and `OPTIMIZE` want it, with where that is to happen. */
  stored(table: string): string {
    return `${this.storedName(table)}${this.onCluster}`
  }

  /** As `stored`, where rows are taken from. */
  storedName(table: string): string {
    return this.name(this.isCluster ? localName(table) : table)
  }

  /**
   * The copies of a table on all nodes that answer, one below the other: what one replica has and another one has not yet
   * is there. A replicated row is there once for each replica.
   */
  onEveryNode(table: string, { isReplicated }: { isReplicated: boolean }): string {
    if (!this.isCluster) return this.name(table)
    const copy = isReplicated ? localName(table) : table
    return `clusterAllReplicas(${[this.cluster, this.database, copy].map(identifier).join(', ')})`
  }

  /**
   * A table like another one, whose rows lie on the same nodes: so that its parts can be attached to that one. On a cluster
   * merges keep every row, so that the replicas' counts can be compared.
   */
  createLike(table: string, like: string, { sorting, identity }: TableOrder): string[] {
    const engine = this.isCluster
      ? ` ENGINE = ReplicatedMergeTree ORDER BY ${orderBySql(sorting)} SETTINGS ${RECOVERY_SETTING}, allow_nullable_key = 1`
      : ''
    const stored = `CREATE TABLE ${this.stored(table)} AS ${this.storedName(like)}${engine}`
    if (!this.isCluster) return [stored]
    const { cluster, database } = this
    return [stored, distributedTable(table, { cluster, database, shardingKey: shardingKeyOf(identity) })]
  }

  /** How many rows a statement that reads the table would look at, in `rows`: a line for each table and shard. */
  estimate(sql: string, table: string): string {
    if (!this.isCluster) return `EXPLAIN ESTIMATE ${sql}`
    const ofShard = sql.replaceAll(`FROM ${identifier(table)} AS`, `FROM ${this.storedName(table)} AS`)
    return `SELECT rows FROM cluster(${identifier(this.cluster)}, view(SELECT rows FROM (EXPLAIN ESTIMATE ${ofShard})))`
  }

  /** A table of these columns on every node, each with the rows that were written on it. */
  createOnEachNode(table: string, columns: string, orderBy: string): string {
    return `CREATE TABLE ${this.name(table)}${this.onCluster} (${columns}) ENGINE = MergeTree ORDER BY ${orderBy}`
  }

  /** DDL that is written for one node, as in migrations/clickhouse. */
  statements(sql: string): string[] {
    return this.isCluster ? clusterForm(sql, { cluster: this.cluster, database: this.database }) : [sql]
  }

  drop(table: string): string[] {
    const tables = this.isCluster ? [table, localName(table)] : [table]
    return tables.map((name) => this.dropOne(name))
  }

  dropOne(table: string): string {
    return `DROP TABLE IF EXISTS ${this.name(table)}${this.onCluster}`
  }
}

/** A table and one whose parts are attached to it must have it in the same words: `(a)` is another order than `a`. */
export function orderBySql(columns: readonly string[]): string {
  const names = columns.map(identifier).join(', ')
  return columns.length === 1 ? names : `(${names})`
}

/** Rows of one key must meet in one node, where one replaces the other. */
export function shardingKeyOf(identity: readonly string[]): string {
  return `cityHash64(${identity.map(identifier).join(', ')})`
}
