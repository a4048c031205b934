import type { Schemas } from '../../api/http'
import { conditionsOf, isFilter, type Condition, type DateRange } from '../../filters/filter'

/** The body of POST /v1/query. */
export type ExploreQuery = Omit<Schemas['QueryRequest'], 'order'> & { order?: [string, Direction][] }
export type TimeDimension = Schemas['QueryTimeDimension']
/** A query to begin with. */
export interface Example {
  title: string
  query: ExploreQuery
}

export type Direction = 'asc' | 'desc'

export const DEFAULT_DATASET = 'transactions'

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
export function missingParts(
  { timeDimension, filters = [] }: ExploreQuery,
  titleOf: (name: string) => string = String,
): string[] {
  const ranges = [timeDimension?.dateRange, ...(timeDimension?.compareDateRange ?? [])]
  return [
    ...(ranges.some(isOpen) ? ['A range of dates needs both of its days.'] : []),
    ...conditionsOf(filters)
      .filter(lacksValue)
      .map(({ member }) => `The filter on ${titleOf(member)} needs a value.`),
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

function isRange(value: unknown): boolean {
  return typeof value === 'string' || (Array.isArray(value) && value.every((day) => typeof day === 'string'))
}

function arrayOf(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : []
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
