import type { Decimal } from '../api/http'
import { difference, growth } from './decimals'
import { periodNumber } from './periods'
import { COMPARE, groupsOf, numberIn, periodOf, textOf, type ResultData, type ResultRow } from './result-data'

/** The rows of compared ranges side by side. */
export interface Comparison {
  /** `2024-01-01 - 2024-12-31`, in the order of the query */
  ranges: string[]
  /** the groups of a line, its period last */
  groups: string[]
  lines: ComparedLine[]
}

export interface ComparedLine {
  names: string[]
  /** of each range the row of the result */
  rows: (ResultRow | undefined)[]
}

export function comparisonOf(result: ResultData): Comparison {
  const ranges = [...new Set(result.rows.map((row) => textOf(row[COMPARE])))]
  const groups = groupsOf(result.query).filter((name) => name !== COMPARE)
  const lines = new Map<string, ComparedLine>()
  for (const row of result.rows) {
    const names = groups.map((name) => nameOf(row, name, result))
    const key = JSON.stringify(names)
    const line = lines.get(key) ?? { names, rows: [] }
    line.rows[ranges.indexOf(textOf(row[COMPARE]))] = row
    lines.set(key, line)
  }
  return { ranges, groups, lines: [...lines.values()] }
}

export interface Change {
  difference: Decimal
  /** of the other range's value; null where that is 0 */
  share: number | null
}

/** How the first range differs from another one; null where one of them has no value. */
export function changeOf({ rows }: ComparedLine, measure: string, other: number): Change | null {
  const [now, before] = [rows[0], rows[other]].map((row) => (row ? numberIn(row, measure) : null))
  if (now === null || now === undefined || before === null || before === undefined) return null
  return { difference: difference(now, before), share: growth(now, before) }
}

/** Periods are counted from the beginning of their range, as their dates never meet. */
function nameOf(row: ResultRow, name: string, { query }: ResultData): string {
  const period = periodOf(query)
  return period?.name === name ? periodNumber(row[COMPARE], row[name], period.granularity) : textOf(row[name])
}
