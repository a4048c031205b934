import type { ClickHouseSettings } from '@clickhouse/client'
import type { Readable } from 'node:stream'
import type { Config } from '../config/config.js'
import type { ClickHouse } from '../infrastructure/clickhouse/clickhouse.js'
import { ClickHouseStatementError } from '../infrastructure/clickhouse/clickhouse.errors.js'
import { identifier } from '../infrastructure/clickhouse/identifier.js'
import type { StoredTable } from './backup-manifest.js'

const FORMAT = 'TabSeparated'
const UNKNOWN_DATABASE = 81
/** Of jobs that have not ended; see StagingService. */
const STAGING = '^ingestion_[a-z_]+_[0-9]+_[0-9]+(_local)?$'

/** A time without a zone means the same on both sides. */
const ZONE: ClickHouseSettings = { session_timezone: 'UTC' }
const EXPORT_SETTINGS: ClickHouseSettings = { ...ZONE, max_execution_time: 0, max_threads: 2 }
const IMPORT_SETTINGS: ClickHouseSettings = {
  ...ZONE,
  max_execution_time: 0,
  async_insert: 0,
  // Rows come in as they went out: nothing is merged, deduplicated, or left out for what it looks like.
  optimize_on_insert: 0,
  insert_deduplicate: 0,
  max_partitions_per_insert_block: '0',
  input_format_allow_errors_num: '0',
}

/** The rows of a table, or of one shard of it, as they were when the statement began. */
export interface RowStream {
  table: string
  lines: Readable
}

/** The tables of a backup: all that hold rows but the staging tables of jobs. */
export async function findClickHouseTables(clickhouse: ClickHouse): Promise<Omit<StoredTable, 'rows'>[]> {
  return clickhouse.query<Omit<StoredTable, 'rows'>>(
    `SELECT c.table AS name, arrayMap(column -> column.2, arraySort(groupArray((c.position, c.name)))) AS columns
     FROM system.columns c JOIN system.tables t ON t.database = c.database AND t.name = c.table
     WHERE c.database = currentDatabase() AND c.default_kind NOT IN ('MATERIALIZED', 'ALIAS')
       AND (t.engine LIKE '%MergeTree' OR t.engine = 'Distributed')
       AND NOT endsWith(t.name, '_local') AND t.name != 'schema_migrations' AND NOT match(t.name, {staging:String})
     GROUP BY name ORDER BY name`,
    { params: { staging: STAGING } },
  )
}

/** Names of the ClickHouse migrations that were applied; none when there is no database of ours. */
export async function findClickHouseMigrations(clickhouse: ClickHouse): Promise<string[]> {
  const [table] = await inDatabase(() =>
    clickhouse.query(`SELECT 1 FROM system.tables
    WHERE database = currentDatabase() AND name = 'schema_migrations'`),
  )
  if (!table) return []
  const rows = await clickhouse.query<{ name: string }>('SELECT DISTINCT name FROM schema_migrations ORDER BY name')
  return rows.map(({ name }) => name)
}

/** Which of the tables hold rows. */
export async function findFilled(clickhouse: ClickHouse, tables: string[]): Promise<string[]> {
  const there = await inDatabase(() =>
    clickhouse.query<{ name: string }>(
      'SELECT name FROM system.tables WHERE database = currentDatabase() AND has({tables:Array(String)}, name)',
      { params: { tables } },
    ),
  )
  const filled: string[] = []
  for (const { name } of there) {
    const rows = await clickhouse.query(`SELECT 1 FROM ${identifier(name)} LIMIT 1`)
    if (rows.length > 0) filled.push(name)
  }
  return filled
}

/**
 * Begins to read every table. When it resolves each statement has begun, so that what changes from then on (a load, a
 * merge) is in none of them: ClickHouse reads the parts that there were at the statement's start. On a cluster each shard
 * has a statement of its own, because the first row of one shard says nothing of the others.
 */
export async function openRows(
  clickhouse: ClickHouse,
  tables: Omit<StoredTable, 'rows'>[],
  { config, unfinishedJobs, signal }: { config: Config; unfinishedJobs: string[]; signal: AbortSignal },
): Promise<RowStream[]> {
  const shards = await findShards(clickhouse, config)
  const statements = tables.flatMap(({ name, columns }) => {
    const select = `SELECT ${columns.map(identifier).join(', ')} FROM ${identifier(name)}`
    // Of jobs that will have failed once they are restored.
    const wanted = name === 'ingestion_rejects' ? ['NOT has({unfinishedJobs:Array(UUID)}, ingestion_id)'] : []
    return shards.map((shard) => ({ table: name, select, where: [...wanted, ...shard] }))
  })
  const opened = await Promise.allSettled(
    statements.map(async ({ table, select, where }): Promise<RowStream> => {
      const sql = where.length > 0 ? `${select} WHERE ${where.join(' AND ')}` : select
      const options = { params: { unfinishedJobs }, settings: EXPORT_SETTINGS, signal }
      return { table, lines: await clickhouse.stream(sql, FORMAT, options) }
    }),
  )
  const streams = opened.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  const failed = opened.find((each) => each.status === 'rejected')
  if (!failed) return streams
  closeRows(streams)
  throw failed.reason
}

export function closeRows(streams: RowStream[]): void {
  for (const { lines } of streams) lines.on('error', () => undefined).destroy()
}

/** Throws when ClickHouse did not take as many rows as the piece has. */
export async function insertRows(
  clickhouse: ClickHouse,
  { name, columns }: Pick<StoredTable, 'name' | 'columns'>,
  piece: { rows: number; bytes: Buffer },
  signal: AbortSignal,
): Promise<void> {
  const options = { settings: IMPORT_SETTINGS, signal }
  const { writtenRows } = await clickhouse.insert(name, columns, FORMAT, piece.bytes, options)
  // On a cluster a row that stays on the node which was asked is counted twice.
  if (writtenRows < piece.rows) throw new Error(`ClickHouse took ${writtenRows} of ${piece.rows} rows of ${name}`)
}

/** A condition for each shard; without a cluster one list of none. */
async function findShards(clickhouse: ClickHouse, { clickhouseCluster }: Config): Promise<string[][]> {
  if (!clickhouseCluster) return [[]]
  const rows = await clickhouse.query<{ shard: number }>(
    'SELECT DISTINCT shard_num AS shard FROM system.clusters WHERE cluster = {cluster:String} ORDER BY shard',
    { params: { cluster: clickhouseCluster } },
  )
  return rows.map(({ shard }) => [`_shard_num = ${Number(shard)}`])
}

/** Nothing where the database does not exist. */
async function inDatabase<Row>(read: () => Promise<Row[]>): Promise<Row[]> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof ClickHouseStatementError && error.clickhouseCode === UNKNOWN_DATABASE) return []
    throw error
  }
}
