import { printed, type Cell, type ValueType } from './declared-values.js'
import type { Row } from './declared-fixtures.js'
import type { OracleMember } from './declared-members.js'
import { randomDate } from './random-transactions.js'
import type { OracleFilter, OracleRange } from './query-oracle.js'
import type { SeededRandom } from '../../tools/generator/random.js'

/** They take one value. */
const BOUNDS = ['gt', 'gte', 'lt', 'lte', 'beforeDate', 'afterDate']
const BASIC = ['equals', 'notEquals', 'set', 'notSet']
const ORDERED = [...BASIC, 'gt', 'gte', 'lt', 'lte']
const TIMES = [...ORDERED, 'inDateRange', 'notInDateRange', 'beforeDate', 'afterDate']
const OPERATORS: Record<ValueType, string[]> = {
  text: [...BASIC, 'contains', 'notContains', 'startsWith', 'endsWith'],
  boolean: BASIC,
  ...{ integer: ORDERED, decimal: ORDERED, number: ORDERED },
  ...{ date: TIMES, timestamp: TIMES },
}
const ODD_DATES = ['0001-01-01', '1899-12-31', '1900-01-01', '2299-12-31', '2300-01-01', '9999-12-31']
const ODD_NUMBERS = [
  '0',
  '-0',
  '1e3',
  '1E-9',
  '-1e30',
  '5e300',
  '-0.00005',
  '9223372036854775807.5',
  '+1.5',
  '.5',
  '2.',
]

/** Conditions on the members of a dataset, mostly about values that its rows contain. */
export class RandomFilters {
  constructor(
    private readonly random: SeededRandom,
    private readonly rows: Row[],
  ) {}

  /** Up to so many, on dimensions and on what of the members are measures. */
  some(members: OracleMember[], most: number): OracleFilter[] {
    const kinds = [members.filter(({ isMeasure }) => !isMeasure), members.filter(({ isMeasure }) => isMeasure)]
    const [dimensions, measures] = kinds as [OracleMember[], OracleMember[]]
    return Array.from({ length: this.random.integer(0, most) }, () =>
      this.filter(measures.length > 0 && this.random.chance(0.35) ? measures : dimensions, 0),
    )
  }

  private filter(members: OracleMember[], depth: number): OracleFilter {
    const { random } = this
    if (depth < 4 && random.chance(0.3)) {
      const list = Array.from({ length: random.integer(1, 3) }, () => this.filter(members, depth + 1))
      return random.chance(0.6) ? { or: list } : { and: list }
    }
    return this.condition(random.pick(members))
  }

  private condition(of: OracleMember): OracleFilter {
    const { random } = this
    const operator = random.pick(OPERATORS[of.type])
    const member = of.name
    if (operator === 'set' || operator === 'notSet') return { member, operator }
    if (operator.endsWith('DateRange')) return { member, operator, values: [this.range(of)].flat() }
    const count = BOUNDS.includes(operator) ? 1 : random.pick([1, 1, 1, 2, 4])
    const byDay = random.chance(0.5)
    return { member, operator, values: Array.from({ length: count }, () => this.value(of, byDay)) }
  }

  /** `byDay`: what a timestamp is compared with; a filter's values are all of one kind. */
  private value(of: OracleMember, byDay: boolean): string | number | boolean {
    const { random } = this
    switch (of.type) {
      case 'text':
        return this.text(of)
      case 'boolean':
        return random.pick<boolean | string | number>([true, false, 'Yes', 'no', 1, '0', 'TRUE'])
      case 'date':
        return this.day(of)
      case 'timestamp':
        return byDay ? this.day(of).slice(0, 10) : this.moment(of)
      default:
        return this.number(of)
    }
  }

  /** A value that a row has; of a measure, or where there is none, undefined. */
  private found({ name }: OracleMember): Cell | undefined {
    return this.rows.length === 0 ? undefined : this.random.pick(this.rows)[name]
  }

  private text(of: OracleMember): string {
    const { random } = this
    const text = printed(this.found(of) ?? random.pick(['Rome', 'ös', '']))!
    if (random.chance(0.5)) return text
    const letters = [...text]
    const [start, end] = [random.integer(0, letters.length), random.integer(0, letters.length)].sort((a, b) => a - b)
    const part = letters.slice(start, end).join('')
    return random.pick([part, part.toUpperCase(), part.toLowerCase(), '%', '_', "'", '\\', '', 'nothing'])
  }

  private number(of: OracleMember): string | number {
    const { random } = this
    if (random.chance(0.15)) return random.pick(ODD_NUMBERS)
    const value = this.found(of) ?? undefined
    if (value === undefined) return random.pick([0, 1, 2, 5, 50, '0.5', '100000', '-100.33333333', '1e20'])
    const text = printed(value)!
    if (random.chance(0.3) && text.length < 14) return Number(text)
    return random.chance(0.2) && !/e/.test(text) ? `${text}${text.includes('.') ? '' : '.'}001` : text
  }

  private day(of: OracleMember): string {
    const { random } = this
    const found = random.chance(0.7) ? this.found(of) : undefined
    const day = found ? printed(found)!.slice(0, 10) : random.chance(0.15) ? random.pick(ODD_DATES) : randomDate(random)
    return of.type === 'date' && random.chance(0.15) ? `${day}T23:59:59.999Z` : day
  }

  private moment(of: OracleMember): string {
    const { random } = this
    const found = this.found(of)
    const text = found ? printed(found)! : `${randomDate(random)}T10:20:30.400Z`
    const micros = text.replace('Z', '001Z')
    return random.pick([
      text,
      text,
      micros,
      text.replace('T', ' '),
      `${text.slice(0, 16)}+02:00`,
      `${text.slice(0, 19)}Z`,
    ])
  }

  /** Of days, or of moments, with one end or two. */
  range(of: OracleMember): OracleRange {
    const byDay = of.type === 'date' || this.random.chance(0.6)
    const ends = [0, 1].map(() => (byDay ? this.day(of).slice(0, 10) : this.moment(of)))
    if (this.random.chance(0.2)) return [ends[0]!]
    return ends.sort((a, b) => Date.parse(a.replace(' ', 'T')) - Date.parse(b.replace(' ', 'T')))
  }
}
