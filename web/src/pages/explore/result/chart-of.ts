import type { Series } from '../../../charts/chart-props'
import type { Decimal } from '../../../api/http'
import type { ExecutedQuery } from '../use-query-result'
import { periodName, periodNumber } from './periods'

export type ChartKind = 'line' | 'bar' | 'doughnut'

export interface Drawn {
  labels: string[]
  series: Series[]
  /** how many labels and series there are in the result that the chart leaves out */
  left: number
}

const COMPARE = 'compareDateRange'
const MAX_SERIES = 8
const MAX_BARS = 30
const MAX_POINTS = 2000

/** The kinds of chart that suit a result, the best one first; none for single rows and for a single group. */
export function kindsOf({ query, response }: ExecutedQuery): ChartKind[] {
  if (query.select || !query.measures?.length || response.data.length < 2) return []
  if (query.timeDimension?.granularity) return ['line', 'bar']
  const groups = (query.dimensions?.length ?? 0) + (query.timeDimension?.compareDateRange ? 1 : 0)
  return groups === 1 ? ['bar', 'doughnut'] : ['bar']
}

/** One measure of the result as a chart: along time where there is one, else along the first of its groups. */
export function chartOf({ query, response }: ExecutedQuery, measure: string): Drawn {
  const { timeDimension: time, dimensions = [] } = query
  const compare = time?.compareDateRange ? [COMPARE] : []
  const along = time?.granularity ? time.dimension : (dimensions[0] ?? COMPARE)
  const apart = [...compare, ...dimensions].filter((name) => name !== along)
  const labelOf = (row: Row): string => {
    // Compared ranges lie above each other: the first month of one above the first of the other.
    if (time?.granularity && compare.length > 0) return periodNumber(row[COMPARE], row[along], time.granularity)
    return time?.granularity ? periodName(textOfValue(row[along]), time.granularity) : textOfValue(row[along])
  }
  const points = response.data.map((row) => ({
    label: labelOf(row),
    series: apart.map((name) => textOfValue(row[name])).join(' · '),
    value: row[measure] ?? null,
  }))
  return drawn(points, { isTime: Boolean(time?.granularity) })
}

type Row = ExecutedQuery['response']['data'][number]

interface Point {
  label: string
  series: string
  value: Decimal | null
}

function drawn(points: Point[], { isTime }: { isTime: boolean }): Drawn {
  const every = [...new Set(points.map(({ label }) => label))]
  const labels = (isTime ? every.sort(byTime) : every).slice(0, isTime ? MAX_POINTS : MAX_BARS)
  const sums = new Map<string, number>()
  for (const { series, value } of points) sums.set(series, (sums.get(series) ?? 0) + Math.abs(Number(value ?? 0)))
  const largest = [...sums]
    .sort(([, a], [, b]) => b - a)
    .slice(0, MAX_SERIES)
    .map(([name]) => name)
  const at = new Map(points.map(({ label, series, value }) => [`${series}\n${label}`, value]))
  return {
    labels,
    series: largest.map((name) => ({
      label: name,
      values: labels.map((label) => at.get(`${name}\n${label}`) ?? null),
    })),
    left: every.length - labels.length + sums.size - largest.length,
  }
}

/** Dates are in order as texts; periods that are counted ("month 10") by their numbers. */
function byTime(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true })
}

function textOfValue(value: Row[string] | undefined): string {
  if (value === null || value === undefined) return 'none'
  return value === '' ? 'empty' : String(value)
}
