import type pg from 'pg'
import type { StoredSequence, StoredTable } from './backup-manifest.js'

/**
 * What is no part of a backup: what a start makes anew, what belongs to running processes, and what means nothing in
 * another database.
 */
const LEFT_OUT = [
  // made by the migrations, with their rows
  ...['migrations', 'rollup_state', 'user_changes_pruned'],
  // positions of user_changes are transaction numbers of its database
  ...['user_changes', 'table_fingerprints', 'view_refreshes'],
  // of processes and of requests in flight
  ...['service_instances', 'rate_limit_generation', 'rate_limit_instances', 'rate_limit_hits'],
  // of jobs that have not ended
  'user_import_rows',
]

/** What a server writes that was only started: a restore replaces it. */
export const MADE_BY_A_START = ['root_keys', 'request_logs', 'usage_daily', 'endpoint_daily']

export const LOG_PARTITION = /^request_logs_(\d{4}_\d{2})$/

/** The tables of a backup with their columns, those first that others refer to. */
export async function findTables(client: pg.ClientBase): Promise<Omit<StoredTable, 'rows'>[]> {
  const { rows } = await client.query<{ name: string; columns: string[]; needs: string[] }>(
    `SELECT c.relname AS name,
       ARRAY(SELECT attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND attnum > 0 AND NOT attisdropped
         AND attgenerated = '' ORDER BY attnum) AS columns,
       ARRAY(SELECT confrelid::regclass::text FROM pg_constraint k
         WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.confrelid <> c.oid) AS needs
     FROM pg_class c
     WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
       AND relpersistence = 'p' AND NOT relname = ANY ($1) ORDER BY name`,
    [LEFT_OUT],
  )
  return inLoadingOrder(rows).map(({ name, columns }) => ({ name, columns }))
}

/** Where the numbers of identity columns stand. Read behind the snapshot, so that they are no less than its rows'. */
export async function findSequences(client: pg.ClientBase, tables: string[]): Promise<StoredSequence[]> {
  const { rows } = await client.query<{ table: string; column: string; sequence: string }>(
    `SELECT c.relname AS table, attname AS column, pg_get_serial_sequence(quote_ident(c.relname), attname) AS sequence
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
     WHERE c.relnamespace = current_schema()::regnamespace AND attidentity <> '' AND c.relname = ANY ($1)
     ORDER BY 1, 2`,
    [tables],
  )
  const sequences: StoredSequence[] = []
  for (const { table, column, sequence } of rows) {
    const { rows: states } = await client.query<{ lastValue: string; isCalled: boolean }>(
      `SELECT last_value::text AS "lastValue", is_called AS "isCalled" FROM ${sequence}`,
    )
    sequences.push({ table, column, ...states[0]! })
  }
  return sequences
}

/** First days of the months that the request log has a partition for. */
export async function findLogMonths(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = to_regclass('request_logs') ORDER BY name`,
  )
  const months = rows.map(({ name }) => LOG_PARTITION.exec(name)?.[1])
  return months.filter((month) => month !== undefined).map((month) => `${month.replace('_', '-')}-01`)
}

/** The ids of the keys that the fields are encrypted with. */
export async function findEncryptionKeyIds(client: pg.ClientBase): Promise<string[]> {
  // The database may be one that is about to be upgraded.
  const webhooks = (await exists(client, 'webhooks')) ? 'webhooks' : 'low_balance_alerts'
  const ofSources = (await exists(client, 'dataset_sources'))
    ? `UNION SELECT encode(substring(secrets_ciphertext, 2, 4), 'hex') FROM dataset_sources
       WHERE secrets_ciphertext IS NOT NULL`
    : ''
  const { rows } = await client.query<{ id: string }>(
    `SELECT encode(substring(email_ciphertext, 2, 4), 'hex') AS id FROM users WHERE email_ciphertext IS NOT NULL
     UNION SELECT encode(substring(secret_ciphertext, 2, 4), 'hex') FROM ${webhooks}
     WHERE secret_ciphertext IS NOT NULL ${ofSources} ORDER BY id`,
  )
  return rows.map(({ id }) => id)
}

/** Names of the PostgreSQL migrations that were applied; none when there is no database of ours. */
export async function findMigrations(client: pg.ClientBase): Promise<string[]> {
  if (!(await exists(client, 'migrations'))) return []
  const applied = await client.query<{ name: string }>('SELECT name FROM migrations ORDER BY id')
  return applied.rows.map(({ name }) => name)
}

/** `table`: quoted where its name needs it. */
export async function exists(client: pg.ClientBase, table: string): Promise<boolean> {
  const { rows } = await client.query<{ exists: boolean }>('SELECT to_regclass($1) IS NOT NULL AS exists', [table])
  return rows[0]!.exists
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function inLoadingOrder<T extends { name: string; needs: string[] }>(tables: T[]): T[] {
  const ordered: T[] = []
  const left = new Map(tables.map((table) => [table.name, table]))
  while (left.size > 0) {
    const next = [...left.values()].filter(({ needs }) => !needs.some((name) => left.has(name)))
    if (next.length === 0) throw new Error(`these tables refer to each other: ${[...left.keys()].join(', ')}`)
    ordered.push(...next)
    for (const { name } of next) left.delete(name)
  }
  return ordered
}
