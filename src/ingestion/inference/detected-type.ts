import type { ColumnType } from '../../datasets/dataset-definition.js'
import { listed } from './column-values.js'

/** What the values of a column seem to be. */
export interface DetectedType {
  type: ColumnType
  /** of decimals */
  scale?: number
  /** of dates and timestamps that are not in ISO 8601 */
  format?: string
  /** the format that fits as well, with day and month the other way round */
  alternative?: string
  /** whether the day or the month comes first, where the values tell */
  order?: 'day' | 'month'
  /** 0 to 1 */
  confidence: number
  warnings: string[]
}

/** A column may have so few values of another kind: their rows will be rejected. */
export const MIN_SHARE = 0.99
/** With so many it is worth saying that a column is nearly one of another type. */
export const NEARLY = 0.8

export function textType(confidence: number, ...warnings: string[]): DetectedType {
  return { type: 'text', confidence, warnings }
}

/** The share of the values that fit, as confidence and in words. */
export function fitOf(
  what: string,
  total: number,
  misfits: [value: string, count: number][],
): Pick<DetectedType, 'confidence' | 'warnings'> {
  const count = misfits.reduce((sum, [, each]) => sum + each, 0)
  // A few values say less than many.
  const certainty = total < 5 ? 0.8 : total < 20 ? 0.9 : 0.98
  if (count === 0) return { confidence: certainty, warnings: [] }
  const values = listed(misfits.map(([value]) => value))
  return {
    confidence: certainty * (0.5 + 0.4 * (1 - count / total)),
    warnings: [`Values that are no ${what} (${count} of ${total}): ${values}. Their rows will be rejected.`],
  }
}
