import type { ColumnType, MeasureType } from './declarations'

const NUMBERS: readonly ColumnType[] = ['integer', 'decimal', 'number']
const ORDERED: readonly ColumnType[] = [...NUMBERS, 'date', 'timestamp']
const EVERY: readonly ColumnType[] = [...ORDERED, 'text', 'boolean']

type Part = 'column' | 'level' | 'by' | 'numerator' | 'denominator'

interface Kind {
  label: string
  /** the types of column that it is of */
  columns: readonly ColumnType[]
  parts: readonly Part[]
  /** before the name of the column, in a name that is proposed */
  prefix: string
}

export const MEASURE_KINDS: Record<MeasureType, Kind> = {
  sum: { label: 'sum', columns: NUMBERS, parts: ['column'], prefix: 'total' },
  avg: { label: 'average', columns: NUMBERS, parts: ['column'], prefix: 'average' },
  count: { label: 'count of rows', columns: EVERY, parts: ['column'], prefix: 'count' },
  countDistinct: { label: 'distinct values', columns: EVERY, parts: ['column'], prefix: 'unique' },
  approxCountDistinct: {
    label: 'distinct values, about',
    columns: EVERY,
    parts: ['column'],
    prefix: 'approx_unique',
  },
  min: { label: 'minimum', columns: [...ORDERED, 'text'], parts: ['column'], prefix: 'lowest' },
  max: { label: 'maximum', columns: [...ORDERED, 'text'], parts: ['column'], prefix: 'highest' },
  quantile: { label: 'quantile', columns: ORDERED, parts: ['column', 'level'], prefix: 'quantile' },
  latest: { label: 'latest value', columns: EVERY, parts: ['column', 'by'], prefix: 'latest' },
  ratio: { label: 'ratio of two measures', columns: [], parts: ['numerator', 'denominator'], prefix: 'ratio' },
}

/** The fields that a measure of the type has besides its name. */
export function partsOf(type: MeasureType): readonly Part[] {
  return MEASURE_KINDS[type].parts
}

/** A ratio is of measures that have their own. */
export function hasFilters(type: MeasureType): boolean {
  return type !== 'ratio'
}

export function takes(type: MeasureType, column: ColumnType): boolean {
  return MEASURE_KINDS[type].columns.includes(column)
}
