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
} from 'chart.js'
import { useMemo } from 'react'
import { Chart as ReactChart } from 'react-chartjs-2'
import { dataOf } from './canvas-data'
import { optionsOf } from './canvas-options'
import type { ChartProps } from './chart-props'

ChartJs.register(
  ...[ArcElement, BarController, BarElement, CategoryScale, DoughnutController, Filler, Legend, LinearScale],
  ...[LineController, LineElement, PointElement, Tooltip],
)
ChartJs.defaults.font.family = 'system-ui, sans-serif'

/** What changes in the middle of an animation leaves lines behind that do not go through their points. */
const AT_ONCE = { getInitialValueInEffect: false }

/** Loaded when the first picture is shown: chart.js is as large as the rest of the page. */
export default function ChartCanvas(props: ChartProps) {
  const { kind, labels, series, horizontal, stacked, filled, animate } = props
  const { formatValue, formatRight, formatExact, axisTitles, onPoint } = props
  const scheme = useComputedColorScheme('light', AT_ONCE)
  const isStill = useReducedMotion(undefined, AT_ONCE) || animate === false
  const data = useMemo(
    () => dataOf({ kind, labels, series, filled, stacked }, scheme),
    [kind, labels, series, filled, stacked, scheme],
  )
  const look = useMemo(
    () => ({ kind, series, horizontal, stacked, formatValue, formatRight, formatExact, axisTitles, animate: !isStill }),
    [kind, series, horizontal, stacked, formatValue, formatRight, formatExact, axisTitles, isStill],
  )
  const options = useMemo(() => optionsOf({ ...look, onPoint }, scheme), [look, onPoint, scheme])
  return <ReactChart type={kind} data={data} options={options} aria-hidden />
}
