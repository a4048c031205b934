import {
  DATES,
  DIMENSIONS,
  MEASURE_NAMES,
  NUMBERS,
  TEXTS,
  type OracleFilter,
  type OracleQuery,
  type OracleRange,
} from './query-oracle.js'
import { moneyText, randomDate, type Transaction } from './random-transactions.js'
import type { SeededRandom } from '../../tools/generator/random.js'

const GRANULARITIES = ['day', 'week', 'month', 'quarter', 'year']
const TEXT_OPERATORS = ['equals', 'notEquals', 'contains', 'notContains', 'startsWith', 'endsWith', 'set', 'notSet']
/** They take one value. */
const BOUNDS = ['gt', 'gte', 'lt', 'lte', 'beforeDate', 'afterDate']
const NUMBER_OPERATORS = ['equals', 'notEquals', 'gt', 'gte', 'lt', 'lte', 'set', 'notSet']
const DATE_OPERATORS = [...NUMBER_OPERATORS, 'inDateRange', 'notInDateRange', 'beforeDate', 'afterDate']
const ODD_DATES = ['0001-01-01', '1899-12-31', '1900-01-01', '2299-12-31', '2300-01-01', '9999-12-31']
const ZONES = ['Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Europe/Berlin', 'America/Los_Angeles', 'Asia/Kathmandu']
const ODD_NUMBERS = [
  '0',
  '-0',
  '1e3',
  '1E-9',
  '-1e30',
  '5e300',
  '0.00005',
  '-0.00005',
  '99999999999999.99995',
  '+1.5',
  '.5',
  '2.',
]

/** Queries of every shape that docs/queries.md describes, mostly about values that the rows contain. */
export class RandomQueries {
  constructor(
    private readonly random: SeededRandom,
    private readonly rows: Transaction[],
  ) {}

  next(): OracleQuery {
    const { random } = this
    const query = random.chance(0.25) ? this.rowsQuery() : this.groupsQuery()
    const groups = query.select === undefined
    if (random.chance(0.75)) query.filters = this.filters(groups)
    const columns = [
      ...(query.timeDimension?.compareDateRange ? ['compareDateRange'] : []),
      ...(query.select ?? []),
      ...(query.dimensions ?? []),
      ...(query.timeDimension?.granularity ? [query.timeDimension.dimension] : []),
      ...(query.measures ?? []),
    ]
    if (random.chance(0.6)) query.order = random.some(columns, 3).map((name) => [name, random.pick(['asc', 'desc'])])
    if (random.chance(0.5)) query.limit = random.pick([1, 2, 7, 100, 50_000])
    if (random.chance(0.3)) query.offset = random.pick([0, 1, 5, 1_000_000])
    if (random.chance(0.4)) query.total = true
    if (random.chance(0.3)) query.timezone = random.pick(ZONES)
    return query
  }

  private rowsQuery(): OracleQuery {
    const timeDimension = this.random.chance(0.2) ? this.timeDimension(false) : undefined
    return {
      dataset: 'transactions',
      select: this.random.some(DIMENSIONS, 6, 1),
      ...(timeDimension && { timeDimension }),
    }
  }

  private groupsQuery(): OracleQuery {
    const { random } = this
    const timeDimension = random.chance(0.4) ? this.timeDimension(random.chance(0.8)) : undefined
    const grouped = timeDimension?.granularity ? timeDimension.dimension : undefined
    const likely = random.chance(0.8) ? ['country', 'region', 'category', 'added_date', 'quantity'] : DIMENSIONS
    const dimensions = random.some(likely, 3).filter((name) => name !== grouped)
    const measures = random.some(MEASURE_NAMES, 4, dimensions.length > 0 || grouped ? 0 : 1)
    return { dataset: 'transactions', dimensions, measures, ...(timeDimension && { timeDimension }) }
  }

  private timeDimension(granular: boolean): OracleQuery['timeDimension'] {
    const { random } = this
    const dimension = random.pick(DATES)
    if (random.chance(0.3)) {
      const ranges = Array.from({ length: random.integer(2, 4) }, () => this.dateRange())
      return { dimension, compareDateRange: ranges, ...(granular && { granularity: random.pick(GRANULARITIES) }) }
    }
    if (!granular) return { dimension, dateRange: this.dateRange() }
    const granularity = random.pick(GRANULARITIES)
    return random.chance(0.5) ? { dimension, granularity } : { dimension, granularity, dateRange: this.dateRange() }
  }

  private dateRange(): OracleRange {
    const { random } = this
    if (random.chance(0.35)) return random.chance(0.8) ? this.phrase() : [this.phrase()]
    const days = [this.date(), this.date()].sort((a, b) => (a.slice(0, 10) < b.slice(0, 10) ? -1 : 1))
    return random.chance(0.2) ? random.pick([[days[0]!], days[0]!]) : days
  }

  private phrase(): string {
    const { random } = this
    const period = random.pick(['week', 'month', 'quarter', 'year'])
    const several = `last ${random.pick([1, 2, 7, 30, 400])} ${random.pick(['day', period])}s`
    return random.pick(['today', 'yesterday', `this ${period}`, `last ${period}`, several, several])
  }

  private filters(measures: boolean): OracleFilter[] {
    return Array.from({ length: this.random.integer(0, 3) }, () => {
      return this.filter(measures && this.random.chance(0.35) ? 'measure' : 'dimension', 0)
    })
  }

  private filter(kind: 'measure' | 'dimension', depth: number): OracleFilter {
    const { random } = this
    if (depth < 4 && random.chance(0.3)) {
      const list = Array.from({ length: random.integer(1, 3) }, () => this.filter(kind, depth + 1))
      return random.chance(0.6) ? { or: list } : { and: list }
    }
    const member = random.pick(kind === 'measure' ? MEASURE_NAMES : DIMENSIONS)
    if (TEXTS.includes(member)) return this.condition(member, TEXT_OPERATORS, () => this.text(member))
    if (DATES.includes(member)) return this.condition(member, DATE_OPERATORS, () => this.date())
    return this.condition(member, NUMBER_OPERATORS, () => this.number(member))
  }

  private condition(member: string, operators: string[], value: () => string | number): OracleFilter {
    const operator = this.random.pick(operators)
    if (operator === 'set' || operator === 'notSet') return { member, operator }
    if (operator.endsWith('InDateRange') || operator === 'inDateRange')
      return { member, operator, values: [this.dateRange()].flat() }
    const count = BOUNDS.includes(operator) ? 1 : this.random.pick([1, 1, 1, 2, 4])
    return { member, operator, values: Array.from({ length: count }, value) }
  }

  private text(member: string): string {
    const { random } = this
    const text = this.random.pick(this.rows)[member as 'country']
    if (random.chance(0.5)) return text
    const [start, end] = [random.integer(0, text.length), random.integer(0, text.length)].sort((a, b) => a - b)
    const part = [...text].slice(start, end).join('')
    return random.pick([part, part.toUpperCase(), part.toLowerCase(), '%', '_', "'", '\\', '', 'nothing'])
  }

  private date(): string {
    const { random } = this
    const date = random.chance(0.15) ? random.pick(ODD_DATES) : randomDate(random)
    return random.chance(0.15) ? `${date}T23:59:59.999Z` : date
  }

  private number(member: string): string | number {
    const { random } = this
    if (random.chance(0.2)) return random.pick(ODD_NUMBERS)
    const row = random.pick(this.rows)
    if (NUMBERS.includes(member)) {
      const value = row[member as 'price']
      const text = member === 'price' || member === 'total_price' ? moneyText(value) : String(value)
      return random.chance(0.3) && text.length < 14
        ? Number(text)
        : random.chance(0.2)
          ? `${text}${text.includes('.') ? '' : '.'}001`
          : text
    }
    return random.pick([0, 1, 2, 5, 50, '0.5', '100000', '100.33333333', moneyText(row.total_price)])
  }
}
