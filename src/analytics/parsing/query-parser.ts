import { DATASETS, findDataset } from '../datasets/dataset-catalog.js'
import type { DatasetDefinition } from '../datasets/dataset-definition.js'
import { findMember, type Member } from '../datasets/member.js'
import { FilterReader } from './filter-reader.js'
import { choiceOf, isPlainObject, Problems, quoted, refuseUnknownFields } from './problems.js'
import {
  COMPARE,
  GRANULARITIES,
  GRANULARITIES_OF_MOMENTS,
  type ComparedRange,
  type Filter,
  type Granularity,
  type Question,
  type QuestionColumn,
} from './question.js'
import { RangeReader } from './range-reader.js'

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
] as const

const TIME_FIELDS = ['dimension', 'granularity', 'dateRange', 'compareDateRange'] as const

const MAX_MEMBERS = 50
export const DEFAULT_LIMIT = 100
export const MAX_LIMIT = 50_000

export interface ReadOptions {
  /** an export: no limit unless the question sets one */
  unlimited?: boolean
  /** when it is asked, in epoch ms; ranges told from today depend on it */
  nowMs?: number
}

interface TimeDimension {
  column?: QuestionColumn
  filters: Filter[]
  compare?: ComparedRange[]
}

/** A body of any shape as a Question. Throws ValidationError (400) with everything that is wrong with it. */
export function readQuestion(body: unknown, options: ReadOptions = {}): Question {
  const problems = new Problems()
  const question = isPlainObject(body) ? new QuestionReader(body, problems, options).read() : undefined
  if (!isPlainObject(body))
    problems.add('', 'The body must be a JSON object, for example {"dataset":"transactions","measures":["revenue"]}')
  problems.throwIfAny()
  return question!
}

class QuestionReader {
  private readonly timezone: string
  private readonly ranges: RangeReader

  constructor(
    private readonly body: Record<string, unknown>,
    private readonly problems: Problems,
    private readonly options: ReadOptions,
  ) {
    this.timezone = this.readTimezone()
    this.ranges = new RangeReader(problems, { timezone: this.timezone, nowMs: options.nowMs ?? Date.now() })
  }

  read(): Question | undefined {
    refuseUnknownFields(this.body, FIELDS, '', this.problems)
    const limit = this.readWholeNumber('limit', 1, this.options.unlimited ? Number.MAX_SAFE_INTEGER : MAX_LIMIT)
    const offset = this.readWholeNumber('offset', 0, Number.MAX_SAFE_INTEGER) ?? 0
    const total = this.readBoolean('total')
    const explain = this.readBoolean('explain')
    const known = this.readDataset()
    if (!known) return undefined
    const dataset = this.timezone === 'UTC' ? known : { ...known, timezone: this.timezone }
    const rows = this.body.select !== undefined
    const time = this.readTimeDimension(dataset)
    const members = rows ? this.readSelect(dataset, time.column) : this.readGroups(dataset, time.column)
    const columns = time.compare ? [COMPARE, ...members] : members
    const filters = [...time.filters, ...this.readFilters(dataset, !rows)]
    const order = this.readOrder(columns)
    return {
      dataset,
      columns,
      rows,
      filters,
      ...(time.compare && { compare: time.compare }),
      order,
      limit: limit ?? (this.options.unlimited ? undefined : DEFAULT_LIMIT),
      offset,
      total,
      explain,
      validUntil: this.ranges.validUntil,
    }
  }

  private readDataset(): DatasetDefinition | undefined {
    const { dataset: name } = this.body
    const dataset = typeof name === 'string' ? findDataset(name) : undefined
    if (dataset) return dataset
    const problem = name === undefined ? 'is required' : `unknown dataset ${quoted(name)}`
    this.problems.add('dataset', `${problem}: use ${choiceOf(DATASETS.map((each) => each.name))}`)
    return undefined
  }

  /** Where today is looked up, and in which moments are cut into days and hours; dates have none. */
  private readTimezone(): string {
    const { timezone = 'UTC' } = this.body
    const canonical = timezoneOf(timezone)
    if (!canonical) this.problems.add('timezone', 'must be the name of a time zone, for example "Europe/Berlin"')
    return canonical ?? 'UTC'
  }

  private readWholeNumber(field: 'limit' | 'offset', least: number, most: number): number | undefined {
    const value = this.body[field]
    if (value === undefined) return undefined
    if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most) return value as number
    this.problems.add(field, `must be a whole number from ${least} to ${most}`)
    return undefined
  }

  private readBoolean(field: 'total' | 'explain'): boolean {
    const value = this.body[field] ?? false
    if (typeof value === 'boolean' && this.body[field] !== null) return value
    this.problems.add(field, 'must be true or false')
    return false
  }

  private readSelect(dataset: DatasetDefinition, time: QuestionColumn | undefined): QuestionColumn[] {
    for (const field of ['measures', 'dimensions'] as const) {
      if (this.body[field] !== undefined) this.problems.add(field, 'cannot stand beside "select"')
    }
    if (time) this.problems.add('timeDimension.granularity', 'cannot stand beside "select": rows are not grouped')
    const columns = this.readMembers('select', dataset, isDimension)
    if (Array.isArray(this.body.select) && this.body.select.length === 0) {
      this.problems.add('select', 'must name at least one member')
    }
    return columns
  }

  private readGroups(dataset: DatasetDefinition, time: QuestionColumn | undefined): QuestionColumn[] {
    const dimensions = this.readMembers('dimensions', dataset, isDimension)
    const measures = this.readMembers('measures', dataset, isMeasure)
    if (time && dimensions.some(({ name }) => name === time.name)) {
      this.problems.add('timeDimension.dimension', `is in "dimensions" too: one column cannot be both`)
    }
    const columns = [...dimensions, ...(time ? [time] : []), ...measures]
    if (columns.length === 0 && !this.problems.any) {
      this.problems.add(
        '',
        'Ask for something: name "measures", "dimensions", a "timeDimension" with a granularity, or "select"',
      )
    }
    return columns
  }

  private readMembers(
    field: 'select' | 'dimensions' | 'measures',
    dataset: DatasetDefinition,
    fits: (member: Member) => boolean,
  ): QuestionColumn[] {
    const names = this.body[field]
    if (names === undefined) return []
    if (!Array.isArray(names) || names.length > MAX_MEMBERS) {
      this.problems.add(field, `must be a list of at most ${MAX_MEMBERS} members`)
      return []
    }
    return names.flatMap((name: unknown, index) => {
      const member = this.readMember(
        name,
        `${field}[${index}]`,
        dataset,
        field === 'measures' ? 'measure' : 'dimension',
        fits,
      )
      if (member && names.indexOf(name) < index)
        this.problems.add(`${field}[${index}]`, `${quoted(name)} is named twice`)
      return member ? [{ name: member.name, member }] : []
    })
  }

  private readMember(
    name: unknown,
    path: string,
    dataset: DatasetDefinition,
    what: string,
    fits: (member: Member) => boolean,
  ): Member | undefined {
    const member = typeof name === 'string' ? findMember(dataset, name) : undefined
    if (member && fits(member)) return member
    const problem =
      name === undefined
        ? `is required`
        : member
          ? `${quoted(name)} is not a ${what}`
          : `unknown ${what} ${quoted(name)}`
    this.problems.add(path, problem)
    return undefined
  }

  private readTimeDimension(dataset: DatasetDefinition): TimeDimension {
    const { timeDimension: value } = this.body
    if (value === undefined) return { filters: [] }
    if (!isPlainObject(value)) {
      this.problems.add('timeDimension', `must be an object {"${TIME_FIELDS.join('","')}"}`)
      return { filters: [] }
    }
    refuseUnknownFields(value, TIME_FIELDS, 'timeDimension', this.problems)
    if (TIME_FIELDS.slice(1).every((field) => value[field] === undefined)) {
      this.problems.add('timeDimension', 'needs a granularity, a dateRange or a compareDateRange')
    }
    const member = this.readMember(value.dimension, 'timeDimension.dimension', dataset, 'time dimension', isTime)
    const granularity = this.readGranularity(value.granularity, member)
    if (!member) return { filters: [] }
    return {
      column: granularity && periodColumn(member, granularity),
      ...this.readRanges(value, member),
    }
  }

  private readRanges({ dateRange, compareDateRange }: Record<string, unknown>, member: Member) {
    const path = 'timeDimension.compareDateRange'
    if (compareDateRange !== undefined && dateRange !== undefined) {
      this.problems.add(path, 'cannot stand beside "dateRange"')
    }
    const range = dateRange === undefined ? undefined : this.ranges.read(dateRange, member, 'timeDimension.dateRange')
    const compare =
      compareDateRange === undefined ? undefined : this.ranges.readCompared(compareDateRange, member, path)
    return { filters: range ? [range] : [], compare }
  }

  private readGranularity(value: unknown, member: Member | undefined): Granularity | undefined {
    const possible = GRANULARITIES.filter((each) => member?.day || !GRANULARITIES_OF_MOMENTS.includes(each))
    const granularity = possible.find((each) => each === value)
    if (value !== undefined && !granularity) {
      this.problems.add('timeDimension.granularity', `must be ${choiceOf(possible)}`)
    }
    return granularity
  }

  private readFilters(dataset: DatasetDefinition, measuresAllowed: boolean): Filter[] {
    if (this.body.filters === undefined) return []
    return new FilterReader(dataset, this.problems, measuresAllowed, this.ranges).read(this.body.filters, 'filters')
  }

  private readOrder(columns: QuestionColumn[]): Question['order'] {
    const { order } = this.body
    if (order === undefined) return []
    if (!Array.isArray(order) || order.length > 2 * MAX_MEMBERS) {
      this.problems.add('order', 'must be a list of ["member", "asc" or "desc"]')
      return []
    }
    const seen = new Set<unknown>()
    return order.flatMap((entry: unknown, index) => this.readOrderEntry(entry, `order[${index}]`, columns, seen) ?? [])
  }

  private readOrderEntry(entry: unknown, path: string, columns: QuestionColumn[], seen: Set<unknown>) {
    if (!Array.isArray(entry) || entry.length !== 2) {
      this.problems.add(path, 'must be ["member", "asc" or "desc"]')
      return undefined
    }
    const [name, direction] = entry as unknown[]
    const column = columns.find((each) => each.name === name)
    if (!column) this.problems.add(`${path}[0]`, `${quoted(name)} is not a column of this question`)
    else if (seen.has(name)) this.problems.add(`${path}[0]`, `${quoted(name)} is named twice`)
    if (direction !== 'asc' && direction !== 'desc') this.problems.add(`${path}[1]`, 'must be "asc" or "desc"')
    seen.add(name)
    return column && { column, descending: direction === 'desc' }
  }
}

function isMeasure({ kind }: Member): boolean {
  return kind === 'measure'
}

function isDimension({ kind }: Member): boolean {
  return kind !== 'measure'
}

function isTime({ kind }: Member): boolean {
  return kind === 'time'
}

/** The days of a moment, unless it is cut into parts of a day. */
function periodColumn(member: Member, granularity: Granularity): QuestionColumn {
  const ofMoment = GRANULARITIES_OF_MOMENTS.includes(granularity)
  return { name: member.name, member: ofMoment ? member : (member.day ?? member), granularity }
}

/**
 * As the engine spells it. Names of the IANA database only; the runtime would also take offsets such as `+01:00`, and
 * names in any case.
 */
function timezoneOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^[A-Za-z][A-Za-z0-9_+\-/]{0,63}$/.test(value)) return undefined
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone
  } catch {
    return undefined
  }
}
