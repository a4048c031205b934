/** How a file writes its values; what is left out is the default of its format. */
export interface FileOptions {
  /** what stands before the decimals of numbers */
  decimalSeparator?: '.' | ','
  /** between groups of three digits; '' for none, ' ' for each kind of blank */
  thousandsSeparator?: '' | '.' | ',' | "'" | ' '
  /** texts that stand for no value, compared without blanks around */
  nullValues?: string[]
  /** of date and timestamp columns: `M/D/YYYY` */
  dateFormat?: string
  /** of timestamps that are written without one */
  timezone?: string
  /** accounting: `$1,234.50` and `(45.00)` for a negative number */
  numberStyle?: 'plain' | 'accounting'
  /** decimals with more digits than the column has: refused, or rounded half away from zero */
  scale?: 'exact' | 'round'
  /** of CSV */
  delimiter?: string
  quote?: '"' | "'" | 'none'
  encoding?: 'utf-8' | 'utf-16' | 'utf-16le' | 'utf-16be' | 'windows-1252'
  /** lines before the header that are no part of the table */
  skipLines?: number
  /** of XML: the name of the element that is a record */
  recordElement?: string
}
