import type { MemberType } from '../datasets/dataset-definition.js'
import type { Member } from '../datasets/member.js'
import { choiceOf, type Problems } from './problems.js'
import type { Condition, Test } from './question.js'
import { valueLineOf, type Place, type ValueLine } from './value-line.js'

export type FilterValue = string | number | boolean

const EVERY: readonly MemberType[] = ['text', 'date', 'timestamp', 'decimal', 'integer']
const TEXT: readonly MemberType[] = ['text']
const DATE: readonly MemberType[] = ['date', 'timestamp']
const ORDERED: readonly MemberType[] = ['date', 'timestamp', 'decimal', 'integer']

interface Operator {
  types: readonly MemberType[]
  /** how many values it takes; [0, 0] for none */
  values: readonly [number, number]
  negated?: boolean
  read: (values: FilterValue[], member: Member, path: string, problems: Problems) => Test
}

const DATE_ALONE = /^\d{4}-\d\d-\d\d$/

/** Values that one filter may list. */
export const MAX_VALUES = 1_000
const SEVERAL = [1, MAX_VALUES] as const
const NONE = [0, 0] as const
const ONE_OR_TWO = [1, 2] as const

/** The operators of API.md: which types each fits and what it asks. */
const OPERATORS = new Map<string, Operator>(
  Object.entries({
    equals: { types: EVERY, values: SEVERAL, read: readEquals },
    notEquals: { types: EVERY, values: SEVERAL, negated: true, read: readEquals },
    contains: { types: TEXT, values: SEVERAL, read: textMatch('contains') },
    notContains: { types: TEXT, values: SEVERAL, negated: true, read: textMatch('contains') },
    startsWith: { types: TEXT, values: SEVERAL, read: textMatch('startsWith') },
    endsWith: { types: TEXT, values: SEVERAL, read: textMatch('endsWith') },
    gt: { types: ORDERED, values: SEVERAL, read: from(after) },
    gte: { types: ORDERED, values: SEVERAL, read: from(atOrAfter) },
    lt: { types: ORDERED, values: SEVERAL, read: to(before) },
    lte: { types: ORDERED, values: SEVERAL, read: to(atOrBefore) },
    set: { types: EVERY, values: NONE, read: () => ({ kind: 'set' }) },
    notSet: { types: EVERY, values: NONE, negated: true, read: () => ({ kind: 'set' }) },
    inDateRange: { types: DATE, values: ONE_OR_TWO, read: readDateRange },
    notInDateRange: { types: DATE, values: ONE_OR_TWO, negated: true, read: readDateRange },
    beforeDate: { types: DATE, values: SEVERAL, read: to(before) },
    afterDate: { types: DATE, values: SEVERAL, read: from(after) },
  } satisfies Record<string, Operator>),
)

export const OPERATOR_NAMES = [...OPERATORS.keys()]

/** Whether its values are a range of days, and fit the member. */
export function isDateRangeOperator(name: string, member: Member): boolean {
  const { types, read } = OPERATORS.get(name)!
  return read === readDateRange && types.includes(member.type)
}

/** The condition that `operator` makes of the values; undefined when it was told in `problems` what is wrong. */
export function readCondition(
  member: Member,
  operatorName: string,
  values: FilterValue[],
  path: string,
  problems: Problems,
): Condition | undefined {
  const operator = OPERATORS.get(operatorName)!
  if (!operator.types.includes(member.type)) {
    problems.add(`${path}.operator`, `does not fit ${member.name}, which is ${member.type}: use ${fitting(member)}`)
    return undefined
  }
  const wrong = wrongCount(operator, values.length)
  if (wrong) {
    problems.add(`${path}.values`, wrong)
    return undefined
  }
  const compared = comparedAs(member, values)
  const test = operator.read(values, compared, `${path}.values`, problems)
  return { member: compared, test, negated: operator.negated ?? false }
}

/** A moment that is compared with dates is compared by its day: `afterDate 2024-01-01` begins on the second. */
export function comparedAs(member: Member, values: readonly FilterValue[]): Member {
  return member.day && values.every((value) => DATE_ALONE.test(String(value))) ? member.day : member
}

/** `[from, to]` or `[day]` of a date member, both ends included. */
export function readDateRange(values: FilterValue[], member: Member, path: string, problems: Problems): Test {
  const [from, to = from] = placesOf(values, member, path, problems)
  if (from && to && from.floor > to.floor) problems.add(path, 'ends before it begins')
  return { kind: 'range', from: from?.floor, to: to?.floor }
}

function fitting({ type }: Member): string {
  return choiceOf(OPERATOR_NAMES.filter((name) => OPERATORS.get(name)!.types.includes(type)))
}

function wrongCount({ values: [least, most] }: Operator, count: number): string | undefined {
  if (count >= least && count <= most) return undefined
  if (most === 0) return 'must be left out for this operator'
  return `must have ${least} to ${most} entries`
}

function readEquals(values: FilterValue[], member: Member, path: string, problems: Problems): Test {
  if (member.type === 'text') return { kind: 'text', match: 'equals', values: distinctTexts(values) }
  const { first, last } = lineOf(member)
  const points = placesOf(values, member, path, problems)
    .filter(({ floor, exact }) => exact && floor >= first && floor <= last)
    .map(({ floor }) => floor)
  return { kind: 'points', points: [...new Set(points)] }
}

function textMatch(match: 'contains' | 'startsWith' | 'endsWith'): Operator['read'] {
  return (values) => ({ kind: 'text', match, values: distinctTexts(values) })
}

function distinctTexts(values: FilterValue[]): string[] {
  return [...new Set(values.map(String))]
}

/** Several values are OR, so the earliest bound counts. */
function from(bound: (place: Place) => bigint): Operator['read'] {
  return (values, member, path, problems) => {
    const bounds = placesOf(values, member, path, problems).map(bound)
    return { kind: 'range', from: bounds.reduce((a, b) => (b < a ? b : a), bounds[0] ?? 0n) }
  }
}

/** Several values are OR, so the latest bound counts. */
function to(bound: (place: Place) => bigint): Operator['read'] {
  return (values, member, path, problems) => {
    const bounds = placesOf(values, member, path, problems).map(bound)
    return { kind: 'range', to: bounds.reduce((a, b) => (b > a ? b : a), bounds[0] ?? 0n) }
  }
}

function after({ floor }: Place): bigint {
  return floor + 1n
}

function atOrAfter({ floor, exact }: Place): bigint {
  return exact ? floor : floor + 1n
}

function before({ floor, exact }: Place): bigint {
  return exact ? floor - 1n : floor
}

function atOrBefore({ floor }: Place): bigint {
  return floor
}

function placesOf(values: FilterValue[], member: Member, path: string, problems: Problems): Place[] {
  const line = lineOf(member)
  return values.flatMap((value, index) => {
    const place = line.locate(value)
    if (typeof place !== 'string') return [place]
    problems.add(`${path}[${index}]`, place)
    return []
  })
}

function lineOf(member: Member): ValueLine {
  return valueLineOf(member.storage)!
}
