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
  /** of lines: the area below each; of a single line it always is */
  filled?: boolean
  formatValue?: (value: number) => string
  /** of the axis at the right; as at the left when it is not given */
  formatRight?: (value: number) => string
  /** on hover, and for those who do not see the picture: every digit */
  formatExact?: (value: Decimal, series: number) => string
  /** where there are two axes */
  axisTitles?: { y: string; y2: string }
  /** somebody pressed the point of a label */
  onPoint?: (series: number, label: number) => void
  /** false for a chart that moves all the time */
  animate?: boolean
  height?: number
}
