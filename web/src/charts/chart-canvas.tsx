import { useComputedColorScheme } from '@mantine/core'
import { useReducedMotion } from '@mantine/hooks'
import {
  ArcElement,
  BarController,
  BarElement,
  CategoryScale,
  Chart as ChartJs,
  DoughnutController,
  Filler,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
  type ChartData,
  type ChartOptions,
} from 'chart.js'
import { useMemo } from 'react'
import { Chart as ReactChart } from 'react-chartjs-2'
import type { ChartProps } from './chart-props'
import { paletteOf } from './palette'

ChartJs.register(
  ...[ArcElement, BarController, BarElement, CategoryScale, DoughnutController, Filler, Legend, LinearScale],
  ...[LineController, LineElement, PointElement, Tooltip],
)
ChartJs.defaults.font.family = 'system-ui, sans-serif'

/** What changes in the middle of an animation leaves lines behind that do not go through their points. */
const AT_ONCE = { getInitialValueInEffect: false }

/** Loaded when the first picture is shown: chart.js is as large as the rest of the page. */
export default function ChartCanvas({ kind, labels, series, horizontal, stacked, formatValue, animate }: ChartProps) {
  const scheme = useComputedColorScheme('light', AT_ONCE)
  const isStill = useReducedMotion(undefined, AT_ONCE) || animate === false
  const data = useMemo(() => dataOf({ kind, labels, series }, scheme), [kind, labels, series, scheme])
  const options = useMemo(
    () => optionsOf({ kind, series, horizontal, stacked, formatValue, animate: !isStill }, scheme),
    [kind, series, horizontal, stacked, formatValue, isStill, scheme],
  )
  return <ReactChart type={kind} data={data} options={options} aria-hidden />
}

function dataOf(
  { kind, labels, series }: Pick<ChartProps, 'kind' | 'labels' | 'series'>,
  scheme: 'light' | 'dark',
): ChartData {
  const { colors, surface } = paletteOf(scheme)
  return {
    labels: [...labels],
    datasets: series.map(({ label, values, axis }, at) => {
      const color = colors[at % colors.length]!
      return {
        label,
        data: values.map((value) => (value === null ? null : Number(value))),
        ...(axis && kind !== 'doughnut' && { yAxisID: axis }),
        ...(kind === 'doughnut'
          ? { backgroundColor: labels.map((_label, index) => colors[index % colors.length]!), borderColor: surface }
          : { backgroundColor: kind === 'line' ? `${color}33` : color, borderColor: color }),
        ...(kind === 'line' && {
          fill: series.length === 1,
          tension: 0.25,
          borderWidth: 2,
          pointRadius: labels.length > 60 ? 0 : 2,
        }),
        ...(kind === 'bar' && { borderRadius: 3, maxBarThickness: 36 }),
      }
    }),
  }
}

type Look = Pick<ChartProps, 'kind' | 'series' | 'horizontal' | 'stacked' | 'formatValue' | 'animate'>

function optionsOf(
  { kind, series, horizontal, stacked, formatValue, animate }: Look,
  scheme: 'light' | 'dark',
): ChartOptions {
  const { text, grid } = paletteOf(scheme)
  const format = (value: unknown) => (formatValue ? formatValue(Number(value)) : String(value))
  const values = {
    stacked,
    beginAtZero: true,
    grid: { color: grid },
    ticks: { color: text, callback: format, maxTicksLimit: 6, ...(isWhole(series) && { precision: 0 }) },
  }
  const names = {
    stacked,
    grid: { display: false },
    ticks: { color: text, autoSkip: true, autoSkipPadding: horizontal ? 2 : 16, maxRotation: horizontal ? 0 : 30 },
  }
  const second = series.some(({ axis }) => axis === 'y2')
  return {
    responsive: true,
    maintainAspectRatio: false,
    animation: animate === false ? false : { duration: 250 },
    indexAxis: horizontal ? 'y' : 'x',
    interaction: { mode: 'index', intersect: false, axis: horizontal ? 'y' : 'x' },
    plugins: {
      legend: {
        display: series.length > 1 || kind === 'doughnut',
        position: 'bottom',
        labels: { color: text, boxWidth: 12 },
      },
      tooltip: {
        callbacks: {
          label: ({ dataset, label, raw }) => ` ${kind === 'doughnut' ? label : (dataset.label ?? '')}: ${format(raw)}`,
        },
      },
    },
    ...(kind !== 'doughnut' && {
      scales: {
        x: horizontal ? values : names,
        y: horizontal ? names : values,
        ...(second && { y2: { ...values, position: 'right' as const, grid: { display: false } } }),
      },
    }),
  }
}

/** Of whole things there is no half: its scale has whole steps. */
function isWhole(series: ChartProps['series']): boolean {
  return series.every(({ values }) => values.every((value) => Number.isInteger(Number(value))))
}
