import type { Page, PageQuery } from '../common/pagination.dto.js'
import type { Database } from './database.js'

/**
 * JSON that PostgreSQL wrote, to be answered as it is: decimals keep their exact text, which a JavaScript number would
 * not.
 */
export type JsonText = string

/** A condition of a list: SQL with `?` for its value. */
export interface Condition {
  sql: string
  value: unknown
}

interface JsonTableOptions {
  table: string
  /** field of the answer -> SQL over the table `t`, in the order in which they are printed */
  fields: Record<string, string>
  /** field of a request -> column */
  columns: Record<string, string>
  /** SQL of the number of all rows, where something knows it sooner than a count does */
  countOfAll?: string
}

/** Reads and writes one table whose rows are answered as JSON text. All SQL text comes from the options, never a request. */
export class JsonTable {
  readonly json: string

  constructor(
    private readonly database: Database,
    private readonly options: JsonTableOptions,
  ) {
    this.json = jsonObject(options.fields)
  }

  async insert(id: string, values: object): Promise<JsonText> {
    const columns = this.columnsOf(values)
    const names = ['id', ...columns.map(({ column }) => column)]
    const places = names.map((_, index) => `$${index + 1}`)
    const [row] = await this.database.query<{ json: JsonText }>(
      `INSERT INTO ${this.options.table} AS t (${names.join(', ')}) VALUES (${places.join(', ')})
       RETURNING ${this.json}::text AS json`,
      [id, ...columns.map(({ value }) => value)],
    )
    return row!.json
  }

  /** Rows in one statement, all with the same fields, their ids ascending; gives the array of them. */
  async insertAll(rows: { id: string; values: object }[]): Promise<JsonText> {
    const records = rows.map(({ id, values }) => ({
      id,
      ...Object.fromEntries(this.columnsOf(values).map(({ column, value }) => [column, value])),
    }))
    const names = ['id', ...Object.values(this.options.columns)].join(', ')
    const [row] = await this.database.query<{ json: JsonText }>(
      `WITH t AS (INSERT INTO ${this.options.table} (${names})
         SELECT ${names} FROM json_populate_recordset(NULL::${this.options.table}, $1) RETURNING *)
       SELECT json_agg(${this.json} ORDER BY t.id)::text AS json FROM t`,
      [JSON.stringify(records)],
    )
    return row!.json
  }

  /** undefined when there is no such row; with no values the row as it is. */
  async update(id: string, values: object): Promise<JsonText | undefined> {
    const columns = this.columnsOf(values)
    const sets = [...columns.map(({ column }, index) => `${column} = $${index + 2}`), 'updated_at = now()']
    const [row] = await this.database.query<{ json: JsonText }>(
      `UPDATE ${this.options.table} AS t SET ${sets.join(', ')} WHERE id = $1 RETURNING ${this.json}::text AS json`,
      [id, ...columns.map(({ value }) => value)],
    )
    return row?.json
  }

  async find(id: string): Promise<JsonText | undefined> {
    const [row] = await this.database.query<{ json: JsonText }>(
      `SELECT ${this.json}::text AS json FROM ${this.options.table} t WHERE id = $1`,
      [id],
    )
    return row?.json
  }

  /** False when there is no such row. */
  async remove(id: string): Promise<boolean> {
    const rows = await this.database.query(`DELETE FROM ${this.options.table} WHERE id = $1 RETURNING id`, [id])
    return rows.length === 1
  }

  /** The whole answer `{"data": [...], "pagination": {...}}` in one round trip; `order` is SQL over `t`, and total. */
  async list(page: PageQuery, order: string, conditions: Condition[] = []): Promise<JsonText> {
    const where = conditions.map(({ sql }, index) => sql.replaceAll('?', `$${index + 3}`))
    const from = `FROM ${this.options.table} t ${where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''}`
    const [row] = await this.database.query<{ data: JsonText; total: string }>(
      `SELECT (${this.countOf(from, conditions)}) AS total, coalesce(json_agg(p.json), '[]')::text AS data
       FROM (SELECT ${this.json} AS json ${from} ORDER BY ${order} LIMIT $1 OFFSET $2) p`,
      [page.limit, page.offset, ...conditions.map(({ value }) => value)],
    )
    return pageText(row!.data, page, Number(row!.total))
  }

  private countOf(from: string, conditions: Condition[]): string {
    const { countOfAll } = this.options
    return countOfAll && conditions.length === 0 ? countOfAll : `SELECT count(*) ${from}`
  }

  private columnsOf(values: object): { column: string; value: unknown }[] {
    return Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([field, value]) => ({ column: this.options.columns[field]!, value: value as unknown }))
  }
}

/** The SQL of a JSON object with these fields. */
export function jsonObject(fields: Record<string, string>): string {
  return `json_build_object(${Object.entries(fields)
    .map(([field, sql]) => `'${field}', ${sql}`)
    .join(', ')})`
}

/** A timestamptz as ISO-8601 in UTC. */
export function isoTime(column: string): string {
  return `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
}

/** A page whose rows are JSON already. */
export function pageText(data: JsonText, { limit, offset }: PageQuery, total: number): JsonText {
  const pagination: Page<never>['pagination'] = { limit, offset, total }
  return `{"data":${data},"pagination":${JSON.stringify(pagination)}}`
}
