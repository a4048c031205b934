import type { DetectedType } from './detected-type.js'
import type { HeaderMeaning } from './header-words.js'
import type { ColumnValues } from './column-values.js'

/** A column that is proposed, with what the proposal's key, time dimension and measures are told by. */
export interface ProposedColumn extends DetectedType {
  name: string
  title: string
  values: ColumnValues
  /** records without a value, null words included */
  nulls: number
  /** different values */
  distinct: number
  meaning: HeaderMeaning
}
