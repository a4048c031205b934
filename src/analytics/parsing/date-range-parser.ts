import type { Member } from '../datasets/member.js'
import { comparedAs, readDateRange, type FilterValue } from './operators.js'
import type { Problems } from './problems.js'
import type { ComparedRange, Condition } from './question.js'
import { endOfDay, RELATIVE_RANGES, relativeRange, type Now } from './relative-range.js'
import { valueLineOf } from './value-line.js'

const LEAST_COMPARED = 2
const MOST_COMPARED = 4
const RANGE_FORMS = 'must be ["from", "to"], both included, or one day or range from today as a text'

/** Reads ranges of days: a pair, one day, or a range that is told from today in the question's time zone. */
export class RangeReader {
  private isRelative = false

  constructor(
    private readonly problems: Problems,
    private readonly now: Now,
  ) {}

  /** Epoch ms at which a range that was read means other days; undefined when none will. */
  get validUntil(): number | undefined {
    return this.isRelative ? endOfDay(this.now) : undefined
  }

  /** The values of a filter on a range; a range from today becomes its days. undefined when a single text is no range. */
  resolve(values: FilterValue[], member: Member, path: string): FilterValue[] | undefined {
    const [text] = values
    if (values.length !== 1 || typeof text !== 'string') return values
    const days = relativeRange(text, this.now)
    if (days) {
      this.isRelative = true
      return days
    }
    const wrong = valueLineOf(comparedAs(member, values).storage)?.locate(text)
    if (typeof wrong !== 'string') return values
    this.problems.add(path, `${wrong}, or ${RELATIVE_RANGES}`)
    return undefined
  }

  /** `dateRange`: undefined when it was told what is wrong. */
  read(value: unknown, member: Member, path: string): Condition | undefined {
    const values = this.readValues(value, member, path)
    return values && conditionOf(values, member, path, this.problems)
  }

  /** `compareDateRange`: a list of ranges, each with the text that its rows carry. */
  readCompared(value: unknown, member: Member, path: string): ComparedRange[] {
    if (!Array.isArray(value) || value.length < LEAST_COMPARED || value.length > MOST_COMPARED) {
      this.problems.add(path, `must be a list of ${LEAST_COMPARED} to ${MOST_COMPARED} ranges`)
      return []
    }
    return value.flatMap((range: unknown, index) => {
      const at = `${path}[${index}]`
      const values = this.readValues(range, member, at)
      if (!values) return []
      const condition = conditionOf(values, member, at, this.problems)
      return { label: labelOf(values, condition.member), condition }
    })
  }

  private readValues(value: unknown, member: Member, path: string): FilterValue[] | undefined {
    if (typeof value === 'string') return this.resolve([value], member, path)
    if (Array.isArray(value) && (value.length === 1 || value.length === 2) && value.every(isText)) {
      return this.resolve(value, member, `${path}[0]`)
    }
    this.problems.add(path, RANGE_FORMS)
    return undefined
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function conditionOf(values: FilterValue[], member: Member, path: string, problems: Problems): Condition {
  const compared = comparedAs(member, values)
  return { member: compared, test: readDateRange(values, compared, path, problems), negated: false }
}

/** As Cube writes it: in days, or in moments where they are compared. What is neither has been refused. */
function labelOf(values: FilterValue[], { type, storage }: Member): string {
  const [from, to = from] = values.map((value) => (type === 'timestamp' ? momentText(value, storage) : dayText(value)))
  return `${from} - ${to}`
}

function dayText(value: FilterValue): string {
  return String(value).slice(0, 'YYYY-MM-DD'.length)
}

/** As answers print moments: in UTC, with milliseconds. */
function momentText(value: FilterValue, storage: Member['storage']): string {
  const place = valueLineOf(storage)?.locate(value)
  return typeof place === 'object' ? new Date(Number(place.floor)).toISOString() : ''
}
