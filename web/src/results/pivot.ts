import type { Decimal } from '../api/http'
import { sum } from './decimals'
import { periodName } from './periods'
import {
  COMPARE,
  groupsOf,
  isAdditive,
  numberIn,
  periodOf,
  textOf,
  type ResultData,
  type ResultRow,
  type ResultValue,
} from './result-data'
import type { ResultView } from './result-view'

/** Results of the same query by fewer groups, for what cannot be summed up here: averages, ratios, distinct counts. */
export interface AskedTotals {
  /** by the rows of the pivot only */
  ofRows: ResultRow[]
  /** by its columns only */
  ofColumns: ResultRow[]
  /** of everything */
  all: ResultRow | undefined
}

export interface PivotLine {
  /** of each of its groups, as text */
  names: string[]
  /** of each column the row of the result; undefined: there is none */
  cells: (ResultRow | undefined)[]
  key: string
}

export interface Pivot {
  /** the groups that are its rows, and those that are its columns */
  down: string[]
  across: string[]
  lines: PivotLine[]
  columns: { names: string[]; key: string }[]
}

/** The periods stand across where there are any, else the last of the groups. */
export function sidesOf({ query }: Pick<ResultData, 'query'>, view: ResultView): Pick<Pivot, 'down' | 'across'> {
  const groups = groupsOf(query)
  const wanted = groups.filter((name) => view.across?.includes(name))
  const usual = groups.includes(COMPARE) ? COMPARE : (periodOf(query)?.name ?? groups.at(-1))
  const across = wanted.length > 0 ? wanted : groups.filter((name) => name === usual)
  return { across, down: groups.filter((name) => !across.includes(name)) }
}

/** Rows by columns, each in the order in which the result has them; periods in theirs. */
export function pivotOf(result: ResultData, view: ResultView): Pivot {
  const { down, across } = sidesOf(result, view)
  const at = new Map(result.rows.map((row) => [`${keyOf(row, down)} ${keyOf(row, across)}`, row]))
  const columns = distinct(result, across)
  const lines = distinct(result, down).map(({ key, names }) => ({
    key,
    names,
    cells: columns.map((column) => at.get(`${key} ${column.key}`)),
  }))
  return { down, across, lines, columns }
}

/** Totals of one measure. Undefined: it does not add up, and was not asked for. */
export interface MeasureTotals {
  ofLine: (line: PivotLine) => Decimal | null | undefined
  ofColumn: (column: number) => Decimal | null | undefined
  all: Decimal | null | undefined
}

/** Sums where the measure adds up and no row is left out, else what was asked for; never a wrong sum. */
export function totalsOf(
  measure: string,
  { lines, columns, down, across }: Pivot,
  result: ResultData,
  asked?: AskedTotals,
): MeasureTotals {
  if (addsUp(measure, result)) {
    return {
      ofLine: ({ cells }) => sumOf(cells, measure),
      ofColumn: (column) =>
        sumOf(
          lines.map(({ cells }) => cells[column]),
          measure,
        ),
      all: sumOf(result.rows, measure),
    }
  }
  const find = (rows: ResultRow[] | undefined, names: string[], key: string | undefined) => {
    const row = rows?.find((each) => keyOf(each, names) === key)
    return row && numberIn(row, measure)
  }
  return {
    ofLine: ({ key }) => find(asked?.ofRows, down, key),
    ofColumn: (column) => find(asked?.ofColumns, across, columns[column]?.key),
    all: asked?.all && numberIn(asked.all, measure),
  }
}

/** Compared ranges may overlap: what is in both would count twice. */
export function addsUp(measure: string, result: ResultData): boolean {
  return !result.isCut && !result.query.timeDimension?.compareDateRange && isAdditive(measure, result)
}

function sumOf(rows: (ResultRow | undefined)[], measure: string): Decimal | null {
  const values = rows.map((row) => (row ? numberIn(row, measure) : null)).filter((value) => value !== null)
  return values.length > 0 ? sum(values) : null
}

function distinct(result: ResultData, names: string[]): Pivot['columns'] {
  const found = new Map<string, ResultRow>()
  for (const row of result.rows) {
    const key = keyOf(row, names)
    if (!found.has(key)) found.set(key, row)
  }
  const period = periodOf(result.query)
  const list = [...found].map(([key, row]) => ({
    key,
    row,
    names: names.map((name) => nameOf(row[name], name, result)),
  }))
  if (period && names.includes(period.name))
    list.sort((a, b) => textOf(a.row[period.name]).localeCompare(textOf(b.row[period.name])))
  return list.map(({ key, names: texts }) => ({ key, names: texts }))
}

function nameOf(value: ResultValue, name: string, { query }: ResultData): string {
  const period = periodOf(query)
  return period?.name === name && typeof value === 'string' ? periodName(value, period.granularity) : textOf(value)
}

function keyOf(row: ResultRow, names: string[]): string {
  return JSON.stringify(names.map((name) => row[name] ?? null))
}
