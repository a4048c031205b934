export const WARNING_CODES = [
  'DECIMAL_COMMA',
  'AMBIGUOUS_DATES',
  'UNKNOWN_COLUMNS',
  'ALL_EMPTY',
  'MOSTLY_REJECTED',
] as const
export type WarningCode = (typeof WARNING_CODES)[number]

/** What looks wrong in a load that succeeded. */
export interface IngestionWarning {
  code: WarningCode
  /** of the dataset; null: none in particular */
  column: string | null
  message: string
  /** values, or names of headers */
  examples: string[]
}
