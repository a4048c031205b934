import type { Series } from '../../../charts/chart'
import type { Decimal } from '../../../api/http'
import type { Asked } from '../use-answer'
import { periodName, periodNumber } from './periods'

export type ChartKind = 'line' | 'bar' | 'doughnut'

export interface Drawn {
  labels: string[]
  series: Series[]
  /** how many labels and series there are in the answer that the picture leaves out */
  left: number
}

const COMPARE = 'compareDateRange'
const MOST_SERIES = 8
const MOST_BARS = 30
const MOST_POINTS = 2000

/** The kinds of picture that suit an answer, the best one first; none for single rows and for a single group. */
export function kindsOf({ question, answer }: Asked): ChartKind[] {
  if (question.select || !question.measures?.length || answer.data.length < 2) return []
  if (question.timeDimension?.granularity) return ['line', 'bar']
  const groups = (question.dimensions?.length ?? 0) + (question.timeDimension?.compareDateRange ? 1 : 0)
  return groups === 1 ? ['bar', 'doughnut'] : ['bar']
}

/** One figure of the answer as a picture: along time where there is one, else along the first of its groups. */
export function chartOf({ question, answer }: Asked, measure: string): Drawn {
  const { timeDimension: time, dimensions = [] } = question
  const compare = time?.compareDateRange ? [COMPARE] : []
  const along = time?.granularity ? time.dimension : (dimensions[0] ?? COMPARE)
  const apart = [...compare, ...dimensions].filter((name) => name !== along)
  const labelOf = (row: Row): string => {
    // Compared ranges lie above each other: the first month of one above the first of the other.
    if (time?.granularity && compare.length > 0) return periodNumber(row[COMPARE], row[along], time.granularity)
    return time?.granularity ? periodName(told(row[along]), time.granularity) : told(row[along])
  }
  const points = answer.data.map((row) => ({
    label: labelOf(row),
    series: apart.map((name) => told(row[name])).join(' · '),
    value: (row[measure] ?? null) as Decimal | null,
  }))
  return drawn(points, { isTime: Boolean(time?.granularity) })
}

type Row = Asked['answer']['data'][number]

interface Point {
  label: string
  series: string
  value: Decimal | null
}

function drawn(points: Point[], { isTime }: { isTime: boolean }): Drawn {
  const every = [...new Set(points.map(({ label }) => label))]
  const labels = (isTime ? every.sort(byTime) : every).slice(0, isTime ? MOST_POINTS : MOST_BARS)
  const sums = new Map<string, number>()
  for (const { series, value } of points) sums.set(series, (sums.get(series) ?? 0) + Math.abs(Number(value ?? 0)))
  const largest = [...sums]
    .sort(([, a], [, b]) => b - a)
    .slice(0, MOST_SERIES)
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

function told(value: Row[string] | undefined): string {
  if (value === null || value === undefined) return 'none'
  return value === '' ? 'empty' : String(value)
}
