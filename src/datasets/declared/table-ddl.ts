import { identifier } from '../../infrastructure/clickhouse/identifier.js'
import { orderBySql, shardingKeyOf } from '../../infrastructure/clickhouse/table-layout.js'
import { identityOf, ROW_ID, sortingOf } from '../dataset-definition.js'
import type { StoredColumn } from './declaration.js'
import type { DatasetEntity } from './dataset.entity.js'
import { sortedBy, storageOf } from './definition-of.js'

/** What a table follows from. */
export type DeclaredTable = Pick<DatasetEntity, 'table' | 'columns' | 'key' | 'timeDimension'>

/**
 * The table of a declared dataset, on one node. A row that is sent again replaces the older one by its greater `_version`, as
 * in `transactions`; without a key `_row_id` tells rows apart, so that a load can be repeated and taken out all the same.
 */
export function createTableSql(dataset: DeclaredTable): string {
  const order = { key: dataset.key, sortedBy: sortedBy(dataset) }
  const rowId = dataset.key.length > 0 ? [] : [`${ROW_ID} UInt64 CODEC(Delta, LZ4)`]
  const lines = [
    ...dataset.columns.map(columnSql),
    ...rowId,
    '_version UInt64 CODEC(Delta, LZ4)',
    '_deleted UInt8 DEFAULT 0',
    ...dataset.columns.filter((column) => hasRange(column, dataset)).map(indexSql),
  ]
  return `-- sharded by ${shardingKeyOf(identityOf(order))}
CREATE TABLE IF NOT EXISTS ${dataset.table} (
  ${lines.join(',\n  ')}
) ENGINE = ReplacingMergeTree(_version, _deleted) ORDER BY ${orderBySql(sortingOf(order))} SETTINGS allow_nullable_key = 1`
}

export function addColumnSql({ table }: DatasetEntity, column: StoredColumn): string {
  return `ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS ${columnSql(column)}`
}

/** Of a column that an earlier try added and whose declaration was not kept. */
export function dropColumnSql({ table }: DatasetEntity, column: StoredColumn): string {
  return `ALTER TABLE ${table} DROP COLUMN IF EXISTS ${identifier(column.name)}`
}

function columnSql(column: StoredColumn): string {
  return `${identifier(column.name)} ${tableTypeOf(column)}`
}

function tableTypeOf(column: StoredColumn): string {
  const storage = storageOf(column)
  if (column.lowCardinality) return `LowCardinality(${storage})`
  return column.nullable ? `Nullable(${storage})` : storage
}

/** Queries of a period skip the granules outside of it; the first column of the order needs no help. */
function hasRange({ name, type }: StoredColumn, dataset: DeclaredTable): boolean {
  if (type !== 'date' && type !== 'timestamp') return false
  return dataset.key[0] !== name && (dataset.key.length > 0 || name !== dataset.timeDimension)
}

function indexSql({ name }: StoredColumn): string {
  return `INDEX ${identifier(`_range_${name}`)} ${identifier(name)} TYPE minmax GRANULARITY 1`
}
