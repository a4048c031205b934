import type { DatasetDefinition, MemberType } from '../../datasets/dataset-definition.js'
import { identitySql, type Member } from '../../datasets/member.js'
import { fromTable } from '../../datasets/deduplication/final-free-reads.js'
import { identifier } from '../../infrastructure/clickhouse/identifier.js'
import { allOf, splitFilters } from '../../datasets/filters/filter-sql.js'
import { COMPARE, type ParsedQuery, type ParsedColumn } from '../parsing/parsed-query.js'
import { isGroup, type ComparedRange, type Filter } from '../../datasets/filters/filter.js'
import { periodSql } from './period-sql.js'
import { SqlParams, type SqlParamValues } from '../../datasets/filters/sql-params.js'

export interface Statements {
  sql: string
  /** counts all groups or rows of the query, whatever its limit: one row with `total` */
  totalSql: string
}

/**
 * A query as statements for ClickHouse. Every name in them is the catalog's, every value a parameter, and every row one that
 * exists for the caller.
 */
export interface CompiledQuery extends Statements {
  dataset: DatasetDefinition
  columns: { name: string; type: MemberType }[]
  /** the same without FINAL, for a table without replaced rows: FinalFreeReads decides when */
  withoutFinal: Statements
  params: SqlParamValues
  limit: number | undefined
  offset: number
  wantsTotal: boolean
  /** epoch ms; undefined when the query means the same at any time */
  validUntil?: number
  /** the response explains how it was made */
  explain: boolean
}

/** The statements, with their parameters bound already, for either way to read the table. */
type Rendering = (skipFinal: boolean) => Statements

export interface CompileOptions {
  /** numbers in types of at most 38 digits, by the type of the column and so whatever its values are */
  narrowNumbers?: boolean
}

export function compile(query: ParsedQuery, { narrowNumbers = false }: CompileOptions = {}): CompiledQuery {
  const params = new SqlParams()
  for (const { params: own } of membersIn(query)) params.include(own)
  params.include(query.definition.restriction?.params)
  const shown = narrowNumbers ? narrowed : (_column: ParsedColumn, sql: string) => sql
  const render = query.compare ? compared(query, query.compare, params, shown) : single(query, params, shown)
  return {
    dataset: query.definition,
    columns: query.columns.map(({ name, member }) => ({ name, type: member.type })),
    ...render(false),
    withoutFinal: render(true),
    params: params.values,
    limit: query.limit,
    offset: query.offset,
    wantsTotal: query.total,
    validUntil: earlierOf(query.validUntil, query.definition.restriction?.validUntil),
    explain: query.explain,
  }
}

/** SQL of a column as the result has it. */
type Shown = (column: ParsedColumn, sql: string) => string

/**
 * Sums are in types that never overflow, which most readers of Parquet and Arrow do not know. What has more than 38 digits all
 * the same fails the export, rather than being another number; 38 decimals leave no digits before the point and stay text.
 */
function narrowed({ member: { storage } }: ParsedColumn, sql: string): string {
  if (storage === 'Int128') return `toDecimal128(${sql}, 0)`
  const wide = /^Decimal\(76, (\d+)\)$/.exec(storage)
  if (!wide) return sql
  return wide[1] === '38' ? `toString(${sql})` : `toDecimal128(${sql}, ${wide[1]})`
}

function single(query: ParsedQuery, params: SqlParams, shown: Shown): Rendering {
  const conditions = conditionsSql(query, filtersOf(query, params))
  const columns = query.columns.map((column) => namedAs(column, columnSql(column), shown))
  return (skipFinal) => {
    const body = lines(fromTable(query.dataset, skipFinal), conditions)
    return { sql: ordered(query, selectSql(columns, body)), totalSql: totalSql(query, body) }
  }
}

/** The index of a compared range. No member is named like this or a range key. */
const RANGE_INDEX = '`#range`'
/** What identifies a row, to order by. */
const rangeKey = (index: number): string => `\`#key${index}\``

/**
 * One statement of as many parts as there are ranges: each is what a query over that range alone would be, so that
 * a range without rows gives what it gives there, and a row that lies in several is counted in each.
 */
function compared(query: ParsedQuery, ranges: ComparedRange[], params: SqlParams, shown: Shown): Rendering {
  const { where, having } = filtersOf(query, params)
  const own = query.columns
    .filter((column) => column !== COMPARE)
    .map((column) => `${columnSql(column)} AS ${identifier(column.name)}`)
  const parts = ranges.map(({ label, condition }, index) => {
    const range = allOf([condition], params)!
    const conditions = conditionsSql(query, { where: where ? `${range}\n  AND ${where}` : range, having })
    const rangeColumns = [
      `${params.bind('String', label)} AS ${identifier(COMPARE.name)}`,
      `${index} AS ${RANGE_INDEX}`,
    ]
    const key = query.rows ? identitySql(query.dataset).map((sql, at) => `${sql} AS ${rangeKey(at)}`) : []
    return { columns: [...rangeColumns, ...own, ...key], conditions }
  })
  const names = query.columns.map((column) => namedAs(column, comparedColumn(column), shown))
  return (skipFinal) => {
    const from = fromTable(query.dataset, skipFinal)
    const rows = parts.map(({ columns, conditions }) => selectSql(columns, lines(from, conditions)))
    const totals = parts.map(({ conditions }) => totalSql(query, lines(from, conditions)))
    return {
      sql: ordered(query, selectSql(names, union(rows))),
      totalSql: lines('SELECT sum(c.total) AS total', union(totals)),
    }
  }
}

function union(statements: string[]): string {
  return `FROM (\n${statements.join('\nUNION ALL\n')}\n) AS c`
}

function ordered(query: ParsedQuery, select: string): string {
  return lines(select, orderSql(query), limitSql(query))
}

function selectSql(columns: string[], body: string): string {
  return lines(`SELECT\n  ${columns.join(',\n  ')}`, body)
}

interface FilterSql {
  where: string | undefined
  having: string | undefined
}

/** The rows of the caller's access policy come first: everything else, measures too, is of what they leave. */
function filtersOf({ filters, definition }: ParsedQuery, params: SqlParams): FilterSql {
  const { ofRows, ofGroups } = splitFilters(filters)
  const where = [definition.restriction?.rowSql, allOf(ofRows, params)].filter(Boolean).join('\n  AND ')
  return { where: where || undefined, having: allOf(ofGroups, params) }
}

function earlierOf(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other)
}

/**
 * Everything from WHERE to HAVING. Columns are always written with the table's alias: ClickHouse takes a bare name for
 * the column of the result where one is named alike, and `WHERE transaction_date >= ...` would compare months.
 */
function conditionsSql(query: ParsedQuery, { where, having }: FilterSql): string {
  const groups = query.rows ? [] : query.columns.filter(isGrouping).map(columnSql)
  return lines(
    where && `WHERE ${where}`,
    groups.length > 0 && `GROUP BY ${groups.join(', ')}`,
    having && `HAVING ${having}`,
  )
}

function totalSql({ rows }: ParsedQuery, body: string): string {
  // An aggregate inside makes one row of a query without dimensions, as the query itself does.
  return rows
    ? lines('SELECT count() AS total', body)
    : lines('SELECT count() AS total', 'FROM (', 'SELECT count()', body, ')')
}

/**
 * A total order: what the query names, then whatever else distinguishes one row of the result from another. Compared ranges
 * come one after the other, in the order of the query, unless the query orders by their column.
 */
function orderSql({ dataset, columns, order, rows, compare }: ParsedQuery): string | false {
  const sqlOf = compare ? comparedColumn : columnSql
  const named = order.map(({ column, descending }) => ({ sql: sqlOf(column), descending }))
  const rangeIndex = compare ? [`c.${RANGE_INDEX}`] : []
  const first = order.some(({ column }) => column === COMPARE) ? [] : rangeIndex
  const ties = columns.filter(isGrouping).map(sqlOf)
  const identity = rows ? identitySql(dataset) : []
  const key = compare ? identity.map((_, at) => `c.${rangeKey(at)}`) : identity
  const terms = [...first.map(ascending), ...named, ...[...rangeIndex, ...ties, ...key].map(ascending)]
  const distinct = terms.filter(({ sql }, index) => terms.findIndex((term) => term.sql === sql) === index)
  const texts = distinct.map(({ sql, descending }) => `${sql} ${descending ? 'DESC' : 'ASC'} NULLS LAST`)
  return texts.length > 0 && `ORDER BY ${texts.join(', ')}`
}

function ascending(sql: string): { sql: string; descending: boolean } {
  return { sql, descending: false }
}

function limitSql({ limit, offset }: ParsedQuery): string | false {
  if (limit !== undefined) return `LIMIT ${limit} OFFSET ${offset}`
  return offset > 0 && `OFFSET ${offset}`
}

function membersIn({ columns, filters, compare = [] }: ParsedQuery): Member[] {
  const ofFilter = (filter: Filter): Member[] => (isGroup(filter) ? filter.filters.flatMap(ofFilter) : [filter.member])
  const all = [...filters, ...compare.map(({ condition }) => condition)]
  return [...columns.map(({ member }) => member), ...all.flatMap(ofFilter)]
}

/** A column that the rows of a group have in common; the compared range is a constant of its part. */
function isGrouping(column: ParsedColumn): boolean {
  return column.member.kind !== 'measure' && column !== COMPARE
}

function namedAs(column: ParsedColumn, sql: string, shown: Shown): string {
  return `${shown(column, sql)} AS ${identifier(column.name)}`
}

/** A column of the union of the compared ranges. */
function comparedColumn({ name }: ParsedColumn): string {
  return `c.${identifier(name)}`
}

function columnSql({ member, granularity }: ParsedColumn): string {
  return granularity ? periodSql(member, granularity) : member.sql
}

function lines(...parts: (string | false | undefined)[]): string {
  return parts.filter(Boolean).join('\n')
}
