import type { Member } from '../member.js'
import { isGroup, type Condition, type Filter, type Predicate } from './filter.js'
import type { SqlParams } from './sql-params.js'
import { orderedValueCodecOf } from './ordered-value-codec.js'

/** The filters that hold for rows (WHERE) and those that hold for groups (HAVING). */
export interface SplitFilters {
  ofRows: Filter[]
  ofGroups: Filter[]
}

/** Takes `and` groups apart; an `or` is of one kind, which the parser has checked. */
export function splitFilters(filters: Filter[]): SplitFilters {
  const parts = filters.flatMap(partsOf)
  return { ofRows: parts.filter((part) => !isOfGroups(part)), ofGroups: parts.filter(isOfGroups) }
}

/** All of the filters as one expression; undefined when there are none. */
export function allOf(filters: Filter[], params: SqlParams): string | undefined {
  if (filters.length === 0) return undefined
  return joined(
    filters.map((filter) => filterSql(filter, params)),
    '\n  AND ',
  )
}

function partsOf(filter: Filter): Filter[] {
  return isGroup(filter) && !filter.any ? filter.filters.flatMap(partsOf) : [filter]
}

function isOfGroups(filter: Filter): boolean {
  return isGroup(filter) ? filter.filters.some(isOfGroups) : filter.member.kind === 'measure'
}

function filterSql(filter: Filter, params: SqlParams): string {
  if (!isGroup(filter)) return conditionSql(filter, params)
  const parts = filter.filters.map((each) => filterSql(each, params))
  return inBrackets(joined(parts, filter.any ? ' OR ' : ' AND '))
}

/** NULL is no match; under negation therefore it is one. */
function conditionSql({ member, test, negated }: Condition, params: SqlParams): string {
  const sql = testSql(member, test, params)
  if (!negated) return sql
  if (isConstant(sql)) return sql === ALWAYS ? NEVER : ALWAYS
  return member.nullable ? `ifNull(NOT (${sql}), true)` : `NOT (${sql})`
}

function testSql(member: Member, test: Predicate, params: SqlParams): string {
  switch (test.kind) {
    case 'set':
      return isSetSql(member)
    case 'text':
      return textSql(member, test, params)
    case 'in':
      return pointsSql(member, test.points, params)
    case 'range':
      return rangeSql(member, test, params)
  }
}

function isSetSql({ sql, type, nullable }: Member): string {
  if (type === 'text') return `${sql} != ''`
  return nullable ? `isNotNull(${sql})` : ALWAYS
}

const TEXT_MATCH = {
  contains: (text: string, part: string) => `position(${text}, ${part}) > 0`,
  startsWith: (text: string, part: string) => `startsWith(${text}, ${part})`,
  endsWith: (text: string, part: string) => `endsWith(${text}, ${part})`,
}

function textSql({ sql }: Member, { match, values }: Extract<Predicate, { kind: 'text' }>, params: SqlParams): string {
  if (match === 'contains' && values.length > 1 && !values.includes('')) return containsAnySql(sql, values, params)
  if (match !== 'equals') {
    // One expression per text and not arrayExists, which would copy the list for every row.
    const texts = params.bindEachText(values)
    return anyOf(values.map((value, index) => TEXT_MATCH[match](caseless(sql, value), caseless(texts[index]!, value))))
  }
  return values.length === 1
    ? `${sql} = ${params.bind('String', values[0]!)}`
    : `${sql} IN ${params.bindTexts('String', values)}`
}

/** Many texts are searched for in one pass: an expression for each costs seconds to plan, on a cluster on every node. */
function containsAnySql(sql: string, values: string[], params: SqlParams): string {
  const alike = [values.filter((value) => !SIGMA.test(value)), values.filter((value) => SIGMA.test(value))]
  return anyOf(
    alike.flatMap((texts) =>
      params.bindTextLists(texts, MAX_SEARCHED).map((list) => {
        const searched = `arrayMap(searched -> ${caseless('searched', texts[0]!)}, ${list})`
        return `multiSearchAny(${caseless(sql, texts[0]!)}, ${searched})`
      }),
    ),
  )
}

/** as ClickHouse's multiSearchAny */
const MAX_SEARCHED = 255
const SIGMA = /[Σσς]/

/** Lower case as it is compared with `searched`. A sigma at the end of a word becomes another one than the rest of them. */
function caseless(sql: string, searched: string): string {
  const lower = `lowerUTF8(${sql})`
  return SIGMA.test(searched) ? `replaceAll(${lower}, 'ς', 'σ')` : lower
}

function anyOf(expressions: string[]): string {
  return expressions.length === 1 ? expressions[0]! : `(${expressions.join(' OR ')})`
}

const ALWAYS = 'true'
const NEVER = 'false'

function isConstant(sql: string): boolean {
  return sql === ALWAYS || sql === NEVER
}

function inBrackets(sql: string): string {
  return isConstant(sql) ? sql : `(${sql})`
}

/**
 * Constants are worked out here and never stand in the statement: ClickHouse 26.7 drops rows that a disjunction with one
 * in it keeps, where it combines skip indexes (use_skip_indexes_for_disjunctions).
 */
function joined(parts: string[], operator: ' OR ' | ' AND ' | '\n  AND '): string {
  const [decides, isNeutral] = operator === ' OR ' ? [ALWAYS, NEVER] : [NEVER, ALWAYS]
  if (parts.includes(decides)) return decides
  const left = parts.filter((part) => part !== isNeutral)
  return left.length === 0 ? isNeutral : left.join(operator)
}

function pointsSql({ sql, storage }: Member, points: bigint[], params: SqlParams): string {
  const codec = orderedValueCodecOf(storage)!
  const values = points.map((point) => codec.decode(point))
  if (values.length === 0) return NEVER
  if (values.length === 1) return `${sql} = ${params.bind(storage, values[0]!)}`
  const list = storage.startsWith('Date') ? params.bindTexts(storage, values) : params.bindNumbers(storage, values)
  return `${sql} IN ${list}`
}

/** A bound beyond what the member can hold is left out, or nothing can be within it. */
function rangeSql(member: Member, { from, to }: Extract<Predicate, { kind: 'range' }>, params: SqlParams): string {
  const { sql, storage } = member
  const codec = orderedValueCodecOf(storage)!
  if ((from ?? codec.min) > codec.max || (to ?? codec.max) < codec.min) return NEVER
  const bounds = [
    ...(from !== undefined && from > codec.min ? [`${sql} >= ${params.bind(storage, codec.decode(from))}`] : []),
    ...(to !== undefined && to < codec.max ? [`${sql} <= ${params.bind(storage, codec.decode(to))}`] : []),
  ]
  if (bounds.length === 0) return isSetSql(member)
  return bounds.length === 1 ? bounds[0]! : `(${bounds.join(' AND ')})`
}
