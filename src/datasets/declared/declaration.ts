import type { ColumnType, DatasetPrice } from '../dataset-definition.js'
import type { FileOptions } from '../file-options.js'

/** Of a dataset. */
export const MAX_COLUMNS = 200

/** A column as the operator declares it. */
export interface DeclaredColumn {
  name: string
  /** header in files; the name where it is left out */
  source?: string
  title?: string
  description?: string
  type: ColumnType
  required: boolean
  /** of decimals: digits behind the point */
  scale?: number
  format?: string
  timezone?: string
  /** a text of few different values */
  lowCardinality?: boolean
}

/** Columns that rows from before may lack are NULL there, also where new rows must have a value. */
export interface StoredColumn extends DeclaredColumn {
  nullable: boolean
}

export const MEASURE_TYPES = [
  'count',
  'sum',
  'avg',
  'min',
  'max',
  'countDistinct',
  'approxCountDistinct',
  'quantile',
  'latest',
  'ratio',
] as const
export type MeasureType = (typeof MEASURE_TYPES)[number]

/** A measure as the operator declares it. */
export interface DeclaredMeasure {
  name: string
  title?: string
  description?: string
  type: MeasureType
  column?: string
  /** of a quantile, 0 to 1 */
  level?: number
  /** of the latest value: the column that orders the rows */
  by?: string
  /** of a ratio: names of other measures */
  numerator?: string
  denominator?: string
  /** the rows that it counts, as the filters of a query on dimensions */
  filters?: unknown[]
}

export interface Declaration {
  name: string
  title: string
  description: string
  columns: StoredColumn[]
  key: string[]
  timeDimension: string | null
  measures: DeclaredMeasure[]
  price: DatasetPrice | null
  fileOptions: FileOptions
}

/** `order_date` as people write it. */
export function titleOf(name: string): string {
  const words = name.replaceAll('_', ' ').trim()
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}
