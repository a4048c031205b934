import type { RowCheck } from './row-check.js'

/** How one column's text is checked and typed, step by step: ClickHouse plans short expressions over names quickly. */
export interface ColumnSteps {
  /** `expression AS name` over the raw fields: the column's text, and what its readers make of it */
  read: string[]
  /** further steps, each over the names of those before */
  steps?: string[][]
  /** `expression AS name` over those: the column's value (NULL: empty or bad) */
  values: string[]
  checks: RowCheck[]
  /** SQL condition of a number that would be another one if the point in it separated thousands */
  ambiguity?: string
  /** dates that were read by a format whose day and month might be meant the other way around */
  swappable?: { format: string; timezone: string | undefined }
}
