import { DateTime, type DateTimeUnit } from 'luxon'
import { caseless, compareCells, compareNullsLast, exactOf, printed, type Cell } from './declared-values.js'
import type { FixtureMeasure, Row } from './declared-fixtures.js'
import type { OracleMember, OracleMembers } from './declared-members.js'
import type { OracleFilter, OracleQuery } from './query-oracle.js'

// An independent reading of docs/queries.md over rows in memory: no code of src is used here, so that a mistake there
// is not repeated.

export interface OracleColumn {
  name: string
  type: OracleMember['type']
  isRough: boolean
}

interface Line {
  values: Cell[]
  ties: Cell[]
}

/** What `POST /v1/query` must answer: its columns, its rows, and how many there are without limit and offset. */
export function declaredAnswer(query: OracleQuery, rows: Row[], members: OracleMembers) {
  const oracle = new Oracle(query, members)
  const lines = oracle.lines(rows)
  const { offset = 0, limit = 100 } = query
  return {
    columns: oracle.columns,
    data: lines.slice(offset, offset + limit).map(({ values }) => values),
    total: lines.length,
  }
}

class Oracle {
  readonly columns: OracleColumn[]
  private readonly zone: string
  private readonly grouping: string[]

  constructor(
    private readonly query: OracleQuery,
    private readonly members: OracleMembers,
  ) {
    const { select, dimensions = [], measures = [], timeDimension: time, timezone = 'UTC' } = query
    this.zone = timezone
    this.grouping = select ?? [...dimensions, ...(time?.granularity ? [time.dimension] : [])]
    this.columns = [...this.grouping, ...(select ? [] : measures)].map((name) => ({
      name,
      isRough: members.get(name).isRough,
      type: name === time?.dimension && !select && this.isByDay ? 'date' : members.get(name).type,
    }))
  }

  private get isByDay(): boolean {
    const { granularity } = this.query.timeDimension ?? {}
    return granularity !== undefined && granularity !== 'hour' && granularity !== 'minute'
  }

  lines(rows: Row[]): Line[] {
    const { timeDimension: time, filters = [], select } = this.query
    const range = time?.dateRange
      ? [{ member: time.dimension, operator: 'inDateRange', values: [time.dateRange].flat() }]
      : []
    const flat = [...filters, ...range].flatMap(flattened)
    const isOfGroup = (filter: OracleFilter) => namesIn(filter).some((name) => this.members.get(name).isMeasure)
    const ofRows = flat.filter((each) => !isOfGroup(each))
    const kept = rows.filter((row) => ofRows.every((each) => this.rowHolds(each, row)))
    const lines = select ? kept.map((row) => this.selected(row)) : this.grouped(kept, flat.filter(isOfGroup))
    return lines.sort((a, b) => this.compare(a, b))
  }

  private rowHolds(filter: OracleFilter, row: Row): boolean {
    return this.holds(filter, (name) => row[name]!)
  }

  private selected(row: Row): Line {
    const values = this.grouping.map((name) => row[name]!)
    return { values, ties: values }
  }

  private grouped(rows: Row[], filters: OracleFilter[]): Line[] {
    const groups = new Map<string, { key: Cell[]; rows: Row[] }>()
    if (this.grouping.length === 0) groups.set('[]', { key: [], rows: [] })
    for (const row of rows) {
      const key = this.grouping.map((name) => this.groupValue(row, name))
      const id = JSON.stringify(key.map(printed))
      if (!groups.has(id)) groups.set(id, { key, rows: [] })
      groups.get(id)!.rows.push(row)
    }
    return [...groups.values()]
      .filter((group) => filters.every((filter) => this.holds(filter, (name) => this.measure(name, group.rows))))
      .map(({ key, rows: own }) => ({
        values: [...key, ...(this.query.measures ?? []).map((name) => this.measure(name, own))],
        ties: key,
      }))
  }

  private measure(name: string, rows: Row[]): Cell {
    const isCounted = (filters: FixtureMeasure['filters'], row: Row) =>
      filters!.every((filter) => this.rowHolds(filter, row))
    return this.members.compute(name, rows, isCounted)
  }

  private groupValue(row: Row, name: string): Cell {
    const { granularity, dimension } = this.query.timeDimension ?? {}
    const value = row[name]!
    if (!granularity || name !== dimension || value === null) return value
    if (typeof value === 'string') return startOf(DateTime.fromISO(value, { zone: 'UTC' }), granularity)
    const moment = DateTime.fromMillis((value as { ms: number }).ms, { zone: this.zone })
    if (!this.isByDay) return { ms: moment.startOf(granularity as DateTimeUnit).toMillis() }
    return startOf(DateTime.utc(moment.year, moment.month, moment.day), granularity)
  }

  private compare(a: Line, b: Line): number {
    for (const [name, direction] of this.query.order ?? []) {
      const at = this.columns.findIndex((column) => column.name === name)
      const [left, right] = [a.values[at]!, b.values[at]!]
      const compared = compareNullsLast(left, right)
      const areValues = left !== null && right !== null
      if (compared !== 0) return direction === 'desc' && areValues ? -compared : compared
    }
    for (const [at, value] of a.ties.entries()) {
      const compared = compareNullsLast(value, b.ties[at]!)
      if (compared !== 0) return compared
    }
    return 0
  }

  private holds(filter: OracleFilter, valueOf: (name: string) => Cell): boolean {
    if (filter.and) return filter.and.every((each) => this.holds(each, valueOf))
    if (filter.or) return filter.or.some((each) => this.holds(each, valueOf))
    const { type } = this.members.get(filter.member!)
    return operatorHolds(filter.operator!, valueOf(filter.member!), (filter.values ?? []).map(String), type, this.zone)
  }
}

function startOf(day: DateTime, granularity: string): string {
  return day.startOf(granularity as DateTimeUnit).toISODate()!
}

function flattened(filter: OracleFilter): OracleFilter[] {
  return filter.and ? filter.and.flatMap(flattened) : [filter]
}

function namesIn(filter: OracleFilter): string[] {
  return filter.member ? [filter.member] : [...(filter.and ?? []), ...(filter.or ?? [])].flatMap(namesIn)
}

const OPPOSITES: Record<string, string> = {
  notEquals: 'equals',
  notContains: 'contains',
  notSet: 'set',
  notInDateRange: 'inDateRange',
}

function operatorHolds(
  operator: string,
  value: Cell,
  wanted: string[],
  type: OracleMember['type'],
  zone: string,
): boolean {
  const opposite = OPPOSITES[operator]
  if (opposite) return !operatorHolds(opposite, value, wanted, type, zone)
  if (operator === 'set') return value !== null && value !== ''
  if (value === null) return false
  const isByDay = type === 'timestamp' && wanted.every((each) => /^\d{4}-\d\d-\d\d$/.test(each))
  const compared = isByDay ? dayOf(value as { ms: number }, zone) : value
  const others = wanted.map((text) => literal(text, isByDay ? 'date' : type))
  const [from, to = from] = others
  if (operator === 'inDateRange') return order(compared, from!) >= 0 && order(compared, to!) <= 0
  return wanted.some((text, at) => valueHolds(operator, compared, others[at]!, text))
}

function dayOf({ ms }: { ms: number }, zone: string): string {
  return DateTime.fromMillis(ms, { zone }).toISODate()!
}

type Literal = NonNullable<Cell>

/** A filter's value. Of a date only the day counts; of a moment also what is less than a millisecond. */
function literal(text: string, type: OracleMember['type']): Literal {
  switch (type) {
    case 'text':
      return text
    case 'boolean':
      return ['true', 't', 'yes', 'y', '1'].includes(text.toLowerCase())
    case 'date':
      return text.slice(0, 10)
    case 'timestamp':
      return { ms: Date.parse(text.replace(' ', 'T')) + (/\.\d{3}0*[1-9]/.test(text) ? 0.5 : 0) }
    case 'number':
      return { double: Number(text) }
    default:
      return exactOf(text)
  }
}

function order(value: Cell, other: Literal): number {
  return compareCells(value!, other)
}

function valueHolds(operator: string, value: Literal, other: Literal, text: string): boolean {
  if (operator === 'contains') return caseless(value as string).includes(caseless(text))
  if (operator === 'startsWith') return caseless(value as string).startsWith(caseless(text))
  if (operator === 'endsWith') return caseless(value as string).endsWith(caseless(text))
  const compared = order(value, other)
  if (operator === 'equals') return compared === 0
  if (operator === 'gt' || operator === 'afterDate') return compared > 0
  if (operator === 'gte') return compared >= 0
  if (operator === 'lt' || operator === 'beforeDate') return compared < 0
  if (operator === 'lte') return compared <= 0
  throw new Error(`the oracle does not know ${operator}`)
}
