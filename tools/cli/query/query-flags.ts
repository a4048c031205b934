import { InvalidArgumentError } from 'commander'
import type { Schemas } from '../../../clients/typescript/index.js'

type Query = Schemas['QueryRequest']
export type Filter = NonNullable<Query['filters']>[number]
type Operator = Schemas['QueryCondition']['operator']

const SIGNS: Record<string, Operator> = {
  '=': 'equals',
  '!=': 'notEquals',
  '>': 'gt',
  '>=': 'gte',
  '<': 'lt',
  '<=': 'lte',
  '~': 'contains',
  '!~': 'notContains',
}
const WITHOUT_VALUES = ['set', 'notSet'] satisfies Operator[]
const BY_WORD = [
  ...new Set(Object.values(SIGNS)),
  'startsWith',
  'endsWith',
  'inDateRange',
  'notInDateRange',
  'beforeDate',
  'afterDate',
] satisfies Operator[]
const WORDS = [...BY_WORD, ...WITHOUT_VALUES]

const SIGNED = /^([^\s=<>!~]+)\s*(!=|>=|<=|!~|=|>|<|~)\s*(.*)$/s
const WORDED = /^(\S+)\s+(\w+)(?:\s+(.+))?$/s
const FILTER_HELP =
  'It must be such as country=Germany,France or revenue>=1000 or "category startsWith Toy" (signs: ' +
  `${Object.keys(SIGNS).join(' ')}; words: ${WORDS.join(', ')}).`

/** `country=Germany,France`, `revenue>=1000`, `name~toy`, `date inDateRange 2024-01-01,2024-03-31`, `region notSet`. */
export function parseFilter(text: string): Filter {
  const worded = WORDED.exec(text)
  const operator = WORDS.find((word) => word === worded?.[2])
  if (worded && operator) return conditionOf(worded[1]!, operator, worded[3])
  const signed = SIGNED.exec(text)
  if (!signed) throw new InvalidArgumentError(FILTER_HELP)
  return conditionOf(signed[1]!, SIGNS[signed[2]!]!, signed[3])
}

export function collectFilter(text: string, earlier: Filter[] = []): Filter[] {
  return [...earlier, parseFilter(text)]
}

function conditionOf(member: string, operator: Operator, values: string | undefined): Filter {
  const isAlone = WITHOUT_VALUES.some((each) => each === operator)
  if (isAlone === Boolean(values)) throw new InvalidArgumentError(FILTER_HELP)
  return values ? { member, operator, values: valuesOf(values) } : { member, operator }
}

/** Commas separate; a JSON list is for values that hold some. */
function valuesOf(text: string): string[] {
  if (!text.startsWith('[')) return text.split(',')
  try {
    const values = JSON.parse(text) as unknown
    if (Array.isArray(values)) return values.map(String)
  } catch {
    // Told below.
  }
  throw new InvalidArgumentError('Values that begin with [ must be a JSON list, such as country=["a,b","c"].')
}

/** `revenue:desc,country`: ascending where nothing is said. */
export function parseOrder(text: string): NonNullable<Query['order']> {
  return parseNames(text).map((part) => {
    const [, name, direction = 'asc'] = /^(.+?)(?::(asc|desc))?$/.exec(part)!
    return [name!, direction]
  })
}

export function parseNames(text: string): string[] {
  const names = text.split(',').map((name) => name.trim())
  if (names.includes('')) throw new InvalidArgumentError('It must be names with commas between them.')
  return names
}

/** `transaction_date:month`, or the member alone. */
export function parseTimeDimension(text: string): Schemas['QueryTimeDimension'] {
  const [dimension, granularity] = text.split(':') as [string, string | undefined]
  return { dimension, ...(granularity && { granularity: granularity as Schemas['QueryTimeDimension']['granularity'] }) }
}

/** `2024-01-01..2024-12-31`, one day, or words such as `last year`. */
export function parseDateRange(text: string): string | string[] {
  const [from, to, ...more] = text.split('..')
  if (more.length > 0 || to === '')
    throw new InvalidArgumentError('It must be FROM..TO, one day, or such as "last year".')
  return to === undefined ? text : [from!, to]
}
