import type { SeededRandom } from '../../tools/generator/random.js'

// An independent reading of what docs/events-and-live.md says of the dataset `events`, over events in memory: no code of src is used here.

export interface SampleEvent {
  timestamp: string
  source: string
  type: string
  /** in cents; undefined where the event has no amount */
  cents?: bigint
  region?: string
}

export interface EventQuery {
  measures: string[]
  dimensions: string[]
  timeDimension?: { dimension: 'timestamp'; granularity?: string; dateRange?: string[] }
  filters: { member: string; operator: string; values?: string[] }[]
  timezone: string
}

const MEASURES: Record<string, (cents: bigint[], count: number) => string | null> = {
  events: (_cents, count) => `#${count}`,
  'sum(values.amount)': (cents) => printed(sum(cents), 2),
  'avg(values.amount)': (cents) => (cents.length === 0 ? null : average(cents)),
  'min(values.amount)': (cents) =>
    cents.length === 0
      ? null
      : printed(
          cents.reduce((a, b) => (b < a ? b : a)),
          2,
        ),
  'max(values.amount)': (cents) =>
    cents.length === 0
      ? null
      : printed(
          cents.reduce((a, b) => (b > a ? b : a)),
          2,
        ),
}
const DIMENSIONS: Record<string, (event: SampleEvent) => string> = {
  type: ({ type }) => type,
  source: ({ source }) => source,
  'values.region': ({ region }) => region ?? '',
  'values.amount': ({ cents }) => (cents === undefined ? '' : printed(cents, 2).slice(1)),
}
const ZONES = ['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'America/St_Johns']
const TYPES = ['sale', 'login', 'Sensor', 'x']
const REGIONS = ['Europe', 'euro', 'Asia', '%', '']
const FIRST_MS = Date.UTC(2024, 2, 24)
const SPAN_MS = 21 * 86_400_000

export function randomEvent(random: SeededRandom): SampleEvent {
  return {
    timestamp: new Date(FIRST_MS + Math.floor(random.next() * SPAN_MS)).toISOString(),
    source: random.pick(['a', 'b']),
    type: random.pick(TYPES),
    ...(random.chance(0.7) && { cents: BigInt(random.integer(-500, 500)) }),
    ...(random.chance(0.8) && { region: random.pick(REGIONS) }),
  }
}

/** As it is sent. */
export function bodyOf({ cents, region, ...event }: SampleEvent): object {
  const amount = cents === undefined ? {} : { amount: Number(cents) / 100 }
  return { ...event, values: { ...amount, ...(region !== undefined && { region }) } }
}

export function randomQuery(random: SeededRandom): EventQuery {
  const day = () => new Date(FIRST_MS + Math.floor(random.next() * SPAN_MS)).toISOString().slice(0, 10)
  const filters = [
    { member: 'type', operator: 'equals', values: random.some(TYPES, 3, 1) },
    { member: 'values.region', operator: random.pick(['notEquals', 'equals']), values: random.some(REGIONS, 2, 1) },
    { member: 'values.region', operator: random.pick(['contains', 'startsWith']), values: ['EU'] },
    { member: 'values.amount', operator: random.pick(['set', 'notSet']) },
    { member: 'timestamp', operator: random.pick(['afterDate', 'beforeDate']), values: [day()] },
    { member: 'sum(values.amount)', operator: random.pick(['gt', 'lte']), values: ['1.5'] },
  ]
  const granularity = random.pick(['hour', 'day', 'week', 'month', undefined])
  const dateRange = granularity && random.chance(0.5) ? undefined : [day(), day()].sort()
  return {
    measures: random.some(Object.keys(MEASURES), 5, 1),
    dimensions: random.some(Object.keys(DIMENSIONS), 2),
    timeDimension: { dimension: 'timestamp', ...(granularity && { granularity }), ...(dateRange && { dateRange }) },
    filters: random.some(filters, 2),
    timezone: random.pick(ZONES),
  }
}

/** The rows of the answer, each as its values, in no order; numbers as `#` and their text. */
export function expectedRows(query: EventQuery, events: SampleEvent[]): (string | null)[][] {
  const { timezone, dimensions, timeDimension, measures, filters } = query
  const granularity = timeDimension?.granularity
  const [from, to] = timeDimension?.dateRange ?? []
  const groups = new Map<string, { key: string[]; events: SampleEvent[] }>()
  if (dimensions.length === 0 && !granularity) groups.set('[]', { key: [], events: [] })
  for (const event of events) {
    const day = localTime(event, timezone).day
    if ((from && day < from) || (to && day > to) || !filters.every((filter) => holds(filter, event, day))) continue
    const key = dimensions.map((name) => DIMENSIONS[name]!(event))
    if (granularity) key.push(periodOf(event, timezone, granularity))
    const id = JSON.stringify(key)
    if (!groups.has(id)) groups.set(id, { key, events: [] })
    groups.get(id)!.events.push(event)
  }
  const centsOf = (group: { events: SampleEvent[] }) => group.events.flatMap(({ cents }) => cents ?? [])
  return [...groups.values()]
    .filter((group) => filters.every((filter) => holdsForGroup(filter, sum(centsOf(group)))))
    .map((group) => [...group.key, ...measures.map((name) => MEASURES[name]!(centsOf(group), group.events.length))])
}

function holds({ member, operator, values = [] }: EventQuery['filters'][number], event: SampleEvent, day: string) {
  if (member.startsWith('sum(')) return true
  if (member === 'timestamp') return operator === 'afterDate' ? day > values[0]! : day < values[0]!
  const text = DIMENSIONS[member]!(event)
  const lower = text.toLowerCase()
  if (operator === 'equals') return values.includes(text)
  if (operator === 'notEquals') return !values.includes(text)
  if (operator === 'contains') return values.some((value) => lower.includes(value.toLowerCase()))
  if (operator === 'startsWith') return values.some((value) => lower.startsWith(value.toLowerCase()))
  return (operator === 'set') === (text !== '')
}

function holdsForGroup({ member, operator }: EventQuery['filters'][number], total: bigint): boolean {
  if (!member.startsWith('sum(')) return true
  return operator === 'gt' ? total > 150n : total <= 150n
}

function periodOf(event: SampleEvent, timezone: string, granularity: string): string {
  const { day, minute } = localTime(event, timezone)
  if (granularity === 'hour') {
    const ms = Date.parse(event.timestamp)
    return new Date(ms - (ms % 60_000) - minute * 60_000).toISOString().replace('.000', '')
  }
  if (granularity === 'month') return `${day.slice(0, 7)}-01`
  const date = new Date(`${day}T00:00:00Z`)
  if (granularity === 'week') date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7))
  return date.toISOString().slice(0, 10)
}

const clocks = new Map(
  ZONES.map((timeZone) => [
    timeZone,
    new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short', timeStyle: 'short', hourCycle: 'h23' }),
  ]),
)

/** The day and the minute of the hour on a clock of that zone. */
function localTime({ timestamp }: SampleEvent, timezone: string): { day: string; minute: number } {
  const parts = clocks.get(timezone)!.formatToParts(new Date(timestamp))
  const part = (type: string) => parts.find((each) => each.type === type)!.value
  return { day: `${part('year')}-${part('month')}-${part('day')}`, minute: Number(part('minute')) }
}

function sum(values: bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n)
}

/** 18 decimals, halves away from zero. */
function average(cents: bigint[]): string {
  const [total, count] = [sum(cents), BigInt(cents.length)]
  const magnitude = (total < 0n ? -total : total) * 10n ** 16n
  const rounded = (magnitude * 2n + count) / (count * 2n)
  return printed(total < 0n ? -rounded : rounded, 18)
}

function printed(value: bigint, scale: number): string {
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0')
  const fraction = digits.slice(-scale).replace(/0+$/, '')
  return `#${value < 0n ? '-' : ''}${digits.slice(0, -scale)}${fraction && `.${fraction}`}`
}
