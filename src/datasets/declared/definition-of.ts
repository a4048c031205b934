import { identifier } from '../../infrastructure/clickhouse/identifier.js'
import { TABLE_ALIAS, type ColumnDefinition, type DatasetDefinition, type Storage } from '../dataset-definition.js'
import { titleOf, type Declaration, type StoredColumn } from './declaration.js'
import { measuresOf } from './measures.js'

export const DEFAULT_SCALE = 4

const STORAGE: Record<Exclude<StoredColumn['type'], 'decimal'>, Storage> = {
  text: 'String',
  integer: 'Int64',
  number: 'Float64',
  boolean: 'Bool',
  date: 'Date32',
  timestamp: "DateTime64(3, 'UTC')",
}

/** A declaration as the rest of the application knows datasets. */
export function definitionOf(declaration: Declaration & { table: string }): DatasetDefinition {
  const { name, title, description, table, key, timeDimension, fileOptions } = declaration
  const columns = declaration.columns.map(columnOf)
  return {
    ...{ name, title, description, table, key, fileOptions, columns },
    sortedBy: sortedBy(declaration),
    timeDimension: timeDimension ?? undefined,
    price: declaration.price ?? undefined,
    measures: measuresOf(declaration, columns),
  }
}

export function storageOf({ type, scale = DEFAULT_SCALE }: StoredColumn): Storage {
  return type === 'decimal' ? `Decimal(38, ${scale})` : STORAGE[type]
}

/** A table without a key is in the order of what most queries ask: texts of few values, then time. */
export function sortedBy({ columns, timeDimension }: Pick<Declaration, 'columns' | 'timeDimension'>): string[] {
  const few = columns.filter(({ lowCardinality }) => lowCardinality).map(({ name }) => name)
  return [...(timeDimension ? [timeDimension] : []), ...few.slice(0, MAX_SORTED)]
}

const MAX_SORTED = 2

export function columnOf(column: StoredColumn): ColumnDefinition {
  const { name, title, type, required, nullable, lowCardinality: _, scale: __, ...rest } = column
  return {
    ...rest,
    ...{ column: name, member: name, type, required, nullable },
    title: title ?? titleOf(name),
    storage: storageOf(column),
    sql: sqlOf(column),
  }
}

/** A name may be a word of SQL. Files may have -0, which is 0 to comparisons, but not to groups, sets and distinct counts. */
function sqlOf({ name, type }: StoredColumn): string {
  const sql = `${TABLE_ALIAS}.${identifier(name)}`
  return type === 'number' ? `(${sql} + 0)` : sql
}
