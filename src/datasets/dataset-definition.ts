/** The type of a stored column, and so of its dimension. */
export type ColumnType = 'text' | 'date' | 'timestamp' | 'decimal' | 'int32'

/** How a column of each type is stored. */
export const STORAGE_OF: Record<ColumnType, Storage> = {
  text: 'String',
  date: 'Date32',
  timestamp: "DateTime64(3, 'UTC')",
  decimal: 'Decimal(18, 4)',
  int32: 'Int32',
}

/** ClickHouse's type behind a member, so that a filter's values are compared in that type exactly. */
export type Storage =
  | 'String'
  | 'Date32'
  | "DateTime64(3, 'UTC')"
  | 'Int32'
  | 'Int64'
  | 'UInt64'
  | 'Decimal(18, 4)'
  | 'Decimal(38, 4)'
  | 'Decimal(38, 8)'
  | 'Decimal(76, 38)'

/** The type of a member in an answer: '' for no text, null for no date, exact JSON numbers of any size. */
export type MemberType = 'text' | 'date' | 'timestamp' | 'decimal' | 'integer'

/** The alias that the dataset's table has in every statement; a measure's SQL writes columns as `t.column`. */
export const TABLE_ALIAS = 't'

/** One column of the dataset's files and of its table. */
export interface ColumnDefinition {
  /** name in files: `TransactionId` */
  column: string
  /** name in queries, results and the table: `transaction_id` */
  member: string
  type: ColumnType
  title: string
  /** a record without a value is rejected; other columns may be empty */
  required: boolean
  /** the primary key: a record sent again replaces the earlier one */
  key?: boolean
  /** the table holds NULL for "not set" (dates); others hold '' or 0 */
  nullable?: boolean
  /** its expression over `t`; the column itself where it is left out */
  sql?: string
}

/** A figure over a group of rows. */
export interface MeasureDefinition {
  name: string
  /** an aggregate expression over `t`'s columns, valid over no rows as well */
  sql: string
  storage: Storage
  title: string
  /** what the title leaves open */
  description?: string
  /** NULL over no rows; others are 0 then */
  nullable?: boolean
}

/** `time` is a dimension that can also be cut into periods. */
export type MemberKind = 'dimension' | 'time' | 'measure'

/** What a query can name: a column of the dataset or a measure. */
export interface Member {
  name: string
  title: string
  description?: string
  kind: MemberKind
  type: MemberType
  storage: Storage
  /** can be NULL in an answer */
  nullable: boolean
  /** its expression over the table `t` */
  sql: string
  /** what the parameters in `sql` stand for */
  params?: Record<string, string>
  /** of a timestamp: its day in the query's time zone, as a member of its own */
  day?: Member
}

/**
 * Everything that the application knows of one dataset. Ingestion reads the columns, queries are compiled from columns
 * and measures; another dataset is one more declaration.
 */
export interface DatasetDefinition {
  name: string
  title: string
  description: string
  /** table in ClickHouse, a ReplacingMergeTree read with FINAL unless it is append-only */
  table: string
  /**
   * Its rows come by another way than files, with a `received_at`, and are never changed. The number of rows is its
   * version, so an acknowledged row is in the next answer, whichever instance stored it.
   */
  appendOnly?: boolean
  /** the members that no column or measure declares, by name; undefined when there is none of that name */
  memberOfKey?: (name: string) => Member | undefined
  /** how the members of memberOfKey are named, for people: `values.<key>` */
  memberPatterns?: Pick<Member, 'name' | 'kind'>[]
  /** the names by which a key can be queried */
  namesOfKey?: (key: string, isNumeric: boolean) => string[]
  /** lists the keys for memberOfKey that rows had lately, and whether as numbers: rows of `key`, `numeric` */
  dynamicMembersSql?: string
  /** the query's time zone, in which timestamps are cut into days; UTC where it is left out */
  timezone?: string
  columns: ColumnDefinition[]
  measures: MeasureDefinition[]
}

/** The column that identifies a record. */
export function keyOf(dataset: DatasetDefinition): ColumnDefinition {
  const key = dataset.columns.find((column) => column.key)
  if (!key) throw new Error(`dataset ${dataset.name} declares no key`)
  return key
}
