import { isCondition, kindOf, partsOf, type Condition, type Filter } from './filter'
import { findOperator } from './operators'

/** Filters as a sentence has them: `segment is Consumer or Corporate, and sales is at least 100`. */
export function textOfFilters(filters: Filter[], titleOf: (member: string) => string): string {
  return filters.map((filter) => textOf(filter, titleOf)).join(', and ')
}

function textOf(filter: Filter, titleOf: (member: string) => string): string {
  if (isCondition(filter)) return textOfCondition(filter, titleOf)
  return `(${partsOf(filter)
    .map((part) => textOf(part, titleOf))
    .join(` ${kindOf(filter)} `)})`
}

function textOfCondition({ member, operator, values = [] }: Condition, titleOf: (member: string) => string): string {
  const { label, values: arity } = findOperator(operator) ?? { label: operator, values: 'several' }
  const texts = values.map((value) => (value === '' ? '…' : String(value)))
  if (arity !== 'none' && texts.length === 0) texts.push('…')
  return [titleOf(member), label, texts.join(arity === 'range' ? ' to ' : ' or ')].join(' ').trimEnd()
}
