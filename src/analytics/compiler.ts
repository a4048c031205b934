import type { DatasetDefinition, MemberType } from '../datasets/dataset-definition.js'
import { keyMemberOf } from '../datasets/member.js'
import { fromTable } from '../datasets/table-reads.js'
import { identifier } from '../warehouse/identifier.js'
import { allOf, splitFilters } from './filter-sql.js'
import type { Question, QuestionColumn } from './question.js'
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
  /** without FINAL, for a table that needs none */
  plain: Statements
  params: SqlParamValues
  limit: number | undefined
  offset: number
  wantsTotal: boolean
}

export function compile(question: Question): CompiledQuestion {
  const params = new SqlParams()
  const conditions = conditionsSql(question, params)
  const select = question.columns.map((column) => `${columnSql(column)} AS ${identifier(column.name)}`).join(',\n  ')
  const statements = (isPlain: boolean): Statements => {
    const body = lines(fromTable(question.dataset, isPlain), conditions)
    const sql = lines(`SELECT\n  ${select}`, body, orderSql(question), limitSql(question))
    return { sql, totalSql: totalSql(question, body) }
  }
  return {
    dataset: question.dataset,
    columns: question.columns.map(({ name, member }) => ({ name, type: member.type })),
    ...statements(false),
    plain: statements(true),
    params: params.values,
    limit: question.limit,
    offset: question.offset,
    wantsTotal: question.total,
  }
}

/**
 * Everything from WHERE to HAVING. Columns are always written with the table's alias: the engine takes a bare name for
 * the column of the answer where one is named alike, and `WHERE transaction_date >= ...` would compare months.
 */
function conditionsSql(question: Question, params: SqlParams): string {
  const { ofRows, ofGroups } = splitFilters(question.filters)
  const where = allOf(ofRows, params)
  const having = allOf(ofGroups, params)
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

/** A total order: what the question names, then whatever else tells one row of the answer from another. */
function orderSql({ dataset, columns, order, rows }: Question): string | false {
  const named = order.map(({ column, descending }) => ({ sql: columnSql(column), descending }))
  const ties = rows ? [...columns.map(columnSql), keyMemberOf(dataset).sql] : columns.filter(isGrouping).map(columnSql)
  const seen = new Set(named.map(({ sql }) => sql))
  for (const sql of ties) {
    if (!seen.has(sql)) named.push({ sql, descending: false })
    seen.add(sql)
  }
  const terms = named.map(({ sql, descending }) => `${sql} ${descending ? 'DESC' : 'ASC'} NULLS LAST`)
  return terms.length > 0 && `ORDER BY ${terms.join(', ')}`
}

function limitSql({ limit, offset }: Question): string | false {
  if (limit !== undefined) return `LIMIT ${limit} OFFSET ${offset}`
  return offset > 0 && `OFFSET ${offset}`
}

function isGrouping({ member }: QuestionColumn): boolean {
  return member.kind !== 'measure'
}

/** The first day of the period. dateTrunc, because the toStartOf functions cut dates before 1970 to 1970. */
function columnSql({ member, granularity }: QuestionColumn): string {
  if (!granularity || granularity === 'day') return member.sql
  return `dateTrunc('${granularity}', ${member.sql})`
}

function lines(...parts: (string | false | undefined)[]): string {
  return parts.filter(Boolean).join('\n')
}
