import type { DatasetDefinition, MemberType } from '../datasets/dataset-definition.js'
import { keyMemberOf, type Member } from '../datasets/member.js'
import { fromTable } from '../datasets/table-reads.js'
import { identifier } from '../warehouse/identifier.js'
import { allOf, splitFilters } from './filter-sql.js'
import { COMPARE, isGroup, type ComparedRange, type Filter, type Question, type QuestionColumn } from './question.js'
import { SqlParams, type SqlParamValues } from './sql-params.js'

export interface Statements {
  sql: string
  /** counts all groups or rows of the question, whatever its limit: one row with `total` */
  totalSql: string
}

/** A question as statements for the engine. Every name in them is the catalog's, every value a parameter. */
export interface CompiledQuestion extends Statements {
  dataset: DatasetDefinition
  columns: { name: string; type: MemberType }[]
  /** the same over a table without replaced rows, so without FINAL: TableReads tells when */
  plain: Statements
  params: SqlParamValues
  limit: number | undefined
  offset: number
  wantsTotal: boolean
  /** epoch ms; undefined when the question means the same at any time */
  validUntil?: number
  /** the answer says how it came about */
  explain: boolean
}

/** The statements, with their parameters bound already, for either way to read the table. */
type Rendering = (isPlain: boolean) => Statements

export function compile(question: Question): CompiledQuestion {
  const params = new SqlParams()
  for (const { params: own } of membersIn(question)) params.include(own)
  const render = question.compare ? compared(question, question.compare, params) : single(question, params)
  return {
    dataset: question.dataset,
    columns: question.columns.map(({ name, member }) => ({ name, type: member.type })),
    ...render(false),
    plain: render(true),
    params: params.values,
    limit: question.limit,
    offset: question.offset,
    wantsTotal: question.total,
    validUntil: question.validUntil,
    explain: question.explain,
  }
}

function single(question: Question, params: SqlParams): Rendering {
  const conditions = conditionsSql(question, filtersOf(question, params))
  const columns = question.columns.map(namedColumn)
  return (isPlain) => {
    const body = lines(fromTable(question.dataset, isPlain), conditions)
    return { sql: ordered(question, selectSql(columns, body)), totalSql: totalSql(question, body) }
  }
}

/** Where a compared range stands among the others. No member is named like this or RANGE_KEY. */
const RANGE_PLACE = '`#range`'
/** The key of a row, to order by. */
const RANGE_KEY = '`#key`'

/**
 * One statement of as many parts as there are ranges: each is what a question over that range alone would be, so that
 * a range without rows is answered like there, and a row that lies in several is counted in each.
 */
function compared(question: Question, ranges: ComparedRange[], params: SqlParams): Rendering {
  const { where, having } = filtersOf(question, params)
  const own = question.columns.filter((column) => column !== COMPARE).map(namedColumn)
  const parts = ranges.map(({ label, condition }, place) => {
    const range = allOf([condition], params)!
    const conditions = conditionsSql(question, { where: where ? `${range}\n  AND ${where}` : range, having })
    const told = [`${params.bind('String', label)} AS ${identifier(COMPARE.name)}`, `${place} AS ${RANGE_PLACE}`]
    const key = question.rows ? [`${keyMemberOf(question.dataset).sql} AS ${RANGE_KEY}`] : []
    return { columns: [...told, ...own, ...key], conditions }
  })
  const names = question.columns.map((column) => `${comparedColumn(column)} AS ${identifier(column.name)}`)
  return (isPlain) => {
    const from = fromTable(question.dataset, isPlain)
    const rows = parts.map(({ columns, conditions }) => selectSql(columns, lines(from, conditions)))
    const totals = parts.map(({ conditions }) => totalSql(question, lines(from, conditions)))
    return {
      sql: ordered(question, selectSql(names, union(rows))),
      totalSql: lines('SELECT sum(c.total) AS total', union(totals)),
    }
  }
}

function union(statements: string[]): string {
  return `FROM (\n${statements.join('\nUNION ALL\n')}\n) AS c`
}

function ordered(question: Question, select: string): string {
  return lines(select, orderSql(question), limitSql(question))
}

function selectSql(columns: string[], body: string): string {
  return lines(`SELECT\n  ${columns.join(',\n  ')}`, body)
}

interface FilterSql {
  where: string | undefined
  having: string | undefined
}

function filtersOf({ filters }: Question, params: SqlParams): FilterSql {
  const { ofRows, ofGroups } = splitFilters(filters)
  return { where: allOf(ofRows, params), having: allOf(ofGroups, params) }
}

/**
 * Everything from WHERE to HAVING. Columns are always written with the table's alias: the engine takes a bare name for
 * the column of the answer where one is named alike, and `WHERE transaction_date >= ...` would compare months.
 */
function conditionsSql(question: Question, { where, having }: FilterSql): string {
  const groups = question.rows ? [] : question.columns.filter(isGrouping).map(columnSql)
  return lines(
    where && `WHERE ${where}`,
    groups.length > 0 && `GROUP BY ${groups.join(', ')}`,
    having && `HAVING ${having}`,
  )
}

function totalSql({ rows }: Question, body: string): string {
  // An aggregate inside makes one row of a question without dimensions, as the question itself does.
  return rows
    ? lines('SELECT count() AS total', body)
    : lines('SELECT count() AS total', 'FROM (', 'SELECT count()', body, ')')
}

/**
 * A total order: what the question names, then whatever else tells one row of the answer from another. Compared ranges
 * come one after the other, as they were asked, unless the question orders by their column.
 */
function orderSql({ dataset, columns, order, rows, compare }: Question): string | false {
  const sqlOf = compare ? comparedColumn : columnSql
  const named = order.map(({ column, descending }) => ({ sql: sqlOf(column), descending }))
  const places = compare ? [`c.${RANGE_PLACE}`] : []
  const first = order.some(({ column }) => column === COMPARE) ? [] : places
  const ties = columns.filter(isGrouping).map(sqlOf)
  const key = rows ? [compare ? `c.${RANGE_KEY}` : keyMemberOf(dataset).sql] : []
  const terms = [...first.map(ascending), ...named, ...[...places, ...ties, ...key].map(ascending)]
  const firsts = terms.filter(({ sql }, index) => terms.findIndex((term) => term.sql === sql) === index)
  const texts = firsts.map(({ sql, descending }) => `${sql} ${descending ? 'DESC' : 'ASC'} NULLS LAST`)
  return texts.length > 0 && `ORDER BY ${texts.join(', ')}`
}

function ascending(sql: string): { sql: string; descending: boolean } {
  return { sql, descending: false }
}

function limitSql({ limit, offset }: Question): string | false {
  if (limit !== undefined) return `LIMIT ${limit} OFFSET ${offset}`
  return offset > 0 && `OFFSET ${offset}`
}

function membersIn({ columns, filters, compare = [] }: Question): Member[] {
  const ofFilter = (filter: Filter): Member[] => (isGroup(filter) ? filter.filters.flatMap(ofFilter) : [filter.member])
  const all = [...filters, ...compare.map(({ condition }) => condition)]
  return [...columns.map(({ member }) => member), ...all.flatMap(ofFilter)]
}

/** A column that the rows of a group have in common; the compared range is a constant of its part. */
function isGrouping(column: QuestionColumn): boolean {
  return column.member.kind !== 'measure' && column !== COMPARE
}

function namedColumn(column: QuestionColumn): string {
  return `${columnSql(column)} AS ${identifier(column.name)}`
}

/** A column of the union of the compared ranges. */
function comparedColumn({ name }: QuestionColumn): string {
  return `c.${identifier(name)}`
}

/** The first day of the period, or its first moment. dateTrunc, because the toStartOf functions cut dates before 1970 to 1970. */
function columnSql({ member, granularity }: QuestionColumn): string {
  if (!granularity || granularity === 'day') return member.sql
  return `dateTrunc('${granularity}', ${member.sql})`
}

function lines(...parts: (string | false | undefined)[]): string {
  return parts.filter(Boolean).join('\n')
}
