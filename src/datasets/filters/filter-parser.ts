import { nameHint, unknownName } from '../../common/errors/unknown-name.js'
import type { DatasetDefinition } from '../dataset-definition.js'
import { isDateRangeOperator, OPERATOR_NAMES, parseCondition, type FilterValue } from './operators.js'
import { MemberParser } from './member-parser.js'
import { isPlainObject, refuseUnknownFields, type ValidationErrorCollector } from './validation-errors.js'
import type { DateRangeParser } from './date-range-parser.js'
import { isGroup, type Condition, type Filter, type FilterGroup } from './filter.js'

const MAX_DEPTH = 4
const MAX_FILTERS = 100
/** Parameters travel in ClickHouse's URL, whose length is limited. */
const MAX_VALUE_BYTES = 64 * 1024
/** Texts to search for: each is an expression of its own, and a statement's size is limited. */
const MAX_SEARCHED_TEXTS = 1_000

/** Parses `filters`: a tree of conditions and `and`/`or` groups. Everything that is wrong goes to `errors`. */
export class FilterParser {
  private filterCount = 0
  private valueBytes = 0
  private searchedTexts = 0
  private readonly members: MemberParser

  constructor(
    dataset: DatasetDefinition,
    private readonly errors: ValidationErrorCollector,
    private readonly ranges: DateRangeParser,
    /** why a filter cannot be on a measure; undefined where it can */
    private readonly measureProblem?: string,
  ) {
    this.members = new MemberParser(dataset, errors)
  }

  parse(value: unknown, path: string): Filter[] {
    return this.parseList(value, path, 0)
  }

  private parseList(value: unknown, path: string, depth: number): Filter[] {
    if (!Array.isArray(value)) {
      this.errors.add(path, 'must be a list of filters')
      return []
    }
    if (!this.countFilters(value.length, path)) return []
    return value.flatMap((filter, index) => this.parseFilter(filter, `${path}[${index}]`, depth) ?? [])
  }

  private countFilters(count: number, path: string): boolean {
    this.filterCount += count
    if (this.filterCount <= MAX_FILTERS) return true
    this.errors.add(path, `is over the limit of ${MAX_FILTERS} filters a query; remove some`)
    return false
  }

  private parseFilter(filter: unknown, path: string, depth: number): Filter | undefined {
    if (!isPlainObject(filter)) {
      this.errors.add(
        path,
        'must be an object: a condition {"member","operator","values"}, {"and":[...]} or {"or":[...]}',
      )
      return undefined
    }
    const isGroup = Object.hasOwn(filter, 'and') || Object.hasOwn(filter, 'or')
    return isGroup ? this.parseGroup(filter, path, depth + 1) : this.parseCondition(filter, path)
  }

  private parseGroup(filter: Record<string, unknown>, path: string, depth: number): FilterGroup | undefined {
    const any = Object.hasOwn(filter, 'or')
    const field = any ? 'or' : 'and'
    refuseUnknownFields(filter, [field], path, this.errors)
    if (depth > MAX_DEPTH) {
      this.errors.add(path, `is nested deeper than ${MAX_DEPTH} levels of and/or`)
      return undefined
    }
    const list = filter[field]
    if (Array.isArray(list) && list.length === 0) this.errors.add(`${path}.${field}`, 'must have at least one filter')
    const group = { any, filters: this.parseList(list, `${path}.${field}`, depth) }
    if (any && mixesMeasures(group)) {
      this.errors.add(
        path,
        'mixes measures and dimensions in one "or": groups and rows are filtered one after the other',
      )
    }
    return group
  }

  private parseCondition(filter: Record<string, unknown>, path: string): Condition | undefined {
    refuseUnknownFields(filter, ['member', 'operator', 'values'], path, this.errors)
    const member = this.parseMember(filter.member, `${path}.member`)
    const operator = this.parseOperator(filter.operator, `${path}.operator`)
    const values = this.parseValues(filter.values, `${path}.values`)
    if (!member || !operator || !values) return undefined
    const resolved = isDateRangeOperator(operator, member)
      ? this.ranges.resolve(values, member, `${path}.values[0]`)
      : values
    const condition = resolved && parseCondition(member, operator, resolved, path, this.errors)
    return condition && this.countTexts(condition, path) ? condition : undefined
  }

  private countTexts({ test }: Condition, path: string): boolean {
    if (test.kind === 'text' && test.match !== 'equals') this.searchedTexts += test.values.length
    if (this.searchedTexts <= MAX_SEARCHED_TEXTS) return true
    this.errors.add(
      `${path}.values`,
      `is over the limit of ${MAX_SEARCHED_TEXTS} texts to search for in a query; remove some`,
    )
    return false
  }

  private parseMember(name: unknown, path: string) {
    const member = this.members.parse(name, path, 'member')
    if (!member || member.kind !== 'measure' || this.measureProblem === undefined) return member
    this.errors.add(path, this.measureProblem)
    return undefined
  }

  private parseOperator(name: unknown, path: string): string | undefined {
    if (typeof name === 'string' && OPERATOR_NAMES.includes(name)) return name
    const error = name === undefined ? `is required. ${nameHint(name, OPERATOR_NAMES)}` : undefined
    this.errors.add(path, error ?? unknownName('operator', name, OPERATOR_NAMES))
    return undefined
  }

  /** undefined when something is wrong with them; each operator checks the number of its values. */
  private parseValues(values: unknown, path: string): FilterValue[] | undefined {
    if (values === undefined) return []
    if (!Array.isArray(values)) {
      this.errors.add(path, 'must be a list of strings, numbers or booleans')
      return undefined
    }
    for (const [index, value] of values.entries()) {
      const error = valueError(value)
      if (error === undefined) continue
      this.errors.add(`${path}[${index}]`, error)
      return undefined
    }
    return this.countBytes(values as FilterValue[], path) ? (values as FilterValue[]) : undefined
  }

  private countBytes(values: FilterValue[], path: string): boolean {
    for (const value of values) this.valueBytes += Buffer.byteLength(String(value)) + 4
    if (this.valueBytes <= MAX_VALUE_BYTES) return true
    this.errors.add(path, `takes the query's values over ${MAX_VALUE_BYTES / 1024} KiB`)
    return false
  }
}

function valueError(value: unknown): string | undefined {
  if (typeof value === 'boolean') return undefined
  if (typeof value === 'string') return value.isWellFormed() ? undefined : 'must be valid Unicode'
  return Number.isFinite(value) ? undefined : 'must be a string, a number or a boolean'
}

function mixesMeasures(group: FilterGroup): boolean {
  return new Set(conditionsOf(group).map(({ member }) => member.kind === 'measure')).size > 1
}

function conditionsOf(filter: Filter): Condition[] {
  return isGroup(filter) ? filter.filters.flatMap(conditionsOf) : [filter]
}
