import type { ChartData, ScriptableContext } from 'chart.js'
import type { ChartProps, Series } from './chart-props'
import { paletteOf } from './palette'

type Drawn = Pick<ChartProps, 'kind' | 'labels' | 'series' | 'filled' | 'stacked'>

/** Beside their colours, lines differ by their strokes. */
const DASHES = [[], [6, 3], [2, 2], [8, 3, 2, 3]]
/** Closer points would be a line of dots. */
const MAX_DOTTED = 60

/** What chart.js draws. A missing value is a gap, and a line is straight between two values: nothing is invented. */
export function dataOf({ kind, labels, series, filled, stacked }: Drawn, scheme: 'light' | 'dark'): ChartData {
  const { colors, surface } = paletteOf(scheme)
  const own = (each: Series, at: number) => {
    const color = colors[at % colors.length]!
    switch (kind) {
      case 'doughnut':
        return { backgroundColor: labels.map((_label, index) => colors[index % colors.length]!), borderColor: surface }
      case 'bar':
        return { backgroundColor: color, borderColor: color, borderRadius: 3, maxBarThickness: 36 }
      case 'line':
        return {
          ...{ backgroundColor: `${color}${stacked ? '99' : '33'}`, borderColor: color },
          fill: filled && stacked ? (at === 0 ? 'origin' : '-1') : filled || series.length === 1,
          borderWidth: 2,
          borderDash: stacked ? [] : DASHES[Math.floor(at / 2) % DASHES.length],
          pointRadius: labels.length > MAX_DOTTED ? loneDot(each) : 2,
        }
    }
  }
  return {
    labels: [...labels],
    datasets: series.map((each, at) => ({
      label: each.label,
      data: each.values.map((value) => (value === null ? null : Number(value))),
      ...(each.axis && kind !== 'doughnut' && { yAxisID: each.axis }),
      ...own(each, at),
    })),
  }
}

/** A value between two gaps is on no line. */
function loneDot({ values }: Series) {
  const isThere = (at: number) => values[at] !== null && values[at] !== undefined
  return ({ dataIndex }: ScriptableContext<'line'>) => (isThere(dataIndex - 1) || isThere(dataIndex + 1) ? 0 : 2)
}
