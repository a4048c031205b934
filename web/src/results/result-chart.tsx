import { Text } from '@mantine/core'
import { useMemo } from 'react'
import { Chart } from '../charts/chart'
import type { ChartProps } from '../charts/chart-props'
import { chartDataOf, type ChartData } from './chart-data'
import { periodOf, titleOf, type ResultData } from './result-data'
import type { PartProps } from './result-props'
import type { ResultView } from './result-view'
import { ringOf } from './ring'
import { formatShare, shortOf } from './value-format'
import { drawnMeasures } from './views-for'
import { writersOf, type Writers } from './writers'

/** Names longer than that, or more of them, stand better beside lying bars. */
const LONG_NAME = 14
const MANY_BARS = 8
const BAR_HEIGHT = 26

/** The result as a chart. */
export default function ResultChart(props: PartProps) {
  return props.view.type === 'ring' ? <RingChart {...props} /> : <AxisChart {...props} />
}

function AxisChart({ result, view, onDrill, height = 320 }: PartProps) {
  const { data, chart, isLying } = useMemo(() => chartOf(result, view), [result, view])
  const onPoint = useMemo(
    () => onDrill && ((series: number, label: number) => open(data.rowAt(series, label), onDrill)),
    [data, onDrill],
  )
  return (
    <>
      <Chart
        // Another kind of chart cannot take over the canvas of the one before.
        key={view.type}
        {...chart}
        onPoint={onPoint}
        height={isLying ? Math.max(height, data.labels.length * BAR_HEIGHT + 60) : height}
      />
      {data.left > 0 && (
        <Text size="xs" c="dimmed">
          The chart shows the first groups and the largest series only; the table has all of them.
        </Text>
      )}
    </>
  )
}

function open(row: ReturnType<ChartData['rowAt']>, onDrill: NonNullable<PartProps['onDrill']>): void {
  if (row) onDrill(row)
}

function chartOf(result: ResultData, view: ResultView) {
  const measures = drawnMeasures(view, result)
  const isStacked = view.type === 'stackedBar' || view.type === 'area'
  const data = chartDataOf(result, measures, { right: view.right, isStacked })
  const isBar = view.type === 'bar' || view.type === 'stackedBar'
  const isLying =
    isBar && !periodOf(result.query) && areLong(data.labels) && !data.series.some(({ axis }) => axis === 'y2')
  const titles = measures.map((name) => titleOf(name, result.members))
  const axisTitle = (axis: 'y' | 'y2') => {
    const own = measures.filter((name) => data.series.some((each) => each.measure === name && each.axis === axis))
    return own.map((name) => titleOf(name, result.members)).join(', ')
  }
  const formatOf = (axis: 'y' | 'y2') => view.formats?.[data.series.find((each) => each.axis === axis)?.measure ?? '']
  const chart: ChartProps = {
    kind: isBar ? 'bar' : 'line',
    label: `${titles.join(' and ')}, in the order of the query`,
    labels: data.labels,
    series: data.series,
    horizontal: isLying,
    stacked: isStacked,
    filled: view.type === 'area',
    formatValue: shortOf(formatOf('y')),
    formatRight: shortOf(formatOf('y2')),
    formatExact: exactBy(
      data.series.map(({ measure }) => measure),
      writersOf(result, view),
    ),
    axisTitles: { y: axisTitle('y'), y2: axisTitle('y2') },
  }
  return { data, chart, isLying }
}

function exactBy(measures: string[], writers: Writers): ChartProps['formatExact'] {
  return (value, series) => writers.get(measures[series] ?? '')?.exact(value) ?? String(value)
}

function RingChart({ result, view, onDrill, height = 320 }: PartProps) {
  const measure = drawnMeasures(view, result)[0]!
  const ring = useMemo(() => ringOf(result, measure), [result, measure])
  const chart = useMemo(() => {
    if (typeof ring === 'string') return undefined
    const { parts } = ring
    return {
      labels: parts.map(({ label, share }) => `${label} · ${formatShare(share)}`),
      series: [{ label: titleOf(measure, result.members), values: parts.map(({ value }) => value) }],
      formatExact: exactBy([measure], writersOf(result, view)),
    }
  }, [ring, measure, result, view])
  const onPoint = useMemo(
    () => onDrill && typeof ring !== 'string' && ((_series: number, at: number) => open(ring.parts[at]?.row, onDrill)),
    [ring, onDrill],
  )
  if (typeof ring === 'string') return <Text size="sm">{ring}</Text>
  if (!chart) return null
  return (
    <>
      <Chart
        kind="doughnut"
        label={`Shares of ${titleOf(measure, result.members)}`}
        {...chart}
        onPoint={onPoint || undefined}
        height={height}
      />
      {result.isCut && (
        <Text size="xs" c="dimmed">
          Shares of what is shown: the limit left rows out.
        </Text>
      )}
    </>
  )
}

function areLong(labels: string[]): boolean {
  return labels.length > MANY_BARS || labels.some((label) => label.length > LONG_NAME)
}
