import { nameHint, quoted, unknownName } from '../../common/errors/unknown-name.js'
import { DatasetLookup } from '../../datasets/dataset-lookup.js'
import type { DatasetDefinition } from '../../datasets/dataset-definition.js'
import type { Member } from '../../datasets/member.js'
import { FilterParser } from '../../datasets/filters/filter-parser.js'
import { MemberParser } from '../../datasets/filters/member-parser.js'
import {
  isPlainObject,
  ValidationErrorCollector,
  refuseUnknownFields,
} from '../../datasets/filters/validation-errors.js'
import {
  COMPARE,
  GRANULARITIES,
  TIMESTAMP_GRANULARITIES,
  type Granularity,
  type ParsedQuery,
  type ParsedColumn,
} from './parsed-query.js'
import { type ComparedRange, type Filter } from '../../datasets/filters/filter.js'
import { DateRangeParser } from '../../datasets/filters/date-range-parser.js'
import { NODE_TIME_ZONES, type TimeZones } from '../../infrastructure/clickhouse/time-zones.js'

const FIELDS = [
  'dataset',
  'measures',
  'dimensions',
  'select',
  'timeDimension',
  'filters',
  'order',
  'limit',
  'offset',
  'total',
  'timezone',
  'explain',
  'maxCostCredits',
] as const

const TIME_FIELDS = ['dimension', 'granularity', 'dateRange', 'compareDateRange'] as const

const MAX_MEMBERS = 50
const BUILT_IN = new DatasetLookup()
export const DEFAULT_LIMIT = 100
export const MAX_LIMIT = 50_000

export interface ParseOptions {
  /** those that there are; the built-in ones where it is left out */
  datasets?: DatasetLookup
  /** an export: no limit unless the query sets one */
  unlimited?: boolean
  /** epoch ms; relative ranges depend on it */
  nowMs?: number
  /** the time zones that ClickHouse can cut by */
  timeZones?: TimeZones
}

interface TimeDimension {
  column?: ParsedColumn
  filters: Filter[]
  compare?: ComparedRange[]
}

/** A body of any shape as a ParsedQuery. Throws ValidationError (400) with everything that is wrong with it. */
export function parseQuery(body: unknown, options: ParseOptions = {}): ParsedQuery {
  const errors = new ValidationErrorCollector()
  const query = isPlainObject(body) ? new QueryParser(body, errors, options).parse() : undefined
  if (!isPlainObject(body))
    errors.add('', 'The body must be a JSON object, for example {"dataset":"transactions","measures":["revenue"]}')
  errors.throwIfAny()
  return query!
}

class QueryParser {
  private readonly timezone: string
  private readonly ranges: DateRangeParser

  constructor(
    private readonly body: Record<string, unknown>,
    private readonly errors: ValidationErrorCollector,
    private readonly options: ParseOptions,
  ) {
    this.timezone = this.parseTimezone()
    this.ranges = new DateRangeParser(errors, { timezone: this.timezone, nowMs: options.nowMs ?? Date.now() })
  }

  parse(): ParsedQuery | undefined {
    refuseUnknownFields(this.body, FIELDS, '', this.errors)
    const limit = this.parseWholeNumber('limit', 1, this.options.unlimited ? Number.MAX_SAFE_INTEGER : MAX_LIMIT)
    const offset = this.parseWholeNumber('offset', 0, Number.MAX_SAFE_INTEGER) ?? 0
    // An export has no page to say it in.
    const total = this.parseBoolean('total') && !this.options.unlimited
    const explain = this.parseBoolean('explain')
    const maxCostCredits = this.parseWholeNumber('maxCostCredits', 0, Number.MAX_SAFE_INTEGER)
    const known = this.parseDataset()
    if (!known) return undefined
    const dataset = this.timezone === 'UTC' ? known : { ...known, timezone: this.timezone }
    const rows = this.body.select !== undefined
    const time = this.parseTimeDimension(dataset)
    const members = rows ? this.parseSelect(dataset, time.column) : this.parseGroups(dataset, time.column)
    const columns = time.compare ? [COMPARE, ...members] : members
    const filters = [...time.filters, ...this.parseFilters(dataset, rows)]
    const order = this.parseOrder(columns)
    return {
      dataset,
      definition: known,
      columns,
      rows,
      filters,
      ...(time.compare && { compare: time.compare }),
      order,
      limit: limit ?? (this.options.unlimited ? undefined : DEFAULT_LIMIT),
      offset,
      total,
      explain,
      maxCostCredits,
      validUntil: this.ranges.validUntil,
    }
  }

  private parseDataset(): DatasetDefinition | undefined {
    const { dataset: name } = this.body
    const datasets = this.options.datasets ?? BUILT_IN
    const dataset = typeof name === 'string' ? datasets.find(name) : undefined
    if (dataset) return dataset
    const known = datasets.names
    this.errors.add(
      'dataset',
      name === undefined ? `is required. ${nameHint(name, known)}` : unknownName('dataset', name, known),
    )
    return undefined
  }

  /** In which today is looked up and timestamps are cut into days and hours; dates have none. */
  private parseTimezone(): string {
    const { timezone = 'UTC' } = this.body
    const zones = this.options.timeZones ?? NODE_TIME_ZONES
    const name = typeof timezone === 'string' ? zones.find(timezone) : undefined
    if (!name) this.errors.add('timezone', unknownName('time zone', timezone, zones.names))
    return name ?? 'UTC'
  }

  private parseWholeNumber(
    field: 'limit' | 'offset' | 'maxCostCredits',
    least: number,
    most: number,
  ): number | undefined {
    const value = this.body[field]
    if (value === undefined) return undefined
    if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most) return value as number
    this.errors.add(field, `must be a whole number from ${least} to ${most}`)
    return undefined
  }

  private parseBoolean(field: 'total' | 'explain'): boolean {
    const value = this.body[field] ?? false
    if (typeof value === 'boolean' && this.body[field] !== null) return value
    this.errors.add(field, 'must be true or false')
    return false
  }

  private parseSelect(dataset: DatasetDefinition, time: ParsedColumn | undefined): ParsedColumn[] {
    for (const field of ['measures', 'dimensions'] as const) {
      if (this.body[field] !== undefined) this.errors.add(field, 'cannot be combined with "select"')
    }
    if (time) this.errors.add('timeDimension.granularity', 'cannot be combined with "select": rows are not grouped')
    const columns = this.parseMembers('select', dataset)
    if (Array.isArray(this.body.select) && this.body.select.length === 0) {
      this.errors.add('select', 'must name at least one member')
    }
    return columns
  }

  private parseGroups(dataset: DatasetDefinition, time: ParsedColumn | undefined): ParsedColumn[] {
    const dimensions = this.parseMembers('dimensions', dataset)
    const measures = this.parseMembers('measures', dataset)
    if (time && dimensions.some(({ name }) => name === time.name)) {
      this.errors.add('timeDimension.dimension', `is in "dimensions" too: one column cannot be both`)
    }
    const columns = [...dimensions, ...(time ? [time] : []), ...measures]
    if (columns.length === 0 && !this.errors.hasErrors) {
      this.errors.add(
        '',
        'Name what to query: "measures", "dimensions", a "timeDimension" with a granularity, or "select"',
      )
    }
    return columns
  }

  private parseMembers(field: 'select' | 'dimensions' | 'measures', dataset: DatasetDefinition): ParsedColumn[] {
    const names = this.body[field]
    if (names === undefined) return []
    if (!Array.isArray(names) || names.length > MAX_MEMBERS) {
      this.errors.add(field, `must be a list of at most ${MAX_MEMBERS} ${field === 'select' ? 'columns' : field}`)
      return []
    }
    const members = new MemberParser(dataset, this.errors)
    return names.flatMap((name: unknown, index) => {
      const path = `${field}[${index}]`
      const member = members.parse(name, path, field === 'measures' ? 'measure' : 'dimension')
      if (member && names.indexOf(name) < index) this.errors.add(path, `${quoted(name)} is named twice`)
      return member ? [{ name: member.name, member }] : []
    })
  }

  private parseTimeDimension(dataset: DatasetDefinition): TimeDimension {
    const { timeDimension: value } = this.body
    if (value === undefined) return { filters: [] }
    if (!isPlainObject(value)) {
      this.errors.add('timeDimension', `must be an object {"${TIME_FIELDS.join('","')}"}`)
      return { filters: [] }
    }
    refuseUnknownFields(value, TIME_FIELDS, 'timeDimension', this.errors)
    if (TIME_FIELDS.slice(1).every((field) => value[field] === undefined)) {
      this.errors.add('timeDimension', 'needs a granularity, a dateRange or a compareDateRange')
    }
    const members = new MemberParser(dataset, this.errors)
    const member = members.parse(value.dimension, 'timeDimension.dimension', 'time dimension')
    const granularity = this.parseGranularity(value.granularity, member)
    if (!member) return { filters: [] }
    return {
      column: granularity && periodColumn(member, granularity),
      ...this.parseRanges(value, member),
    }
  }

  private parseRanges({ dateRange, compareDateRange }: Record<string, unknown>, member: Member) {
    const path = 'timeDimension.compareDateRange'
    if (compareDateRange !== undefined && dateRange !== undefined) {
      this.errors.add(path, 'cannot be combined with "dateRange"')
    }
    const range = dateRange === undefined ? undefined : this.ranges.parse(dateRange, member, 'timeDimension.dateRange')
    const compare =
      compareDateRange === undefined ? undefined : this.ranges.parseCompared(compareDateRange, member, path)
    return { filters: range ? [range] : [], compare }
  }

  private parseGranularity(value: unknown, member: Member | undefined): Granularity | undefined {
    const possible = GRANULARITIES.filter((each) => member?.day || !TIMESTAMP_GRANULARITIES.includes(each))
    const granularity = possible.find((each) => each === value)
    if (value !== undefined && !granularity) {
      this.errors.add('timeDimension.granularity', unknownName('granularity', value, possible))
    }
    return granularity
  }

  private parseFilters(dataset: DatasetDefinition, rows: boolean): Filter[] {
    if (this.body.filters === undefined) return []
    // There are no groups that a measure could be of.
    const problem = rows ? 'is a measure, and "select" returns rows: filter by a dimension' : undefined
    return new FilterParser(dataset, this.errors, this.ranges, problem).parse(this.body.filters, 'filters')
  }

  private parseOrder(columns: ParsedColumn[]): ParsedQuery['order'] {
    const { order } = this.body
    if (order === undefined) return []
    if (!Array.isArray(order) || order.length > 2 * MAX_MEMBERS) {
      this.errors.add('order', 'must be a list of ["member", "asc" or "desc"]')
      return []
    }
    const seen = new Set<unknown>()
    return order.flatMap((entry: unknown, index) => this.parseOrderEntry(entry, `order[${index}]`, columns, seen) ?? [])
  }

  private parseOrderEntry(entry: unknown, path: string, columns: ParsedColumn[], seen: Set<unknown>) {
    if (!Array.isArray(entry) || entry.length !== 2) {
      this.errors.add(path, 'must be ["member", "asc" or "desc"]')
      return undefined
    }
    const [name, direction] = entry as unknown[]
    const column = columns.find((each) => each.name === name)
    if (!column) {
      const known = columns.map((each) => each.name)
      this.errors.add(`${path}[0]`, `${quoted(name)} is not a column of this query. ${nameHint(name, known)}`)
    }
    if (column && seen.has(name)) this.errors.add(`${path}[0]`, `${quoted(name)} is named twice`)
    if (direction !== 'asc' && direction !== 'desc') this.errors.add(`${path}[1]`, 'must be "asc" or "desc"')
    seen.add(name)
    return column && { column, descending: direction === 'desc' }
  }
}

/** The days of a timestamp, unless it is cut into parts of a day. */
function periodColumn(member: Member, granularity: Granularity): ParsedColumn {
  const isPartOfDay = TIMESTAMP_GRANULARITIES.includes(granularity)
  return { name: member.name, member: isPartOfDay ? member : (member.day ?? member), granularity }
}
