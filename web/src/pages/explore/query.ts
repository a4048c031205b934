/** `["2024-01-01", "2024-12-31"]`, or one that is told from today: `"last 30 days"`. */
export type DateRange = string | string[]
export type FilterValue = string | number | boolean

export interface Condition {
  member: string
  operator: string
  values?: FilterValue[]
}

/** Made by hand in the JSON: the builder keeps it as it is. */
export interface FilterGroup {
  and?: Filter[]
  or?: Filter[]
}

export type Filter = Condition | FilterGroup

export interface TimeDimension {
  dimension: string
  granularity?: string
  dateRange?: DateRange
  compareDateRange?: DateRange[]
}

export type Direction = 'asc' | 'desc'

/** The body of POST /v1/query. */
export interface Question {
  dataset: string
  measures?: string[]
  dimensions?: string[]
  /** rows instead of groups, in place of measures and dimensions */
  select?: string[]
  timeDimension?: TimeDimension
  filters?: Filter[]
  order?: [string, Direction][]
  limit?: number
  offset?: number
  total?: boolean
  timezone?: string
}

export const DEFAULT_DATASET = 'transactions'

export function isCondition(filter: Filter): filter is Condition {
  return 'member' in filter
}

/** Without the parts that say nothing, so that equal questions have equal texts. */
export function tidy(question: Question): Question {
  const entries = Object.entries(question).filter(
    ([name, value]) => value !== undefined && (name === 'select' || !Array.isArray(value) || value.length > 0),
  )
  return Object.fromEntries(entries) as unknown as Question
}

export function textOf(question: Question): string {
  return JSON.stringify(tidy(question))
}

/** The columns of its answer that can be ordered by. */
export function columnsOf({ select, dimensions = [], measures = [], timeDimension }: Question): string[] {
  const compared = timeDimension?.compareDateRange ? ['compareDateRange'] : []
  if (select) return [...compared, ...select]
  const time = timeDimension?.granularity ? [timeDimension.dimension] : []
  return [...compared, ...dimensions, ...time, ...measures]
}

/** Nothing was chosen yet that could be answered. */
export function isBlank(question: Question): boolean {
  return columnsOf(question).length === 0
}

/** What has to be filled in before it can be asked, in sentences; whether it makes sense the server says. */
export function gapsOf({ timeDimension, filters = [] }: Question): string[] {
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

/** Any text as a question; undefined when it is none. Only its outline is looked at: the rest the server checks. */
export function parseQuestion(text: string): Question | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isQuestion(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isQuestion(value: unknown): value is Question {
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
