import { identifier, qualified } from './identifier.js'

/** A cluster of nodes, and the database on each of them: nodes that execute `ON CLUSTER` know no current one. */
export interface ClusterDatabase {
  cluster: string
  database: string
}

/**
 * The cluster's form of the DDL in migrations/clickhouse, which is written for one node: each table becomes a replicated
 * one on every node, `<name>_local`, and a Distributed one over them that has its name. So there is one definition of each.
 */
export function clusterForm(statement: string, on: ClusterDatabase): string[] {
  const sql = statement.replace(/--.*$/gm, '').trim()
  const created = /^CREATE TABLE IF NOT EXISTS (\w+)\s/.exec(sql)
  if (created) return createdOnCluster(sql, created[1]!, { ...on, shardingKey: shardingKeyIn(statement) })
  const altered = /^ALTER TABLE (\w+) ((?:ADD|DROP) COLUMN\s.*)$/s.exec(sql)
  if (altered) return [localName(altered[1]!), altered[1]!].map((table) => alterOnCluster(table, altered[2]!, on))
  const stored = /^ALTER TABLE (\w+) ((?:MODIFY SETTING|(?:ADD|DROP|MATERIALIZE) INDEX)\s.*)$/s.exec(sql)
  if (stored) return [alterOnCluster(localName(stored[1]!), stored[2]!, on)]
  throw new Error(`this statement has no form for a cluster yet: ${sql.slice(0, 60)}`)
}

/**
 * A replica whose parts differ from Keeper's takes its own aside and fetches the others, however many they are. By default one that
 * was killed while it had few parts stays read-only for good, until somebody looks.
 */
export const RECOVERY_SETTING = 'replicated_max_ratio_of_wrong_parts = 1'

/** The table of a node that holds its rows. */
export function localName(table: string): string {
  return `${table}_local`
}

/** Over the `<name>_local` of all nodes; a row's node is decided by the sharding key. */
export function distributedTable(
  table: string,
  { cluster, database, shardingKey }: ClusterDatabase & { shardingKey: string },
): string {
  const local = qualified(database, localName(table))
  return `CREATE TABLE IF NOT EXISTS ${qualified(database, table)} ON CLUSTER ${identifier(cluster)} AS ${local}
    ENGINE = Distributed(${[cluster, database, localName(table)].map(identifier).join(', ')}, ${shardingKey})`
}

function createdOnCluster(sql: string, table: string, options: ClusterDatabase & { shardingKey: string }): string[] {
  const local = sql
    .replace(/^CREATE TABLE IF NOT EXISTS \w+/, () => {
      return `CREATE TABLE IF NOT EXISTS ${qualified(options.database, localName(table))} ON CLUSTER ${identifier(options.cluster)}`
    })
    .replace(/\bENGINE = (\w*MergeTree)\b/, 'ENGINE = Replicated$1')
    .replace(/\bnon_replicated_deduplication_window\b/, 'replicated_deduplication_window')
  return [withRecovery(local), distributedTable(table, options)]
}

function withRecovery(sql: string): string {
  return /\bSETTINGS /.test(sql)
    ? sql.replace(/\bSETTINGS /, `SETTINGS ${RECOVERY_SETTING}, `)
    : `${sql}\nSETTINGS ${RECOVERY_SETTING}`
}

function alterOnCluster(table: string, change: string, { cluster, database }: ClusterDatabase): string {
  return `ALTER TABLE ${qualified(database, table)} ON CLUSTER ${identifier(cluster)} ${change}`
}

/** A comment above the statement says it: `-- sharded by cityHash64(key)`. Rows that nothing replaces may lie anywhere. */
function shardingKeyIn(statement: string): string {
  return /^-- sharded by (.+)$/m.exec(statement)?.[1] ?? 'rand()'
}
