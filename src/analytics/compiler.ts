import { TABLE_ALIAS, type DatasetDefinition, type MemberType } from '../datasets/dataset-definition.js'
import { keyMemberOf } from '../datasets/member.js'
import { identifier } from '../warehouse/identifier.js'
import { allOf, splitFilters } from './filter-sql.js'
import type { Question, QuestionColumn } from './question.js'
import { SqlParams, type SqlParamValues } from './sql-params.js'

/** A question as statements for the engine. Every name in them is the catalog's, every value a parameter. */
export interface CompiledQuestion {
  dataset: DatasetDefinition
  columns: { name: string; type: MemberType }[]
  sql: string
  /** counts all groups or rows of the question, whatever its limit: one row with `total` */
  totalSql: string
  params: SqlParamValues
  limit: number | undefined
  offset: number
  wantsTotal: boolean
  /** epoch ms; undefined when the question means the same at any time */
  validUntil?: number
}

export function compile(question: Question): CompiledQuestion {
  const params = new SqlParams()
  const body = bodySql(question, params)
  const select = question.columns.map((column) => `${columnSql(column)} AS ${identifier(column.name)}`).join(',\n  ')
  return {
    dataset: question.dataset,
    columns: question.columns.map(({ name, member }) => ({ name, type: member.type })),
    sql: lines(`SELECT\n  ${select}`, body, orderSql(question), limitSql(question)),
    totalSql: totalSql(question, body),
    params: params.values,
    limit: question.limit,
    offset: question.offset,
    wantsTotal: question.total,
  }
}

/**
 * Everything from FROM to HAVING. Columns are always written with the table's alias: the engine takes a bare name for
 * the column of the answer where one is named alike, and `WHERE transaction_date >= ...` would compare months.
 */
function bodySql(question: Question, params: SqlParams): string {
  const { ofRows, ofGroups } = splitFilters(question.filters)
  const where = allOf(ofRows, params)
  const having = allOf(ofGroups, params)
  const groups = question.rows ? [] : question.columns.filter(isGrouping).map(columnSql)
  return lines(
    `FROM ${identifier(question.dataset.table)} AS ${TABLE_ALIAS} FINAL`,
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
