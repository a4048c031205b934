import { choiceOf } from '../../common/errors/unknown-name.js'
import type { MemberType } from '../dataset-definition.js'
import type { Member } from '../member.js'
import type { ValidationErrorCollector } from './validation-errors.js'
import type { Condition, Predicate } from './filter.js'
import { orderedValueCodecOf, type EncodedValue, type OrderedValueCodec } from './ordered-value-codec.js'

export type FilterValue = string | number | boolean

const EVERY: readonly MemberType[] = ['text', 'boolean', 'date', 'timestamp', 'decimal', 'integer', 'number']
const TEXT: readonly MemberType[] = ['text']
const DATE: readonly MemberType[] = ['date', 'timestamp']
const ORDERED: readonly MemberType[] = ['date', 'timestamp', 'decimal', 'integer', 'number']

interface Operator {
  types: readonly MemberType[]
  values: Arity
  negated?: boolean
  parse: (values: FilterValue[], member: Member, path: string, errors: ValidationErrorCollector) => Predicate
}

const DATE_ALONE = /^\d{4}-\d\d-\d\d$/

/** Values that one filter may list. */
export const MAX_VALUES = 1_000
interface Arity {
  min: number
  max: number
  description: string
}

const ONE: Arity = { min: 1, max: 1, description: 'exactly one value' }
const SEVERAL: Arity = { min: 1, max: MAX_VALUES, description: `1 to ${MAX_VALUES} values` }
const NONE: Arity = { min: 0, max: 0, description: 'no values: leave "values" out' }
const ONE_OR_TWO: Arity = {
  min: 1,
  max: 2,
  description: 'one or two values: ["from", "to"], both included, or one day',
}

/** The operators of docs/queries.md: which types each fits and what values it takes. */
const OPERATORS = new Map<string, Operator>(
  Object.entries({
    equals: { types: EVERY, values: SEVERAL, parse: parseEquals },
    notEquals: { types: EVERY, values: SEVERAL, negated: true, parse: parseEquals },
    contains: { types: TEXT, values: SEVERAL, parse: textMatch('contains') },
    notContains: { types: TEXT, values: SEVERAL, negated: true, parse: textMatch('contains') },
    startsWith: { types: TEXT, values: SEVERAL, parse: textMatch('startsWith') },
    endsWith: { types: TEXT, values: SEVERAL, parse: textMatch('endsWith') },
    gt: { types: ORDERED, values: ONE, parse: from(after) },
    gte: { types: ORDERED, values: ONE, parse: from(atOrAfter) },
    lt: { types: ORDERED, values: ONE, parse: to(before) },
    lte: { types: ORDERED, values: ONE, parse: to(atOrBefore) },
    set: { types: EVERY, values: NONE, parse: () => ({ kind: 'set' }) },
    notSet: { types: EVERY, values: NONE, negated: true, parse: () => ({ kind: 'set' }) },
    inDateRange: { types: DATE, values: ONE_OR_TWO, parse: parseDateRange },
    notInDateRange: { types: DATE, values: ONE_OR_TWO, negated: true, parse: parseDateRange },
    beforeDate: { types: DATE, values: ONE, parse: to(before) },
    afterDate: { types: DATE, values: ONE, parse: from(after) },
  } satisfies Record<string, Operator>),
)

export const OPERATOR_NAMES = [...OPERATORS.keys()]

/** Whether its values are a range of days, and fit the member. */
export function isDateRangeOperator(name: string, member: Member): boolean {
  const { types, parse } = OPERATORS.get(name)!
  return parse === parseDateRange && types.includes(member.type)
}

/** Whether any of several values may hold. */
export function takesSeveralValues(name: unknown): boolean {
  return typeof name === 'string' && OPERATORS.get(name)?.values === SEVERAL
}

/** The condition that `operator` makes of the values; undefined when `errors` has what is wrong. */
export function parseCondition(
  member: Member,
  operatorName: string,
  values: FilterValue[],
  path: string,
  errors: ValidationErrorCollector,
): Condition | undefined {
  const operator = OPERATORS.get(operatorName)!
  if (!operator.types.includes(member.type)) {
    errors.add(`${path}.operator`, `does not fit ${member.name}, which is ${member.type}: use ${operatorsFor(member)}`)
    return undefined
  }
  const wrong = countError(operatorName, operator.values, values.length)
  if (wrong) {
    errors.add(`${path}.values`, wrong)
    return undefined
  }
  const compared = comparedAs(member, values)
  const test = operator.parse(values, compared, `${path}.values`, errors)
  return { member: compared, test, negated: operator.negated ?? false }
}

/** A timestamp that is compared with dates is compared by its day: `afterDate 2024-01-01` begins on the second. */
export function comparedAs(member: Member, values: readonly FilterValue[]): Member {
  return member.day && values.every((value) => DATE_ALONE.test(String(value))) ? member.day : member
}

/** `[from, to]` or `[day]` of a date member, both ends included. */
export function parseDateRange(
  values: FilterValue[],
  member: Member,
  path: string,
  errors: ValidationErrorCollector,
): Predicate {
  const [from, to = from] = encodedValues(values, member, path, errors)
  if (from && to && from.floor > to.floor) errors.add(path, 'ends before it begins')
  return { kind: 'range', from: from && atOrAfter(from), to: to && atOrBefore(to) }
}

function operatorsFor({ type }: Member): string {
  return choiceOf(OPERATOR_NAMES.filter((name) => OPERATORS.get(name)!.types.includes(type)))
}

/** What is wrong with so many values, and what to do. */
function countError(operatorName: string, arity: Arity, count: number): string | undefined {
  if (count >= arity.min && count <= arity.max) return undefined
  const found = `has ${count} values, and ${operatorName} takes ${arity.description}`
  const isBound = arity === ONE && count > 1
  return isBound ? `${found}; for any of several write {"or":[...]} with a condition for each` : found
}

function parseEquals(values: FilterValue[], member: Member, path: string, errors: ValidationErrorCollector): Predicate {
  if (member.type === 'text') return { kind: 'text', match: 'equals', values: distinctTexts(values) }
  const { min, max } = codecOf(member)
  const points = encodedValues(values, member, path, errors)
    .filter(({ floor, exact }) => exact && floor >= min && floor <= max)
    .map(({ floor }) => floor)
  return { kind: 'in', points: [...new Set(points)] }
}

function textMatch(match: 'contains' | 'startsWith' | 'endsWith'): Operator['parse'] {
  return (values) => ({ kind: 'text', match, values: distinctTexts(values) })
}

function distinctTexts(values: FilterValue[]): string[] {
  return [...new Set(values.map(String))]
}

function from(bound: (value: EncodedValue) => bigint): Operator['parse'] {
  return (values, member, path, errors) => {
    const [value] = encodedValues(values, member, path, errors)
    return { kind: 'range', from: value && bound(value) }
  }
}

function to(bound: (value: EncodedValue) => bigint): Operator['parse'] {
  return (values, member, path, errors) => {
    const [value] = encodedValues(values, member, path, errors)
    return { kind: 'range', to: value && bound(value) }
  }
}

function after({ floor }: EncodedValue): bigint {
  return floor + 1n
}

function atOrAfter({ floor, exact }: EncodedValue): bigint {
  return exact ? floor : floor + 1n
}

function before({ floor, exact }: EncodedValue): bigint {
  return exact ? floor - 1n : floor
}

function atOrBefore({ floor }: EncodedValue): bigint {
  return floor
}

function encodedValues(
  values: FilterValue[],
  member: Member,
  path: string,
  errors: ValidationErrorCollector,
): EncodedValue[] {
  const codec = codecOf(member)
  return values.flatMap((value, index) => {
    const encoded = codec.encode(value)
    if (typeof encoded !== 'string') return [encoded]
    errors.add(`${path}[${index}]`, encoded)
    return []
  })
}

function codecOf(member: Member): OrderedValueCodec {
  return orderedValueCodecOf(member.storage)!
}
