import type { ColumnDefinition } from '../../datasets/dataset-definition.js'
import type { FileOptions } from '../../datasets/file-options.js'
import type { ColumnSource } from './mapping.js'
import type { NumberFormat } from '../../datasets/number-separators.js'
import { isUnspecified, numberFormatOf, type NumberOptions } from './number-format.js'

/** How the values of one column are written. */
export interface ValueOptions {
  numbers: NumberFormat
  /** nobody said how numbers are written */
  isUnspecified: boolean
  accounting: boolean
  /** decimals with too many digits are rounded, half away from zero */
  rounds: boolean
  /** of dates and timestamps; ISO where it is left out */
  format?: string
  /** of the file, not of the dataset: somebody chose it for this load */
  isFormatChosen: boolean
  /** of timestamps that are written without one */
  timezone: string
  nullValues: readonly string[]
}

/** What the format of the file says of a field: its values need no options, since they have a type of their own. */
export interface FieldType {
  isNumeric: boolean
  /** dates and times, which reach the row transform as ISO */
  isTemporal: boolean
}

/** Formats of a moment that is no day. */
const UNIX_FORMATS = ['X', 'x']

/**
 * The one place for what goes before what: the column's mapping, then the upload's options, then the column's declaration;
 * but a declared format or time zone goes before that of the options, which are for the columns that declare none.
 * The options are those of the upload over those of its dataset. A constant is no value of the file: they do not count.
 */
export function valueOptionsOf(
  column: ColumnDefinition,
  source: ColumnSource | undefined,
  fileOptions: FileOptions,
  { isNumeric, isTemporal }: FieldType,
): ValueOptions {
  const isConstant = source !== undefined && 'value' in source
  const options = isConstant ? {} : fileOptions
  const separators: NumberOptions[] = isNumeric ? [] : [options, source ?? {}]
  const declared = isConstant ? undefined : column.format
  const format = isTemporal ? undefined : (source?.format ?? declared ?? formatFor(column, options))
  return {
    numbers: numberFormatOf(...separators),
    isUnspecified: isUnspecified(...separators),
    accounting: !isNumeric && options.numberStyle === 'accounting',
    rounds: options.scale === 'round',
    format,
    isFormatChosen: format !== undefined && (source?.format !== undefined || declared === undefined),
    timezone: column.timezone ?? options.timezone ?? 'UTC',
    nullValues: isConstant ? [] : (source?.nullValues ?? options.nullValues ?? []),
  }
}

/** The file's format is for all of its dates and timestamps, as far as they can have it. */
function formatFor({ type }: ColumnDefinition, { dateFormat }: FileOptions): string | undefined {
  if (dateFormat !== undefined && type === 'date' && UNIX_FORMATS.includes(dateFormat)) return undefined
  return dateFormat
}
