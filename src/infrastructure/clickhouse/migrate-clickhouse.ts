import { Logger } from '@nestjs/common'
import { createClient, type ClickHouseClient } from '@clickhouse/client'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checkMigrations } from '../../common/errors/incompatible-schema.error.js'
import type { Config } from '../../config/config.js'
import { clusterForm } from './cluster-ddl.js'
import { identifier, qualified } from './identifier.js'
import { CLUSTER_SETTINGS } from './table-layout.js'

const MIGRATIONS_DIR = join(import.meta.dirname, '../../../migrations/clickhouse')
/** Those of version 0.1.0: `0001_transactions.sql` to `0006_transactions_skip_indexes.sql`. */
const OLDER = /^000\d_/

/** Throws IncompatibleSchemaError when another version made the database; changes nothing. */
export async function checkClickHouse(config: Config): Promise<void> {
  const [applied, known] = [await appliedMigrations(config), await clickHouseMigrations()]
  checkMigrations('ClickHouse', { applied, known, isOlder: OLDER })
}

/**
 * Creates the database and applies the numbered SQL files of migrations/clickhouse that have not run yet (of these, when
 * names are given).
 * The caller holds the migration lock. ClickHouse has no DDL transactions, so every statement is written to be safe to
 * run again (IF NOT EXISTS) after a crash between a file's statements and its record.
 */
export async function migrateClickHouse(config: Config, names?: string[]): Promise<void> {
  const { clickhouseCluster: cluster, clickhouseDatabase: database } = config
  const [files, applied] = [names ?? (await clickHouseMigrations()), await appliedMigrations(config)]
  const pending = files.filter((name) => !applied.includes(name))
  // A statement for a whole cluster waits for a node that has just died until Keeper gives it up; a start need not.
  if (pending.length === 0) return
  const where = cluster ? ` ON CLUSTER ${identifier(cluster)}` : ''
  await onClient(config, 'default', (client) =>
    client.command({ query: `CREATE DATABASE IF NOT EXISTS ${identifier(database)}${where} ENGINE = Atomic` }),
  )
  await onClient(config, database, async (client) => {
    await client.command({ query: recordTable(config) })
    for (const name of pending) await apply(client, name, config)
  })
}

/** In order; none when the database is not there. */
async function appliedMigrations(config: Config): Promise<string[]> {
  const table = qualified(config.clickhouseDatabase, 'schema_migrations')
  return onClient(config, 'default', async (client) => {
    const [row] = await rowsOf<{ result: number }>(client, `EXISTS TABLE ${table}`)
    if (!row?.result) return []
    const applied = await rowsOf<{ name: string }>(client, `SELECT name FROM ${table} ORDER BY name`)
    return applied.map(({ name }) => name)
  })
}

/** The names of the migrations that this version has, in the order in which they are applied. */
export async function clickHouseMigrations(): Promise<string[]> {
  return (await readdir(MIGRATIONS_DIR)).filter((name) => name.endsWith('.sql')).sort()
}

async function rowsOf<Row>(client: ClickHouseClient, query: string): Promise<Row[]> {
  return (await client.query({ query, format: 'JSONEachRow' })).json<Row>()
}

/** On a cluster every node holds all of it, so that any node can be asked. */
function recordTable({ clickhouseCluster: cluster, clickhouseDatabase: database }: Config): string {
  const engine = cluster
    ? `ReplicatedMergeTree('/clickhouse/countinghouse/{database}/schema_migrations', '{shard}-{replica}')`
    : 'MergeTree'
  const where = cluster ? ` ON CLUSTER ${identifier(cluster)}` : ''
  return `CREATE TABLE IF NOT EXISTS ${qualified(database, 'schema_migrations')}${where}
    (name String, applied_at DateTime DEFAULT now()) ENGINE = ${engine} ORDER BY name`
}

async function apply(
  client: ClickHouseClient,
  name: string,
  { clickhouseCluster: cluster, clickhouseDatabase: database }: Config,
): Promise<void> {
  const text = await readFile(join(MIGRATIONS_DIR, name), 'utf8')
  for (const statement of text.split(/;\s*$/m)) {
    if (!statement.replace(/--.*$/gm, '').trim()) continue
    for (const query of cluster ? clusterForm(statement, { cluster, database }) : [statement])
      await client.command({ query })
  }
  await client.insert({ table: 'schema_migrations', values: [{ name }], columns: ['name'], format: 'JSONEachRow' })
  new Logger('Migrations').log(`ClickHouse: ${name}`)
}

async function onClient<T>(
  config: Config,
  database: string,
  work: (client: ClickHouseClient) => Promise<T>,
): Promise<T> {
  const client = createClient({
    url: config.clickhouseUrl!,
    database,
    ...(config.clickhouseUser && { username: config.clickhouseUser }),
    ...(config.clickhousePassword && { password: config.clickhousePassword }),
    ...(config.clickhouseCluster && { clickhouse_settings: CLUSTER_SETTINGS }),
    request_timeout: 120_000,
    log: { level: 127 },
  })
  try {
    return await work(client)
  } finally {
    await client.close()
  }
}
