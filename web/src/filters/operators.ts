import type { Condition, FilterMember } from './filter'

type MemberType = FilterMember['type']

export interface Operator {
  name: Condition['operator']
  label: string
  types: readonly MemberType[]
  values: 'none' | 'one' | 'several' | 'range'
}

const EVERY: readonly MemberType[] = ['text', 'boolean', 'date', 'timestamp', 'decimal', 'integer', 'number']
const TEXT: readonly MemberType[] = ['text']
const TIME: readonly MemberType[] = ['date', 'timestamp']
const ORDERED: readonly MemberType[] = ['decimal', 'integer', 'number', 'date', 'timestamp']

/** Those of POST /v1/query, with the types that each fits. */
const OPERATORS: readonly Operator[] = [
  { name: 'inDateRange', label: 'is within', types: TIME, values: 'range' },
  { name: 'notInDateRange', label: 'is not within', types: TIME, values: 'range' },
  { name: 'equals', label: 'is', types: EVERY, values: 'several' },
  { name: 'notEquals', label: 'is not', types: EVERY, values: 'several' },
  { name: 'contains', label: 'contains', types: TEXT, values: 'several' },
  { name: 'notContains', label: 'does not contain', types: TEXT, values: 'several' },
  { name: 'startsWith', label: 'starts with', types: TEXT, values: 'several' },
  { name: 'endsWith', label: 'ends with', types: TEXT, values: 'several' },
  { name: 'gt', label: 'is greater than', types: ORDERED, values: 'one' },
  { name: 'gte', label: 'is at least', types: ORDERED, values: 'one' },
  { name: 'lt', label: 'is less than', types: ORDERED, values: 'one' },
  { name: 'lte', label: 'is at most', types: ORDERED, values: 'one' },
  { name: 'afterDate', label: 'is after the day', types: TIME, values: 'one' },
  { name: 'beforeDate', label: 'is before the day', types: TIME, values: 'one' },
  { name: 'set', label: 'has a value', types: EVERY, values: 'none' },
  { name: 'notSet', label: 'has no value', types: EVERY, values: 'none' },
]

/** The first one is the likeliest. */
export function operatorsFor(type: MemberType): Operator[] {
  return OPERATORS.filter(({ types }) => types.includes(type))
}

export function findOperator(name: string): Operator | undefined {
  return OPERATORS.find((operator) => operator.name === name)
}
