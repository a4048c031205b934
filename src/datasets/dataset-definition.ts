import type { FileOptions } from './file-options.js'

/** The type of a column's values. */
export const COLUMN_TYPES = ['text', 'integer', 'decimal', 'number', 'boolean', 'date', 'timestamp'] as const
export type ColumnType = (typeof COLUMN_TYPES)[number]

/** ClickHouse's type behind a column or a member, so that a filter's values are compared in that type exactly. */
export type Storage =
  | 'String'
  | 'Bool'
  | 'Date32'
  | "DateTime64(3, 'UTC')"
  | 'Int32'
  | 'Int64'
  | 'Int128'
  | 'UInt64'
  | 'Float64'
  | `Decimal(${number}, ${number})`

/**
 * The type of a member in an answer: '' for no text, null for any other value that is not set, exact JSON numbers of any
 * size (`number` is a double and the only one that is not exact).
 */
export type MemberType = ColumnType

/** The alias that the dataset's table has in every statement; a measure's SQL writes columns as `t.column`. */
export const TABLE_ALIAS = 't'

/** One column of the dataset's files and of its table. */
export interface ColumnDefinition {
  /** its name in mappings and rejects, and in files unless `source` is another: `TransactionId` */
  column: string
  /** name in queries, results and the table: `transaction_id` */
  member: string
  type: ColumnType
  storage: Storage
  title: string
  description?: string
  /** a record without a value is rejected; other columns may be empty */
  required: boolean
  /** the table holds NULL for "not set"; others hold '' or 0 */
  nullable?: boolean
  /** its header in files */
  source?: string
  /** of dates and timestamps in files, where it is not ISO */
  format?: string
  /** of timestamps that are written without one; UTC where it is left out */
  timezone?: string
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
  /** the values of groups add up to that of all of them */
  additive?: true
  /** what the parameters in `sql` stand for */
  params?: Record<string, string | string[]>
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
  /** of a measure: the values of groups add up to that of all of them */
  additive?: true
  /** its expression over the table `t` */
  sql: string
  /** what the parameters in `sql` stand for */
  params?: Record<string, string | string[]>
  /** of a timestamp: its day in the query's time zone, as a member of its own */
  day?: Member
}

/** Credits, whole numbers. */
export interface DatasetPrice {
  query?: number
  export?: number
  /** for each begun million of the rows that ClickHouse expects to read */
  perMillionRows?: number
}

/** What of a dataset exists for a caller, where an access policy applies. */
export interface DatasetRestriction {
  /** stable text, equal for equal restrictions */
  cacheKey: string
  /** null: all */
  members: ReadonlySet<string> | null
  /** holds for the rows that exist for the caller: an expression over `t`; undefined where all do */
  rowSql?: string
  /** what the parameters in `rowSql` stand for */
  params: Record<string, string | string[]>
  /** epoch ms from which it means other rows */
  validUntil?: number
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
  /**
   * Lists the keys for memberOfKey that rows had lately, and whether as numbers: rows of `key`, `numeric`. Of the rows for
   * which the condition holds, an expression over `t`.
   */
  dynamicMembersSql?: (condition: string) => string
  /** the query's time zone, in which timestamps are cut into days; UTC where it is left out */
  timezone?: string
  columns: ColumnDefinition[]
  /** the members that identify a row: a record sent again replaces the earlier one; none: every record counts */
  key: readonly string[]
  /** Price, Quantity and TotalPrice belong together: of the two amounts one may be left out */
  derivesAmounts?: boolean
  /** columns that come before ROW_ID in the order of a table without a key */
  sortedBy?: readonly string[]
  /** the time member that a period is of unless a query names another one */
  timeDimension?: string
  measures: MeasureDefinition[]
  /** credits of its queries; QUERY_COST_CREDITS where it is left out */
  price?: DatasetPrice
  /** how its files are written where an upload does not say otherwise */
  fileOptions?: FileOptions
  /** set for a caller to whom an access policy applies */
  restriction?: DatasetRestriction
}

/** The column of a table without a key that tells its rows apart. */
export const ROW_ID = '_row_id'

/** The columns of the table that identify a row. */
export function identityOf({ key }: Pick<DatasetDefinition, 'key'>): readonly string[] {
  return key.length > 0 ? key : [ROW_ID]
}

/** The columns by which the table is sorted; what replaces a row must have the same values in all of them. */
export function sortingOf(dataset: Pick<DatasetDefinition, 'key' | 'sortedBy'>): readonly string[] {
  return dataset.key.length > 0 ? dataset.key : [...(dataset.sortedBy ?? []), ROW_ID]
}
