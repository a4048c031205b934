import type { AskedTotals } from './pivot'
import type { ResultData, ResultRow } from './result-data'
import type { ResultView } from './result-view'

/** What each view takes. Keep the objects the same from one rendering to the next, or charts are drawn anew. */
export interface PartProps {
  result: ResultData
  view: ResultView
  /** somebody opened the row behind a point, a bar or a cell */
  onDrill?: (row: ResultRow) => void
  /** the rows shown were sorted by a column; undefined: they are in the order of the query again */
  onSort?: (order: [column: string, direction: 'asc' | 'desc'] | undefined) => void
  /** of a pivot, for measures that do not add up */
  totals?: AskedTotals
  /** pixels of a chart */
  height?: number
}
