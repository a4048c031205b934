import type { DatasetDefinition } from '../../datasets/dataset-definition.js'
import type { ComparedRange, Filter } from '../../datasets/filters/filter.js'
import type { Member } from '../../datasets/member.js'

export const GRANULARITIES = ['minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'] as const
/** parts of a day, which only timestamps have */
export const TIMESTAMP_GRANULARITIES: readonly Granularity[] = ['minute', 'hour']
export type Granularity = (typeof GRANULARITIES)[number]

/** A valid query: every name is resolved, every value is parsed. */
export interface ParsedQuery {
  /** in the query's time zone */
  dataset: DatasetDefinition
  /** as it is declared */
  definition: DatasetDefinition
  /** the columns of the result in order: selected ones, or dimensions, the time column and measures */
  columns: ParsedColumn[]
  /** rows of the dataset instead of groups */
  rows: boolean
  filters: Filter[]
  /** the same columns over each of these ranges; the first column tells them apart */
  compare?: ComparedRange[]
  order: { column: ParsedColumn; descending: boolean }[]
  /** undefined: no limit (exports) */
  limit: number | undefined
  offset: number
  total: boolean
  /** the response explains how it was made */
  explain: boolean
  /** refused when it costs more */
  maxCostCredits: number | undefined
  /** epoch ms from which the query means something else; undefined when it means the same at any time */
  validUntil: number | undefined
}

export interface ParsedColumn {
  name: string
  member: Member
  /** cut into periods; the column holds the first day of each, or the beginning of a minute or an hour */
  granularity?: Granularity
}

/** The column that tells compared ranges apart. It is a column of the query, not of a table. */
export const COMPARE: ParsedColumn = {
  name: 'compareDateRange',
  member: {
    name: 'compareDateRange',
    title: 'Compared range',
    kind: 'dimension',
    type: 'text',
    storage: 'String',
    nullable: false,
    sql: '',
  },
}
