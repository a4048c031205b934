import { Injectable } from '@nestjs/common'
import type { ClickHouseSettings } from '@clickhouse/client'
import { Config } from '../../config/config.js'
import { distributedTable, localName } from './cluster-ddl.js'
import { identifier } from './identifier.js'

/** What statements on a cluster wait for: every shard has the rows, and every replica the parts. */
export const CLUSTER_SETTINGS: ClickHouseSettings = {
  distributed_foreground_insert: 1,
  alter_sync: '2',
  mutations_sync: '2',
  distributed_ddl_task_timeout: '600',
}

/**
 * Where tables are: on one node, or with CLICKHOUSE_CLUSTER on all nodes of a cluster, each table as `<name>_local` with a
 * Distributed one over them. Both forms of what the application does to tables stand here, beside each other.
 */
@Injectable()
export class TableLayout {
  readonly isCluster: boolean
  private readonly cluster: string

  constructor(config: Config) {
    this.cluster = config.clickhouseCluster ?? ''
    this.isCluster = this.cluster !== ''
  }

  /** Behind the name of a table in DDL. */
  get onCluster(): string {
    return this.isCluster ? ` ON CLUSTER ${identifier(this.cluster)}` : ''
  }

  /** The table that holds the rows, as `ALTER` and `OPTIMIZE` want it, with where that is to happen. */
  stored(table: string): string {
    return this.isCluster ? `${identifier(localName(table))}${this.onCluster}` : identifier(table)
  }

  /** As `stored`, where rows are taken from. */
  storedName(table: string): string {
    return identifier(this.isCluster ? localName(table) : table)
  }

  /** A table like another one, whose rows lie on the same nodes: so that its parts can be attached to that one. */
  createLike(table: string, like: string, shardingKey: string): string[] {
    return this.spread(table, `AS ${this.storedName(like)}`, shardingKey)
  }

  /** A table of these columns, with rows anywhere. */
  createMergeTree(table: string, columns: string, orderBy: string): string[] {
    const engine = this.isCluster ? 'ReplicatedMergeTree' : 'MergeTree'
    return this.spread(table, `(${columns}) ENGINE = ${engine} ORDER BY ${orderBy}`, 'rand()')
  }

  drop(table: string): string[] {
    const tables = this.isCluster ? [table, localName(table)] : [table]
    return tables.map((name) => `DROP TABLE IF EXISTS ${identifier(name)}${this.onCluster}`)
  }

  private spread(table: string, definition: string, shardingKey: string): string[] {
    const stored = `CREATE TABLE ${this.stored(table)} ${definition}`
    return this.isCluster ? [stored, distributedTable(table, { cluster: this.cluster, shardingKey })] : [stored]
  }
}

/** Rows of one key must meet in one node, where one replaces the other. */
export function shardingKeyOf(column: string): string {
  return `cityHash64(${identifier(column)})`
}
