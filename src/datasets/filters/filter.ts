import type { Member } from '../member.js'

/** Filters hold together (`and`) or any of them does (`or`). */
export interface FilterGroup {
  any: boolean
  filters: Filter[]
}

export interface Condition {
  member: Member
  test: Predicate
  /** the rows for which the test does not hold, those without a value included */
  negated: boolean
}

export type Filter = FilterGroup | Condition

/** What a condition tests of its member's value. Bounds and points are codes of the member's OrderedValueCodec. */
export type Predicate =
  | { kind: 'set' }
  | { kind: 'text'; match: 'equals' | 'contains' | 'startsWith' | 'endsWith'; values: string[] }
  | { kind: 'in'; points: bigint[] }
  | { kind: 'range'; from?: bigint; to?: bigint }

export function isGroup(filter: Filter): filter is FilterGroup {
  return 'filters' in filter
}

export interface ComparedRange {
  /** "2024-01-01 - 2024-12-31" */
  label: string
  condition: Condition
}
