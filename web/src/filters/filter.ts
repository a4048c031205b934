import type { Schemas } from '../api/http'

/** What a filter can be on. */
export type FilterMember = Pick<Schemas['DatasetMember'], 'name' | 'title' | 'type' | 'kind'>
export type Condition = Schemas['QueryCondition']
export type FilterValue = NonNullable<Condition['values']>[number]
export type FilterGroup = Schemas['QueryAnyOf'] | Schemas['QueryAllOf']
/** Of a query, or of the rows that a measure counts: a condition, or a group of which any or all have to hold. */
export type Filter = Condition | FilterGroup
export type GroupKind = 'or' | 'and'

/** `["2024-01-01", "2024-12-31"]`, or one relative to today: `"last 30 days"`. */
export type DateRange = NonNullable<Schemas['QueryTimeDimension']['dateRange']>

export function isCondition(filter: Filter): filter is Condition {
  return 'member' in filter
}

export function kindOf(group: FilterGroup): GroupKind {
  return 'or' in group ? 'or' : 'and'
}

export function partsOf(group: FilterGroup): Filter[] {
  return 'or' in group ? group.or : group.and
}

export function groupOf(kind: GroupKind, filters: Filter[]): FilterGroup {
  return kind === 'or' ? { or: filters } : { and: filters }
}

/** The conditions of all groups. */
export function conditionsOf(filters: Filter[]): Condition[] {
  return filters.flatMap((filter) => (isCondition(filter) ? [filter] : conditionsOf(partsOf(filter))))
}

/** The same filters on members of other names. */
export function withMembers(filters: Filter[], nameOf: (member: string) => string): Filter[] {
  return filters.map((filter) =>
    isCondition(filter)
      ? { ...filter, member: nameOf(filter.member) }
      : groupOf(kindOf(filter), withMembers(partsOf(filter), nameOf)),
  )
}

/** Whether anything can be shown as filters; what is wrong with them the server says. */
export function isFilter(value: unknown): value is Filter {
  if (typeof value !== 'object' || value === null) return false
  if ('member' in value)
    return typeof value.member === 'string' && (!('values' in value) || Array.isArray(value.values))
  const parts = 'or' in value ? value.or : 'and' in value ? value.and : undefined
  return Array.isArray(parts) && parts.every(isFilter)
}
