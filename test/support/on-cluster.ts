import { createHash } from 'node:crypto'

/** Set by test/cluster/support/global-setup.ts: suites then use its cluster instead of an embedded ClickHouse. */
export const ON_CLUSTER = { url: 'TEST_CLICKHOUSE_URL', name: 'TEST_CLICKHOUSE_CLUSTER' }

/** What a server needs whose ClickHouse is that cluster: a database of its own there. Nothing without one. */
export function clusterEnv(dataDir: string): { CLICKHOUSE_URL?: string; CLICKHOUSE_DATABASE?: string } {
  const { [ON_CLUSTER.url]: url, [ON_CLUSTER.name]: cluster } = process.env
  if (!url || !cluster) return {}
  const database = `test_${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`
  return { CLICKHOUSE_URL: url, CLICKHOUSE_DATABASE: database, ...{ CLICKHOUSE_CLUSTER: cluster } }
}

/** Not that cluster, which serves all suites at once; then a line says what is not tested. */
export function canStopClickHouse(what: string): boolean {
  if (!process.env[ON_CLUSTER.url]) return true
  console.log(`${what} is not tested: it stops ClickHouse, and one cluster serves all suites`)
  return false
}

/** A table as DDL of a test names it: on that cluster on every node, which do not know what database is meant. */
export function tableOf({ CLICKHOUSE_DATABASE: database = 'countinghouse' }: { CLICKHOUSE_DATABASE?: string }) {
  const cluster = process.env[ON_CLUSTER.name]
  return {
    onEveryNode: cluster ? ` ON CLUSTER ${cluster}` : '',
    named: (table: string): string => `${database}.${table}`,
    /** the one that holds the rows */
    stored: (table: string): string => `${database}.${table}${cluster ? '_local' : ''}`,
  }
}
