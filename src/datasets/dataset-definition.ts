/** The type of a stored column, and so of its dimension. */
export type ColumnType = 'text' | 'date' | 'decimal' | 'int32'

/** How a column of each type is stored. */
export const STORAGE_OF: Record<ColumnType, Storage> = {
  text: 'String',
  date: 'Date32',
  decimal: 'Decimal(18, 4)',
  int32: 'Int32',
}

/** The engine's type behind a member, so that a filter's values are compared in that type exactly. */
export type Storage =
  'String' | 'Date32' | 'Int32' | 'Int64' | 'UInt64' | 'Decimal(18, 4)' | 'Decimal(38, 4)' | 'Decimal(38, 8)'

/** The type of a member in an answer: '' for no text, null for no date, exact JSON numbers of any size. */
export type MemberType = 'text' | 'date' | 'decimal' | 'integer'

/** The alias that the dataset's table has in every statement; a measure's SQL writes columns as `t.column`. */
export const TABLE_ALIAS = 't'

/** One column of the dataset's files and of its table. */
export interface ColumnDefinition {
  /** name in files: `TransactionId` */
  column: string
  /** name in questions, answers and the table: `transaction_id` */
  member: string
  type: ColumnType
  title: string
  /** a record without a value is rejected; other columns may be empty */
  required: boolean
  /** the primary key: a record sent again replaces the earlier one */
  key?: boolean
  /** the table holds NULL for "not set" (dates); others hold '' or 0 */
  nullable?: boolean
}

/** A figure over a group of rows. */
export interface MeasureDefinition {
  name: string
  /** an aggregate expression over `t`'s columns, valid over no rows as well */
  sql: string
  storage: Storage
  title: string
  /** NULL over no rows; others are 0 then */
  nullable?: boolean
}

/**
 * Everything that the application knows of one dataset. Ingestion reads the columns, questions are compiled from columns
 * and measures; another dataset is one more declaration.
 */
export interface DatasetDefinition {
  name: string
  title: string
  description: string
  /** table in ClickHouse, a ReplacingMergeTree read with FINAL */
  table: string
  columns: ColumnDefinition[]
  measures: MeasureDefinition[]
}

/** The column that identifies a record. */
export function keyOf(dataset: DatasetDefinition): ColumnDefinition {
  const key = dataset.columns.find((column) => column.key)
  if (!key) throw new Error(`dataset ${dataset.name} declares no key`)
  return key
}
