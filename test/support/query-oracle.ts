import type { Transaction } from './random-transactions.js'

// An independent reading of docs/queries.md over rows in memory: no code of src is used here, so that a mistake there
// is not repeated. Numbers are exact: a value is a rational, written as digits over a power of ten.

type Value = string | null | Rational

/** numerator / denominator; the denominator is positive */
export interface Rational {
  numerator: bigint
  denominator: bigint
}

export interface OracleFilter {
  member?: string
  operator?: string
  values?: (string | number | boolean)[]
  and?: OracleFilter[]
  or?: OracleFilter[]
}

export interface OracleQuery {
  dataset: string
  measures?: string[]
  dimensions?: string[]
  select?: string[]
  timeDimension?: { dimension: string; granularity?: string; dateRange?: OracleRange; compareDateRange?: OracleRange[] }
  filters?: OracleFilter[]
  order?: [string, string][]
  limit?: number
  offset?: number
  total?: boolean
  timezone?: string
}

/** [from, to], [day], or a text: a day or a range told from today */
export type OracleRange = string | string[]

export const TEXTS = ['transaction_id', 'user_id', 'country', 'region', 'product_id', 'product_name', 'category']
export const DATES = ['transaction_date', 'added_date']
export const NUMBERS = ['price', 'quantity', 'total_price', 'stock_quantity']
export const DIMENSIONS = [...TEXTS, ...DATES, ...NUMBERS]

const MEASURES: Record<string, (rows: Transaction[]) => Value> = {
  transactions: (rows) => whole(BigInt(rows.length)),
  revenue: (rows) => money(sum(rows, 'total_price')),
  items_sold: (rows) => whole(sum(rows, 'quantity')),
  average_price: (rows) => average(sum(rows, 'price'), rows.length),
  average_order_value: (rows) => average(sum(rows, 'total_price'), rows.length),
  unique_users: (rows) => distinct(rows.map((row) => row.user_id)),
  unique_products: (rows) => distinct(rows.map((row) => row.product_id)),
  latest_stock: latestStock,
}

export const MEASURE_NAMES = Object.keys(MEASURES)

/** The day that a clock there shows, as YYYY-MM-DD. */
export function todayIn({ timezone = 'UTC' }: OracleQuery): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: timezone, dateStyle: 'short' }).format(new Date())
}

/**
 * What `POST /v1/query` must answer on that day: rows of columns as text, null or `#` and an exact number, and the total.
 */
export function answerOf(
  query: OracleQuery,
  rows: Transaction[],
  today = todayIn(query),
): { data: (string | null)[][]; total: number } {
  const { compareDateRange: compared, dateRange, ...time } = query.timeDimension ?? { dimension: '' }
  const ranges = compared ?? [dateRange]
  const lines = ranges.flatMap((range, place) => {
    const days = range === undefined ? undefined : daysOf(range, today)
    const label: [string, Value][] = compared
      ? [['compareDateRange', days!.map((day) => day.slice(0, 10)).join(' - ')]]
      : []
    return linesOf(query, { ...time, days }, rows, today).map(({ values, ties }) => ({
      values: new Map([...label, ...values]),
      ties,
      place,
    }))
  })
  lines.sort((a, b) => compareLines(a, b, query))
  const { offset = 0, limit = 100 } = query
  return {
    data: lines.slice(offset, offset + limit).map((line) => [...line.values.values()].map(printed)),
    total: lines.length,
  }
}

interface Time {
  dimension: string
  granularity?: string
  days?: string[]
}

function linesOf(query: OracleQuery, time: Time, rows: Transaction[], today: string): Line[] {
  const range = time.days ? [{ member: time.dimension, operator: 'inDateRange', values: time.days }] : []
  const flat = [...(query.filters ?? []), ...range].flatMap(flattened).map((filter) => onThatDay(filter, today))
  const isGroupFilter = (filter: OracleFilter) => membersOf(filter).some((member) => member in MEASURES)
  const kept = rows.filter((row) =>
    flat.filter((each) => !isGroupFilter(each)).every((each) => holds(each, (name) => dimensionValue(row, name))),
  )
  return query.select ? selected(query.select, kept) : grouped(query, time, kept, flat.filter(isGroupFilter))
}

/** Ranges told from today as days. */
function onThatDay(filter: OracleFilter, today: string): OracleFilter {
  const inside = (filters?: OracleFilter[]) => filters?.map((each) => onThatDay(each, today))
  if (filter.and || filter.or) return { ...filter, and: inside(filter.and), or: inside(filter.or) }
  if (!/inDateRange$/i.test(filter.operator!)) return filter
  return { ...filter, values: daysOf(filter.values as string[], today) }
}

/** Both days of a range. Periods are counted on a line of days or months, from the one that holds today. */
function daysOf(range: OracleRange, today: string): [string, string] {
  const [from, to = from] = typeof range === 'string' ? [range] : range
  if (/^\d/.test(from!)) return [from!, to!]
  const [, , count, unit] = /^(last|this) (?:(\d+) )?(\w+?)s?$/.exec(
    from!.replace('today', 'this day').replace('yesterday', 'last day'),
  )!
  const newest = from!.startsWith('this') || from === 'today' ? 0 : 1
  const oldest = count ? Number(count) : newest
  return [periodStart(today, unit!, -oldest), dayBefore(periodStart(today, unit!, 1 - newest))]
}

/** The first day of the period that is `steps` away from the one of today. */
function periodStart(today: string, unit: string, steps: number): string {
  const [year, month, day] = today.split('-').map(Number) as [number, number, number]
  if (unit === 'year') return dayText(year + steps, 0, 1)
  if (unit === 'quarter') return dayText(year, (Math.ceil(month / 3) - 1 + steps) * 3, 1)
  if (unit === 'month') return dayText(year, month - 1 + steps, 1)
  const weekday = (new Date(`${today}T00:00:00Z`).getUTCDay() + 6) % 7
  return unit === 'week' ? dayText(year, month - 1, day - weekday + 7 * steps) : dayText(year, month - 1, day + steps)
}

function dayText(year: number, month: number, day: number): string {
  return new Date(Date.UTC(year, month, day)).toISOString().slice(0, 10)
}

function dayBefore(day: string): string {
  return new Date(Date.parse(day) - 86_400_000).toISOString().slice(0, 10)
}

/** One row of the answer; `ties` are the values that order what the query's order leaves equal. */
interface Line {
  values: Map<string, Value>
  ties: Value[]
}

/** A row of one of several compared ranges. */
interface PlacedLine extends Line {
  place: number
}

function selected(select: string[], rows: Transaction[]): Line[] {
  return rows.map((row) => {
    const values = new Map(select.map((name) => [name, dimensionValue(row, name)]))
    return { values, ties: [...values.values(), row.transaction_id] }
  })
}

function grouped(
  { dimensions = [], measures = [] }: OracleQuery,
  timeDimension: Time,
  rows: Transaction[],
  filters: OracleFilter[],
): Line[] {
  const time = timeDimension.granularity ? timeDimension : undefined
  const groups = new Map<string, { key: [string, Value][]; rows: Transaction[] }>()
  const put = (key: [string, Value][], row?: Transaction) => {
    const id = JSON.stringify(key.map(([, value]) => printed(value)))
    if (!groups.has(id)) groups.set(id, { key, rows: [] })
    if (row) groups.get(id)!.rows.push(row)
  }
  if (dimensions.length === 0 && !time) put([])
  for (const row of rows) {
    const key = dimensions.map((name): [string, Value] => [name, dimensionValue(row, name)])
    if (time)
      key.push([time.dimension, periodOf(dimensionValue(row, time.dimension) as string | null, time.granularity!)])
    put(key, row)
  }
  return [...groups.values()]
    .filter((group) => filters.every((filter) => holds(filter, (name) => MEASURES[name]!(group.rows))))
    .map((group) => ({
      values: new Map([...group.key, ...measures.map((name): [string, Value] => [name, MEASURES[name]!(group.rows)])]),
      ties: group.key.map(([, value]) => value),
    }))
}

function compareLines(a: PlacedLine, b: PlacedLine, { order = [] }: OracleQuery): number {
  if (a.place !== b.place && !order.some(([name]) => name === 'compareDateRange')) return a.place - b.place
  for (const [name, direction] of order) {
    const [left, right] = [a.values.get(name)!, b.values.get(name)!]
    const compared = compareNullsLast(left, right)
    const nulls = left === null || right === null
    if (compared !== 0) return direction === 'desc' && !nulls ? -compared : compared
  }
  if (a.place !== b.place) return a.place - b.place
  for (const [index, value] of a.ties.entries()) {
    const compared = compareNullsLast(value, b.ties[index]!)
    if (compared !== 0) return compared
  }
  return 0
}

function compareNullsLast(a: Value, b: Value): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null)
  return compare(a, b)
}

/** Texts by their UTF-8 bytes, numbers by value. */
function compare(a: string | Rational, b: string | Rational): number {
  if (typeof a === 'string' || typeof b === 'string')
    return Buffer.compare(Buffer.from(a as string), Buffer.from(b as string))
  const [left, right] = [a.numerator * b.denominator, b.numerator * a.denominator]
  return left < right ? -1 : left > right ? 1 : 0
}

function flattened(filter: OracleFilter): OracleFilter[] {
  return filter.and ? filter.and.flatMap(flattened) : [filter]
}

function membersOf(filter: OracleFilter): string[] {
  return filter.member ? [filter.member] : [...(filter.and ?? []), ...(filter.or ?? [])].flatMap(membersOf)
}

function holds(filter: OracleFilter, valueOf: (name: string) => Value): boolean {
  if (filter.and) return filter.and.every((each) => holds(each, valueOf))
  if (filter.or) return filter.or.some((each) => holds(each, valueOf))
  return operatorHolds(filter.operator!, valueOf(filter.member!), filter.values ?? [])
}

const OPPOSITES: Record<string, string> = {
  notEquals: 'equals',
  notContains: 'contains',
  notSet: 'set',
  notInDateRange: 'inDateRange',
}

function operatorHolds(operator: string, value: Value, values: (string | number | boolean)[]): boolean {
  const opposite = OPPOSITES[operator]
  if (opposite) return !operatorHolds(opposite, value, values)
  if (operator === 'set') return value !== null && value !== ''
  if (value === null) return false
  if (operator === 'inDateRange') {
    const [from, to = from] = values.map((each) => String(each).slice(0, 10))
    return (value as string) >= from! && (value as string) <= to!
  }
  return values.some((each) => valueHolds(operator, value, each))
}

function valueHolds(operator: string, value: string | Rational, wanted: string | number | boolean): boolean {
  // Letter by letter, so that no sigma is the last of a word; written as one, it is the same letter.
  const lower = (text: unknown) => [...String(text)].map((letter) => letter.toLowerCase().replace('ς', 'σ')).join('')
  if (operator === 'contains') return lower(value).includes(lower(wanted))
  if (operator === 'startsWith') return lower(value).startsWith(lower(wanted))
  if (operator === 'endsWith') return lower(value).endsWith(lower(wanted))
  const isDate = typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value)
  const other =
    typeof value === 'string' ? (isDate ? String(wanted).slice(0, 10) : String(wanted)) : rationalOf(String(wanted))
  const compared = compare(value, other)
  if (operator === 'equals') return compared === 0
  if (operator === 'gt' || operator === 'afterDate') return compared > 0
  if (operator === 'gte') return compared >= 0
  if (operator === 'lt' || operator === 'beforeDate') return compared < 0
  if (operator === 'lte') return compared <= 0
  throw new Error(`the oracle does not know ${operator}`)
}

function dimensionValue(row: Transaction, name: string): Value {
  const value = row[name as keyof Transaction]
  if (typeof value !== 'bigint') return value
  return name === 'price' || name === 'total_price' ? money(value) : whole(value)
}

function periodOf(date: string | null, granularity: string): string | null {
  if (date === null || granularity === 'day') return date
  const [year, month] = [date.slice(0, 4), Number(date.slice(5, 7))]
  if (granularity === 'year') return `${year}-01-01`
  if (granularity === 'month') return `${date.slice(0, 7)}-01`
  if (granularity === 'quarter') return `${year}-${String(Math.floor((month - 1) / 3) * 3 + 1).padStart(2, '0')}-01`
  const day = new Date(`${date}T00:00:00Z`)
  day.setUTCDate(day.getUTCDate() - ((day.getUTCDay() + 6) % 7))
  return day.toISOString().slice(0, 10)
}

function sum(rows: Transaction[], member: 'total_price' | 'price' | 'quantity'): bigint {
  return rows.reduce((total, row) => total + row[member], 0n)
}

/** Money over a count, to 8 decimals, halves away from zero. */
function average(total: bigint, count: number): Value {
  if (count === 0) return null
  const divisor = BigInt(count)
  const magnitude = (total < 0n ? -total : total) * 10_000n
  const rounded = (magnitude * 2n + divisor) / (divisor * 2n)
  return { numerator: total < 0n ? -rounded : rounded, denominator: 100_000_000n }
}

function latestStock(rows: Transaction[]): Value {
  const recency = (row: Transaction) => [row.added_date ?? '', row.transaction_date, row.transaction_id]
  const newer = (a: Transaction, b: Transaction) => {
    const [left, right] = [recency(a), recency(b)]
    const index = left.findIndex((value, at) => value !== right[at])
    return index >= 0 && compare(left[index]!, right[index]!) > 0
  }
  if (rows.length === 0) return null
  return whole(rows.reduce((latest, row) => (newer(row, latest) ? row : latest)).stock_quantity)
}

/** The empty value is no value. */
function distinct(values: string[]): Rational {
  return whole(BigInt(new Set(values.filter((value) => value !== '')).size))
}

function whole(value: bigint): Rational {
  return { numerator: value, denominator: 1n }
}

function money(amount: bigint): Rational {
  return { numerator: amount, denominator: 10_000n }
}

function rationalOf(text: string): Rational {
  const [mantissa, exponent = '0'] = text.toLowerCase().split('e') as [string, string?]
  const [digits, fraction = ''] = mantissa.split('.') as [string, string?]
  const negative = mantissa.startsWith('-')
  const magnitude = BigInt(`${digits.replace(/^[+-]/, '')}${fraction}` || '0')
  const shift = Number(exponent) - fraction.length
  const numerator = (negative ? -magnitude : magnitude) * 10n ** BigInt(Math.max(shift, 0))
  return { numerator, denominator: 10n ** BigInt(Math.max(-shift, 0)) }
}

function printed(value: Value): string | null {
  if (value === null || typeof value === 'string') return value
  const scale = String(value.denominator).length - 1
  const digits = String(value.numerator < 0n ? -value.numerator : value.numerator).padStart(scale + 1, '0')
  const fraction = scale === 0 ? '' : digits.slice(-scale).replace(/0+$/, '')
  const sign = value.numerator < 0n ? '-' : ''
  return `#${sign}${scale === 0 ? digits : digits.slice(0, -scale)}${fraction ? `.${fraction}` : ''}`
}

/** An answer's `data` with its numbers as `#` and their own text, so that no digit is lost to a float. */
export function exactRows(answerText: string): { columns: string[]; values: (string | null)[] }[] {
  const marked = answerText.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) =>
    token.startsWith('"') ? token : `"#${token}"`,
  )
  const { data } = JSON.parse(marked) as { data: Record<string, string | null>[] }
  return data.map((row) => ({ columns: Object.keys(row), values: Object.values(row) }))
}
