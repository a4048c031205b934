import type { ChartOptions, TooltipItem } from 'chart.js'
import type { ChartProps } from './chart-props'
import { paletteOf } from './palette'

type Look = Pick<ChartProps, 'kind' | 'series' | 'horizontal' | 'stacked' | 'animate'> &
  Pick<ChartProps, 'formatValue' | 'formatRight' | 'formatExact' | 'axisTitles' | 'onPoint'>

export function optionsOf(look: Look, scheme: 'light' | 'dark'): ChartOptions {
  const { kind, series, horizontal, animate, onPoint } = look
  const { text } = paletteOf(scheme)
  return {
    responsive: true,
    maintainAspectRatio: false,
    animation: animate === false ? false : { duration: 250 },
    indexAxis: horizontal ? 'y' : 'x',
    interaction: { mode: 'index', intersect: false, axis: horizontal ? 'y' : 'x' },
    ...(onPoint && {
      onClick: (event, _elements, chart) => {
        const [point] = chart.getElementsAtEventForMode(
          event as unknown as Event,
          'nearest',
          { intersect: kind === 'doughnut' },
          true,
        )
        if (point) onPoint(point.datasetIndex, point.index)
      },
    }),
    plugins: {
      legend: {
        display: series.length > 1 || kind === 'doughnut',
        position: kind === 'doughnut' ? 'right' : 'bottom',
        labels: { color: text, boxWidth: 12 },
      },
      tooltip: { callbacks: { label: (item) => tooltipOf(item as TooltipItem<'line'>, look) } },
    },
    ...(kind !== 'doughnut' && { scales: scalesOf(look, scheme) }),
  }
}

function tooltipOf({ datasetIndex, dataIndex, dataset, label, raw }: TooltipItem<'line'>, look: Look): string {
  const { kind, series, formatExact, formatValue = String } = look
  const value = series[datasetIndex]?.values[dataIndex] ?? null
  const text = formatExact && value !== null ? formatExact(value, datasetIndex) : formatValue(Number(raw))
  return ` ${kind === 'doughnut' ? label : (dataset.label ?? '')}: ${text}`
}

function scalesOf(
  { series, horizontal, stacked, formatValue, formatRight = formatValue, axisTitles }: Look,
  scheme: 'light' | 'dark',
) {
  const { text, grid } = paletteOf(scheme)
  const onRight = series.filter(({ axis }) => axis === 'y2')
  const valuesOf = (own: ChartProps['series'], format: Look['formatValue'], title: string | undefined) => ({
    stacked,
    beginAtZero: true,
    grid: { color: grid },
    ticks: {
      color: text,
      callback: (value: unknown) => (format ? format(Number(value)) : String(value)),
      maxTicksLimit: 6,
      ...(isWhole(own) && { precision: 0 }),
    },
    title: { display: onRight.length > 0 && Boolean(title), text: title, color: text },
  })
  const values = valuesOf(
    series.filter(({ axis }) => axis !== 'y2'),
    formatValue,
    axisTitles?.y,
  )
  const names = {
    stacked,
    grid: { display: false },
    ticks: { color: text, autoSkip: true, autoSkipPadding: horizontal ? 2 : 16, maxRotation: horizontal ? 0 : 30 },
  }
  const right = {
    ...valuesOf(onRight, formatRight, axisTitles?.y2),
    position: 'right' as const,
    grid: { display: false },
  }
  return {
    x: horizontal ? values : names,
    y: horizontal ? names : values,
    ...(onRight.length > 0 && { y2: right }),
  }
}

/** Of whole things there is no half: its scale has whole steps. */
function isWhole(series: ChartProps['series']): boolean {
  return series.every(({ values }) => values.every((value) => Number.isInteger(Number(value))))
}
