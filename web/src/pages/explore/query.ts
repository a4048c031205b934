import type { Schemas } from '../../api/http'

/** The body of POST /v1/query. */
export type ExploreQuery = Omit<Schemas['QueryRequest'], 'order'> & { order?: [string, Direction][] }
export type TimeDimension = Schemas['QueryTimeDimension']
/** `["2024-01-01", "2024-12-31"]`, or one relative to today: `"last 30 days"`. */
export type DateRange = NonNullable<TimeDimension['dateRange']>
export type Condition = Schemas['QueryCondition']
export type FilterValue = NonNullable<Condition['values']>[number]
/** Groups are made by hand in the JSON: the builder keeps them as they are. */
export type Filter = NonNullable<ExploreQuery['filters']>[number]

/** A query to begin with. */
export interface Example {
  title: string
  query: ExploreQuery
}

export type Direction = 'asc' | 'desc'

export const DEFAULT_DATASET = 'transactions'

export function isCondition(filter: Filter): filter is Condition {
  return 'member' in filter
}

/** Without the parts that say nothing, so that equal queries have equal texts. */
export function withoutEmptyParts(query: ExploreQuery): ExploreQuery {
  const entries = Object.entries(query).filter(
    ([name, value]) => value !== undefined && (name === 'select' || !Array.isArray(value) || value.length > 0),
  )
  return Object.fromEntries(entries) as unknown as ExploreQuery
}

export function textOf(query: ExploreQuery): string {
  return JSON.stringify(withoutEmptyParts(query))
}

/** The columns of its result that can be ordered by. */
export function columnsOf({ select, dimensions = [], measures = [], timeDimension }: ExploreQuery): string[] {
  const compared = timeDimension?.compareDateRange ? ['compareDateRange'] : []
  if (select) return [...compared, ...select]
  const time = timeDimension?.granularity ? [timeDimension.dimension] : []
  return [...compared, ...dimensions, ...time, ...measures]
}

/** No column was chosen yet. */
export function isBlank(query: ExploreQuery): boolean {
  return columnsOf(query).length === 0
}

/** What has to be filled in before it can be executed, in sentences; the server checks the rest. */
export function missingParts({ timeDimension, filters = [] }: ExploreQuery): string[] {
  const ranges = [timeDimension?.dateRange, ...(timeDimension?.compareDateRange ?? [])]
  const conditions = filters.filter(isCondition)
  return [
    ...(ranges.some(isOpen) ? ['A range of dates needs both of its days.'] : []),
    ...conditions.filter(lacksValue).map(({ member }) => `The filter on ${member} needs a value.`),
  ]
}

function isOpen(range: DateRange | undefined): boolean {
  return Array.isArray(range) && range.some((day) => day === '')
}

function lacksValue({ operator, values = [] }: Condition): boolean {
  return operator !== 'set' && operator !== 'notSet' && (values.length === 0 || values.includes(''))
}

/** Any text as a query; undefined when it is none. Only its outline is looked at: the rest the server checks. */
export function parseExploreQuery(text: string): ExploreQuery | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isExploreQuery(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isExploreQuery(value: unknown): value is ExploreQuery {
  if (!isObject(value) || typeof value.dataset !== 'string') return false
  const { measures = [], dimensions = [], select = [], filters = [], order = [], timeDimension = {} } = value
  return (
    [measures, dimensions, select].every(
      (names) => Array.isArray(names) && names.every((name) => typeof name === 'string'),
    ) &&
    Array.isArray(filters) &&
    filters.every(isFilter) &&
    Array.isArray(order) &&
    order.every((entry) => Array.isArray(entry) && entry.length === 2) &&
    isObject(timeDimension) &&
    [timeDimension.dateRange ?? '', ...arrayOf(timeDimension.compareDateRange)].every(isRange)
  )
}

function isFilter(value: unknown): boolean {
  if (!isObject(value)) return false
  if ('member' in value) return typeof value.member === 'string' && Array.isArray(value.values ?? [])
  return 'and' in value || 'or' in value
}

function isRange(value: unknown): boolean {
  return typeof value === 'string' || (Array.isArray(value) && value.every((day) => typeof day === 'string'))
}

function arrayOf(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : []
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
