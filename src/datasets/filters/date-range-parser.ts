import type { Member } from '../member.js'
import { comparedAs, parseDateRange, type FilterValue } from './operators.js'
import type { ValidationErrorCollector } from './validation-errors.js'
import type { ComparedRange, Condition } from './filter.js'
import { endOfDay, RELATIVE_RANGES, relativeRange, type Now } from './relative-range.js'
import { orderedValueCodecOf } from './ordered-value-codec.js'

const MIN_COMPARED = 2
const MAX_COMPARED = 4
const RANGE_EXPECTED = 'must be ["from", "to"], both included, or one day or range from today as a text'

/** Parses date ranges: a pair, one day, or a range relative to today in the query's time zone. */
export class DateRangeParser {
  private isRelative = false

  constructor(
    private readonly errors: ValidationErrorCollector,
    private readonly now: Now,
  ) {}

  /** Epoch ms at which a relative range means other days; undefined when there is none. */
  get validUntil(): number | undefined {
    return this.isRelative ? endOfDay(this.now) : undefined
  }

  /** The values of a filter on a range; a relative range becomes its days. undefined when a single text is no range. */
  resolve(values: FilterValue[], member: Member, path: string): FilterValue[] | undefined {
    const [text] = values
    if (values.length !== 1 || typeof text !== 'string') return values
    const days = relativeRange(text, this.now)
    if (days) {
      this.isRelative = true
      return days
    }
    const error = orderedValueCodecOf(comparedAs(member, values).storage)?.encode(text)
    if (typeof error !== 'string') return values
    this.errors.add(path, `${error}, or ${RELATIVE_RANGES}`)
    return undefined
  }

  /** `dateRange`: undefined when it is invalid. */
  parse(value: unknown, member: Member, path: string): Condition | undefined {
    const values = this.parseValues(value, member, path)
    return values && conditionOf(values, member, path, this.errors)
  }

  /** `compareDateRange`: a list of ranges, each with the text that its rows carry. */
  parseCompared(value: unknown, member: Member, path: string): ComparedRange[] {
    if (!Array.isArray(value) || value.length < MIN_COMPARED || value.length > MAX_COMPARED) {
      this.errors.add(path, `must be a list of ${MIN_COMPARED} to ${MAX_COMPARED} ranges`)
      return []
    }
    return value.flatMap((range: unknown, index) => {
      const at = `${path}[${index}]`
      const values = this.parseValues(range, member, at)
      if (!values) return []
      const condition = conditionOf(values, member, at, this.errors)
      return { label: labelOf(values, condition.member), condition }
    })
  }

  private parseValues(value: unknown, member: Member, path: string): FilterValue[] | undefined {
    if (typeof value === 'string') return this.resolve([value], member, path)
    if (Array.isArray(value) && (value.length === 1 || value.length === 2) && value.every(isText)) {
      return this.resolve(value, member, `${path}[0]`)
    }
    this.errors.add(path, RANGE_EXPECTED)
    return undefined
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function conditionOf(values: FilterValue[], member: Member, path: string, errors: ValidationErrorCollector): Condition {
  const compared = comparedAs(member, values)
  return { member: compared, test: parseDateRange(values, compared, path, errors), negated: false }
}

/** As Cube writes it: in days, or in timestamps where those are compared. What is neither has been refused. */
function labelOf(values: FilterValue[], { type, storage }: Member): string {
  const [from, to = from] = values.map((value) =>
    type === 'timestamp' ? timestampText(value, storage) : dayText(value),
  )
  return `${from} - ${to}`
}

function dayText(value: FilterValue): string {
  return String(value).slice(0, 'YYYY-MM-DD'.length)
}

/** As responses write timestamps: in UTC, with milliseconds. */
function timestampText(value: FilterValue, storage: Member['storage']): string {
  const encoded = orderedValueCodecOf(storage)?.encode(value)
  return typeof encoded === 'object' ? new Date(Number(encoded.floor)).toISOString() : ''
}
