import type { DatasetDefinition } from '../datasets/dataset-definition.js'
import { findMember } from '../datasets/member.js'
import { isDateRangeOperator, OPERATOR_NAMES, readCondition, type FilterValue } from './operators.js'
import { choiceOf, isPlainObject, quoted, refuseUnknownFields, type Problems } from './problems.js'
import type { RangeReader } from './range-reader.js'
import { isGroup, type Condition, type Filter, type FilterGroup } from './question.js'

const MAX_DEPTH = 4
const MAX_FILTERS = 100
/** Parameters travel in the engine's URL, whose length is limited. */
const MAX_VALUE_BYTES = 64 * 1024
const MAX_MEMBER_NAME = 256
/** Texts to search for: each is an expression of its own, and a statement's size is limited. */
const MAX_SEARCHED_TEXTS = 1_000

/** Reads `filters`: a tree of conditions and `and`/`or` groups. Everything that is wrong goes to `problems`. */
export class FilterReader {
  private filterCount = 0
  private valueBytes = 0
  private searchedTexts = 0

  constructor(
    private readonly dataset: DatasetDefinition,
    private readonly problems: Problems,
    /** false where the question asks for rows: there are no groups that a measure could be of */
    private readonly measuresAllowed: boolean,
    private readonly ranges: RangeReader,
  ) {}

  read(value: unknown, path: string): Filter[] {
    return this.readList(value, path, 0)
  }

  private readList(value: unknown, path: string, depth: number): Filter[] {
    if (!Array.isArray(value)) {
      this.problems.add(path, 'must be a list of filters')
      return []
    }
    if (!this.countFilters(value.length, path)) return []
    return value.flatMap((filter, index) => this.readFilter(filter, `${path}[${index}]`, depth) ?? [])
  }

  private countFilters(count: number, path: string): boolean {
    this.filterCount += count
    if (this.filterCount <= MAX_FILTERS) return true
    this.problems.add(path, `takes the question over ${MAX_FILTERS} filters`)
    return false
  }

  private readFilter(filter: unknown, path: string, depth: number): Filter | undefined {
    if (!isPlainObject(filter)) {
      this.problems.add(
        path,
        'must be an object: a condition {"member","operator","values"}, {"and":[...]} or {"or":[...]}',
      )
      return undefined
    }
    const isGroup = Object.hasOwn(filter, 'and') || Object.hasOwn(filter, 'or')
    return isGroup ? this.readGroup(filter, path, depth + 1) : this.readCondition(filter, path)
  }

  private readGroup(filter: Record<string, unknown>, path: string, depth: number): FilterGroup | undefined {
    const any = Object.hasOwn(filter, 'or')
    const field = any ? 'or' : 'and'
    refuseUnknownFields(filter, [field], path, this.problems)
    if (depth > MAX_DEPTH) {
      this.problems.add(path, `is nested deeper than ${MAX_DEPTH} levels of and/or`)
      return undefined
    }
    const list = filter[field]
    if (Array.isArray(list) && list.length === 0) this.problems.add(`${path}.${field}`, 'must have at least one filter')
    const group = { any, filters: this.readList(list, `${path}.${field}`, depth) }
    if (any && mixesMeasures(group)) {
      this.problems.add(
        path,
        'mixes measures and dimensions in one "or": groups and rows are filtered one after the other',
      )
    }
    return group
  }

  private readCondition(filter: Record<string, unknown>, path: string): Condition | undefined {
    refuseUnknownFields(filter, ['member', 'operator', 'values'], path, this.problems)
    const member = this.readMember(filter.member, `${path}.member`)
    const operator = this.readOperator(filter.operator, `${path}.operator`)
    const values = this.readValues(filter.values, `${path}.values`)
    if (!member || !operator || !values) return undefined
    const resolved = isDateRangeOperator(operator, member)
      ? this.ranges.resolve(values, member, `${path}.values[0]`)
      : values
    const condition = resolved && readCondition(member, operator, resolved, path, this.problems)
    return condition && this.countTexts(condition, path) ? condition : undefined
  }

  private countTexts({ test }: Condition, path: string): boolean {
    if (test.kind === 'text' && test.match !== 'equals') this.searchedTexts += test.values.length
    if (this.searchedTexts <= MAX_SEARCHED_TEXTS) return true
    this.problems.add(`${path}.values`, `takes the question over ${MAX_SEARCHED_TEXTS} texts to search for`)
    return false
  }

  private readMember(name: unknown, path: string) {
    const member = typeof name === 'string' ? findMember(this.dataset, name.slice(0, MAX_MEMBER_NAME)) : undefined
    if (!member) {
      this.problems.add(path, name === undefined ? 'is required' : `unknown member ${quoted(name)}`)
      return undefined
    }
    if (member.kind !== 'measure' || this.measuresAllowed) return member
    this.problems.add(path, `is a measure, and "select" asks for rows: filter by a dimension`)
    return undefined
  }

  private readOperator(name: unknown, path: string): string | undefined {
    if (typeof name === 'string' && OPERATOR_NAMES.includes(name)) return name
    const problem = name === undefined ? 'is required' : `unknown operator ${quoted(name)}`
    this.problems.add(path, `${problem}: use ${choiceOf(OPERATOR_NAMES)}`)
    return undefined
  }

  /** undefined when something is wrong with them; the number of values is the operator's matter. */
  private readValues(values: unknown, path: string): FilterValue[] | undefined {
    if (values === undefined) return []
    if (!Array.isArray(values)) {
      this.problems.add(path, 'must be a list of strings, numbers or booleans')
      return undefined
    }
    for (const [index, value] of values.entries()) {
      const problem = valueProblem(value)
      if (problem === undefined) continue
      this.problems.add(`${path}[${index}]`, problem)
      return undefined
    }
    return this.countBytes(values as FilterValue[], path) ? (values as FilterValue[]) : undefined
  }

  private countBytes(values: FilterValue[], path: string): boolean {
    for (const value of values) this.valueBytes += Buffer.byteLength(String(value)) + 4
    if (this.valueBytes <= MAX_VALUE_BYTES) return true
    this.problems.add(path, `takes the question's values over ${MAX_VALUE_BYTES / 1024} KiB`)
    return false
  }
}

function valueProblem(value: unknown): string | undefined {
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
