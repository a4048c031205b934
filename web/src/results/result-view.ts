/** How a result can be shown. */
export const VIEW_TYPES = ['table', 'line', 'bar', 'stackedBar', 'area', 'ring', 'figure', 'pivot'] as const
export type ViewType = (typeof VIEW_TYPES)[number]

export const VIEW_NAMES: Record<ViewType, string> = {
  table: 'Table',
  line: 'Line',
  bar: 'Bars',
  stackedBar: 'Stacked bars',
  area: 'Area',
  ring: 'Ring',
  figure: 'Figures',
  pivot: 'Pivot',
}

/** How the numbers of a column are written. */
export interface ColumnFormat {
  /** percent: 0.25 is 25% */
  kind: 'number' | 'currency' | 'percent' | 'compact'
  /** ISO 4217, such as EUR; USD when it is not given */
  currency?: string
  /** digits behind the point; as many as there are when it is not given */
  decimals?: number
}

/** How a result is shown: plain data, to be kept beside its query. What is not given is chosen by the result. */
export interface ResultView {
  type: ViewType
  /** the measures to show, all of them in a table */
  measures?: string[]
  /** those of them that a chart measures by its right axis */
  right?: string[]
  /** the groups that a pivot has across its columns; the others are its rows */
  across?: string[]
  /** of a pivot */
  totals?: boolean
  /** by the names of columns */
  formats?: Record<string, ColumnFormat>
}

export function isViewType(value: unknown): value is ViewType {
  return VIEW_TYPES.some((type) => type === value)
}
