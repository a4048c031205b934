import type { Decimal } from '../api/http'

export interface Series {
  label: string
  /** one for each label of the chart; null: no value there */
  values: readonly (Decimal | null)[]
  /** y2: a second scale at the right */
  axis?: 'y' | 'y2'
}

export interface ChartProps {
  kind: 'bar' | 'line' | 'doughnut'
  /** what the picture shows, in a sentence, for those who do not see it */
  label: string
  labels: readonly string[]
  series: readonly Series[]
  horizontal?: boolean
  stacked?: boolean
  formatValue?: (value: number) => string
  /** false for a chart that moves all the time */
  animate?: boolean
  height?: number
}
