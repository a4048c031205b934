/** UTF-16 without a byte order mark is little endian */
export const ENCODINGS = ['utf-8', 'utf-16', 'utf-16le', 'utf-16be', 'windows-1252'] as const
/** what values with delimiters or line ends in them stand in; none: no value has any, and quotes are text */
export const QUOTES = ['"', "'", 'none'] as const
export type Quote = (typeof QUOTES)[number]
export const NUMBER_STYLES = ['plain', 'accounting'] as const
export const SCALES = ['exact', 'round'] as const
export const MAX_SKIPPED_LINES = 1000

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
  numberStyle?: (typeof NUMBER_STYLES)[number]
  /** decimals with more digits than the column has: refused, or rounded half away from zero */
  scale?: (typeof SCALES)[number]
  /** of CSV */
  delimiter?: string
  quote?: Quote
  encoding?: (typeof ENCODINGS)[number]
  /** lines before the header that are no part of the table */
  skipLines?: number
  /** of XML: the name of the element that is a record */
  recordElement?: string
}

/** The formats that an option has a meaning for; the options that are not listed are for each of them. */
const FORMATS_OF: { [K in keyof FileOptions]?: readonly string[] } = {
  delimiter: ['csv', 'tsv'],
  quote: ['csv', 'tsv'],
  skipLines: ['csv', 'tsv', 'ndjson'],
  recordElement: ['xml'],
}

/** What the upload says goes before what its dataset says; an option that is left out or undefined says nothing. */
export function mergeFileOptions(ofDataset: FileOptions | undefined, ofUpload: FileOptions): FileOptions {
  const given = Object.entries(ofUpload).filter(([, value]) => value !== undefined)
  return { ...ofDataset, ...(Object.fromEntries(given) as FileOptions) }
}

/** Those that have a meaning for a file of the format. */
export function fileOptionsFor(format: string, options: FileOptions): FileOptions {
  const fit = Object.entries(options).filter(([name]) => hasMeaning(name as keyof FileOptions, format))
  return Object.fromEntries(fit)
}

/** What to say of an option that would go unheeded in a file of the format; undefined when there is none. */
export function unfitOption(format: string, options: FileOptions): { path: string; message: string } | undefined {
  const [name] =
    Object.entries(options).find(([name, value]) => Boolean(value) && !hasMeaning(name as keyof FileOptions, format)) ??
    []
  if (name === undefined) return undefined
  const formats = FORMATS_OF[name as keyof FileOptions]!
  return { path: name, message: `is for ${formats.join(', ')} and not for ${format}; leave it out` }
}

function hasMeaning(name: keyof FileOptions, format: string): boolean {
  return FORMATS_OF[name]?.includes(format) ?? true
}
