import type { Decimal, Schemas } from '../api/http'

export const COMPARE = 'compareDateRange'

/** The parts of a query that say what the columns of its result are. */
export type ResultQuery = Pick<
  Schemas['QueryRequest'],
  'select' | 'dimensions' | 'measures' | 'timeDimension' | 'filters' | 'limit'
>
export type ResultColumn = Schemas['QueryColumn']
export type ResultRow = Schemas['QueryResponse']['data'][number]
export type ResultValue = ResultRow[string] | undefined
export type ResultMember = Pick<Schemas['DatasetMember'], 'name' | 'title' | 'type' | 'kind'> & {
  /** of a measure: the values of groups add up to that of all of them */
  additive?: boolean
}

/** What the views show: a result with its query, and the members of its dataset for their titles. */
export interface ResultData {
  query: ResultQuery
  columns: ResultColumn[]
  rows: ResultRow[]
  members: readonly ResultMember[]
  /** the limit left rows out */
  isCut: boolean
}

type Response = Pick<Schemas['QueryResponse'], 'columns' | 'data' | 'page'>

/** The response of POST /v1/query or of an endpoint as what the views show. */
export function resultOf(query: ResultQuery, response: Response, members: readonly ResultMember[]): ResultData {
  const { columns, data: rows, page } = response
  const isCut = page.total === null ? page.returned === page.limit : page.total > page.returned
  return { query, columns, rows, members, isCut: isCut || page.offset > 0 }
}

/** The ten best are a choice; a time that ends too early, or rows that nobody knew to be missing, are none. */
export function isCutUnseen({ isCut, query }: Pick<ResultData, 'isCut' | 'query'>): boolean {
  return isCut && (query.limit === undefined || periodOf(query) !== undefined)
}

export function titleOf(name: string, members: readonly ResultMember[]): string {
  if (name === COMPARE) return 'Compared range'
  return members.find((member) => member.name === name)?.title ?? name
}

/** The columns that tell the rows of a summary apart, the time last; none for raw rows. */
export function groupsOf({ select, dimensions = [], timeDimension }: ResultQuery): string[] {
  if (select) return []
  const time = timeDimension?.granularity ? [timeDimension.dimension] : []
  return [...(timeDimension?.compareDateRange ? [COMPARE] : []), ...dimensions, ...time]
}

export function measuresOf({ select, measures = [] }: ResultQuery): string[] {
  return select ? [] : measures
}

/** The column that is cut into periods, and by what. */
export function periodOf({ timeDimension }: ResultQuery): { name: string; granularity: string } | undefined {
  const { dimension: name, granularity } = timeDimension ?? {}
  return name !== undefined && granularity !== undefined ? { name, granularity } : undefined
}

export function isAdditive(measure: string, { members }: Pick<ResultData, 'members'>): boolean {
  return members.find(({ name }) => name === measure)?.additive === true
}

/** The number in a cell; null: there is none. */
export function numberIn(row: ResultRow, name: string): Decimal | null {
  const value: unknown = row[name]
  return typeof value === 'number' || typeof value === 'string' ? value : null
}

/** A cell that is no number, as text. */
export function textOf(value: ResultValue): string {
  if (value === null || value === undefined) return 'none'
  return value === '' ? 'empty' : String(value)
}
