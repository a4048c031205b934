import type pg from 'pg'
import { tableNameOf } from '../datasets/declared/dataset.entity.js'
import type { DeclaredTable } from '../datasets/declared/table-ddl.js'

const TABLE = /^dataset_\d+_/

/** What the tables of the datasets follow from that are declared in the session's snapshot. */
export async function findDeclaredTables(postgres: pg.Client): Promise<DeclaredTable[]> {
  const { rows: found } = await postgres.query<{ table: string | null }>(`SELECT to_regclass('datasets') AS table`)
  if (!found[0]?.table) return []
  const { rows } = await postgres.query<Omit<DeclaredTable, 'table'> & { number: string; name: string }>(
    `SELECT number, name, columns, key, time_dimension AS "timeDimension" FROM datasets
     WHERE dropped_at IS NULL ORDER BY datasets.number`,
  )
  return rows.map(({ number, name, ...rest }) => ({ table: tableNameOf({ number, name }), ...rest }))
}

/** Whether the snapshot knows the table: that of a dataset which was dropped or declared meanwhile is none of it. */
export function isKnownTable({ name }: { name: string }, declared: DeclaredTable[]): boolean {
  return !TABLE.test(name) || declared.some(({ table }) => table === name)
}
