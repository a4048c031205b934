import type { Decimal } from '../api/http'
import type { Series } from '../charts/chart-props'
import { sum } from './decimals'
import { COMPARE, groupsOf, numberIn, periodOf, textOf, titleOf, type ResultData, type ResultRow } from './result-data'
import { periodName, periodNumber, withMissing } from './periods'

/** A chart of a result: along its periods where it has them, else along the first of its groups. */
export interface ChartData {
  labels: string[]
  series: (Series & { measure: string })[]
  /** the row behind a point */
  rowAt: (series: number, label: number) => ResultRow | undefined
  /** how many labels and series the chart leaves out */
  left: number
}

export const MAX_SERIES = 8
const MAX_BARS = 30
const MAX_POINTS = 2000
/** Measures of sizes further apart are measured by two axes. */
const FAR_APART = 8

interface ChartWishes {
  /** the measures of the right axis; by their sizes where it is not given */
  right?: readonly string[]
  /** what is left out would be missing in the height of the stack: it is one more part of it */
  isStacked?: boolean
}

export function chartDataOf(
  result: ResultData,
  measures: readonly string[],
  { right, isStacked = false }: ChartWishes = {},
): ChartData {
  const points = result.rows.map((row) => pointOf(row, result))
  const every = labelsOf(points, result)
  const labels = every.slice(0, periodOf(result.query) ? MAX_POINTS : MAX_BARS)
  const at = new Map(points.map(({ row, label, series }) => [keyOf(series, label), row]))
  const names = [...new Set(points.map(({ series }) => series))]
  const all = names.flatMap((name) => measures.map((measure) => ({ name, measure })))
  const hasRest = isStacked && all.length > MAX_SERIES
  const kept = largestOf(all, points, hasRest ? Math.max(1, MAX_SERIES - measures.length) : MAX_SERIES)
  const rest = hasRest ? restOf(all, kept, { points, labels }) : []
  const onRight = right ?? apart(measures, result.rows)
  const axisOf = (measure: string) =>
    onRight.includes(measure) && onRight.length < measures.length ? ('y2' as const) : ('y' as const)
  const rowAt = (series: number, label: number) => at.get(keyOf(kept[series]?.name ?? '', labels[label] ?? ''))
  const labelOf = (name: string, measure: string) =>
    [name, ...(measures.length > 1 || !name ? [titleOf(measure, result.members)] : [])].filter(Boolean).join(' · ')
  const series = [
    ...kept.map(({ name, measure }, index) => ({
      measure,
      label: labelOf(name, measure),
      values: labels.map((_label, place) => {
        const row = rowAt(index, place)
        return row ? numberIn(row, measure) : null
      }),
      axis: axisOf(measure),
    })),
    ...rest.map(({ measure, values }) => ({
      measure,
      values,
      label: labelOf('Others', measure),
      axis: axisOf(measure),
    })),
  ]
  return { labels, series, rowAt, left: every.length - labels.length + (hasRest ? 0 : all.length - kept.length) }
}

interface Point {
  row: ResultRow
  label: string
  series: string
  /** where its period begins */
  start: string
}

/** The column along which a chart goes. */
export function alongOf({ query }: Pick<ResultData, 'query'>): string {
  const groups = groupsOf(query)
  return periodOf(query)?.name ?? groups.find((name) => name !== COMPARE) ?? COMPARE
}

function pointOf(row: ResultRow, result: ResultData): Point {
  const along = alongOf(result)
  const period = periodOf(result.query)
  const others = groupsOf(result.query).filter((name) => name !== along)
  const start = textOf(row[along])
  const series = others.map((name) => textOf(row[name])).join(' · ')
  if (!period) return { row, label: start, series, start }
  // Compared ranges lie above each other: the first month of one above the first of the other.
  const isCompared = result.query.timeDimension?.compareDateRange !== undefined
  const label = isCompared
    ? periodNumber(row[COMPARE], start, period.granularity)
    : periodName(start, period.granularity)
  return { row, label, series, start }
}

function labelsOf(points: Point[], { query }: ResultData): string[] {
  const period = periodOf(query)
  const labels = [...new Set(points.map(({ label }) => label))]
  if (!period) return labels
  // Of counted periods ("month 10") those between are missing in one range only.
  if (query.timeDimension?.compareDateRange) return labels.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  const starts = points.filter(({ row }) => row[period.name] !== null).map(({ start }) => start)
  const named = withMissing(starts, period.granularity).map((start) => periodName(start, period.granularity))
  return [...named, ...labels.filter((label) => !named.includes(label))]
}

type SeriesName = Pick<ChartData['series'][number], 'measure'> & { name: string }

/** In the order of the result. */
function largestOf(all: SeriesName[], points: Point[], count: number): SeriesName[] {
  if (all.length <= count) return all
  const sizes = new Map<string, number>()
  for (const { row, series } of points) {
    for (const { measure } of all.filter(({ name }) => name === series)) {
      const key = keyOf(series, measure)
      sizes.set(key, (sizes.get(key) ?? 0) + size(numberIn(row, measure)))
    }
  }
  const sizeOf = ({ name, measure }: SeriesName) => sizes.get(keyOf(name, measure)) ?? 0
  const largest = new Set([...all].sort((a, b) => sizeOf(b) - sizeOf(a)).slice(0, count))
  return all.filter((each) => largest.has(each))
}

/** What of each measure is in none of the kept series, by label; exact. */
function restOf(all: SeriesName[], kept: SeriesName[], { points, labels }: { points: Point[]; labels: string[] }) {
  const isKept = new Set(kept.map(({ name, measure }) => keyOf(name, measure)))
  const measures = [
    ...new Set(all.filter(({ name, measure }) => !isKept.has(keyOf(name, measure))).map(({ measure }) => measure)),
  ]
  return measures.map((measure) => {
    const parts = new Map<string, Decimal[]>()
    for (const { row, label, series } of points) {
      const value = numberIn(row, measure)
      if (value !== null && !isKept.has(keyOf(series, measure))) parts.set(label, [...(parts.get(label) ?? []), value])
    }
    return { measure, values: labels.map((label) => (parts.has(label) ? sum(parts.get(label)!) : null)) }
  })
}

/** The measures that are far smaller or larger than the first of them. */
function apart(measures: readonly string[], rows: ResultRow[]): string[] {
  const [first, ...others] = measures
  if (first === undefined) return []
  const greatest = (name: string) => rows.reduce((most, row) => Math.max(most, size(numberIn(row, name))), 0)
  const usual = greatest(first)
  return others.filter((name) => {
    const ratio = greatest(name) / usual
    return ratio > FAR_APART || ratio < 1 / FAR_APART
  })
}

function size(value: Decimal | null): number {
  return value === null ? 0 : Math.abs(Number(value))
}

function keyOf(...parts: string[]): string {
  return JSON.stringify(parts)
}
