import { identifier } from './identifier.js'

/**
 * The cluster's form of the DDL in migrations/clickhouse, which is written for one node: each table becomes a replicated
 * one on every node, `<name>_local`, and a Distributed one over them that has its name. So there is one definition of each.
 */
export function clusterForm(statement: string, cluster: string): string[] {
  const sql = statement.replace(/--.*$/gm, '').trim()
  const created = /^CREATE TABLE IF NOT EXISTS (\w+)\s/.exec(sql)
  if (created) return createdOnCluster(sql, created[1]!, { cluster, shardingKey: shardingKeyIn(statement) })
  const altered = /^ALTER TABLE (\w+) ((?:ADD|DROP) COLUMN\s.*)$/s.exec(sql)
  if (altered)
    return [localName(altered[1]!), altered[1]!].map((table) => onCluster('ALTER', table, altered[2]!, cluster))
  const stored = /^ALTER TABLE (\w+) ((?:MODIFY SETTING|(?:ADD|DROP|MATERIALIZE) INDEX)\s.*)$/s.exec(sql)
  if (stored) return [onCluster('ALTER', localName(stored[1]!), stored[2]!, cluster)]
  throw new Error(`this statement has no form for a cluster yet: ${sql.slice(0, 60)}`)
}

/** The table of a node that holds its rows. */
export function localName(table: string): string {
  return `${table}_local`
}

/** Over the `<name>_local` of all nodes; a row's node is decided by the sharding key. */
export function distributedTable(
  table: string,
  { cluster, shardingKey }: { cluster: string; shardingKey: string },
): string {
  return `CREATE TABLE IF NOT EXISTS ${identifier(table)} ON CLUSTER ${identifier(cluster)} AS ${identifier(localName(table))}
    ENGINE = Distributed(${identifier(cluster)}, currentDatabase(), ${identifier(localName(table))}, ${shardingKey})`
}

function createdOnCluster(sql: string, table: string, options: { cluster: string; shardingKey: string }): string[] {
  const local = sql
    .replace(/^CREATE TABLE IF NOT EXISTS \w+/, () => {
      return `CREATE TABLE IF NOT EXISTS ${identifier(localName(table))} ON CLUSTER ${identifier(options.cluster)}`
    })
    .replace(/\bENGINE = (\w*MergeTree)\b/, 'ENGINE = Replicated$1')
    .replace(/\bnon_replicated_deduplication_window\b/, 'replicated_deduplication_window')
  return [local, distributedTable(table, options)]
}

function onCluster(verb: string, table: string, rest: string, cluster: string): string {
  return `${verb} TABLE ${identifier(table)} ON CLUSTER ${identifier(cluster)} ${rest}`
}

/** A comment above the statement says it: `-- sharded by cityHash64(key)`. Rows that nothing replaces may lie anywhere. */
function shardingKeyIn(statement: string): string {
  return /^-- sharded by (.+)$/m.exec(statement)?.[1] ?? 'rand()'
}
