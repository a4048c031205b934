import type { ClickHouseSettings } from '@clickhouse/client'
import type { ParquetType } from './parquet-schema.js'

/** How the engine reads one column of a Parquet part, and makes of it the text that a CSV of the same table has. */
export interface ParquetText {
  /** type of the column that the part's values are inserted into, nullable */
  engineType: string
  /** SQL of the text; '' for NULL */
  text: string
}

/**
 * Settings of an insert of a part. Rows keep their order, so that numbering them by rowNumberInAllBlocks() in a default
 * numbers them as the file has them; a column that the part lacks is an error and no default.
 */
export const PARQUET_SETTINGS: ClickHouseSettings = {
  input_format_parquet_preserve_order: 1,
  input_format_parquet_allow_missing_columns: 0,
  input_format_parquet_case_insensitive_column_matching: 0,
  input_format_null_as_default: 0,
  max_insert_threads: '1',
}

const MILLISECONDS_A_DAY = 86_400_000
const JULIAN_DAY_OF_1970 = 2_440_588
const INT96_BYTES = 12
/** What the engine's date types hold; it moves other dates to the nearest one that fits. */
const FIRST_MS = Date.UTC(1900, 0, 1)
const END_MS = Date.UTC(2300, 0, 1)

const FUNCTION_OF_DIGITS = {
  3: 'fromUnixTimestamp64Milli',
  6: 'fromUnixTimestamp64Micro',
  9: 'fromUnixTimestamp64Nano',
}
const UNIT_OF_DIGITS = { 3: 'milliseconds', 6: 'microseconds', 9: 'nanoseconds' }

/**
 * Whether the part gives the column without its annotation, as the plain bytes or number that it stores: text, so that
 * JSON is not parsed and printed again, and dates, times and timestamps, so that those out of the engine's range are
 * seen and a time of day does not become a moment of 1970; and integers, so that what does not fit the 8 or 16 bits that
 * the annotation tells is not cut down to them.
 */
export function isReadRaw(type: ParquetType): boolean {
  if (type.kind === 'integer') return !type.isUnsigned
  return ['text', 'date', 'time', 'timestamp'].includes(type.kind)
}

/**
 * So many bytes a value has in a column that the part gives as one of fixed bytes. An INT96 lies in its pages just so, and
 * the engine would fail the whole column over one that it cannot hold.
 */
export function fixedBytesOf(type: ParquetType): number | undefined {
  return type.kind === 'timestamp' && type.isInt96 ? INT96_BYTES : undefined
}

/**
 * How to insert a column named `name`: declare it `<name> <engineType> EPHEMERAL` and give the text column
 * `DEFAULT <text>`, so that the engine makes the text inside the insert.
 *
 * Decimals are exact and without zeros at their end, floats the shortest text that reads back the same, written out
 * where 30 decimals suffice, booleans true and false, dates YYYY-MM-DD, times HH:MM:SS with their fraction, timestamps
 * ISO (with Z when they are in UTC). A date out of the engine's range (1900 to 2299) becomes a text that no date column
 * accepts. Bytes of a fixed length lose the zero bytes at their end, with which shorter texts are filled up.
 */
export function parquetText(type: ParquetType, name: string): ParquetText {
  switch (type.kind) {
    case 'date':
      return { engineType: 'Nullable(Int32)', text: orEmpty(name, dateText(name)) }
    case 'timestamp':
      return type.isInt96
        ? {
            engineType: `Nullable(FixedString(${INT96_BYTES}))`,
            text: orEmpty(name, int96Text(`assumeNotNull(${name})`)),
          }
        : { engineType: 'Nullable(Int64)', text: orEmpty(name, timestampText(name, type)) }
    case 'time':
      return { engineType: 'Nullable(Int64)', text: orEmpty(name, timeText(name, type.digits)) }
    case 'float':
      return { engineType: 'Nullable(String)', text: orEmpty(name, floatText(`assumeNotNull(${name})`)) }
    default:
      return { engineType: 'Nullable(String)', text: `ifNull(${name}, '')` }
  }
}

function orEmpty(name: string, text: string): string {
  return `if(isNull(${name}), '', assumeNotNull(${text}))`
}

function dateText(name: string): string {
  const inRange = `${name} >= ${FIRST_MS / MILLISECONDS_A_DAY} AND ${name} < ${END_MS / MILLISECONDS_A_DAY}`
  return `if(${inRange}, toString(toDate32(${name})), concat(toString(${name}), ' days since 1970-01-01'))`
}

function timestampText(name: string, { digits, isUtc }: { digits: 3 | 6 | 9; isUtc: boolean }): string {
  const perMs = 10n ** BigInt(digits - 3)
  const [first, end] = [BigInt(FIRST_MS) * perMs, BigInt(END_MS) * perMs]
  const inRange = `toInt128(${name}) >= ${int128(first)} AND toInt128(${name}) < ${int128(end)}`
  const time = `${FUNCTION_OF_DIGITS[digits]}(assumeNotNull(${name}), 'UTC')`
  return `if(${inRange}, ${isoText(time, isUtc)}, concat(toString(${name}), ' ${UNIT_OF_DIGITS[digits]} since 1970-01-01'))`
}

/** Nanoseconds of the day, then the Julian day. Some writers give more or less than a day's nanoseconds: they carry over. */
function int96Text(bytes: string): string {
  // Signed: a negative number modulo an unsigned one would be taken for a large one.
  const aDay = `toInt64(${MILLISECONDS_A_DAY * 1_000_000})`
  const nanoseconds = `reinterpretAsInt64(substring(${bytes}, 1, 8))`
  const julianDay = `reinterpretAsInt32(substring(${bytes}, 9, 4))`
  const carried = `intDiv(${nanoseconds}, ${aDay}) - (${nanoseconds} % ${aDay} < 0)`
  const day = `toInt64(${julianDay}) - ${JULIAN_DAY_OF_1970} + ${carried}`
  const inRange = `${day} >= ${FIRST_MS / MILLISECONDS_A_DAY} AND ${day} < ${END_MS / MILLISECONDS_A_DAY}`
  const time = timeOfDay(`positiveModulo(${nanoseconds}, ${aDay})`, 9)
  const shown = `concat(toString(${nanoseconds}), ' nanoseconds of the Julian day ', toString(${julianDay}))`
  return `if(${inRange}, concat(toString(toDate32(toInt32(${day}))), 'T', ${time}, 'Z'), ${shown})`
}

function timeText(name: string, digits: 3 | 6 | 9): string {
  const end = MILLISECONDS_A_DAY * 10 ** (digits - 3)
  const shown = `concat(toString(${name}), ' ${UNIT_OF_DIGITS[digits]} since midnight')`
  return `if(${name} >= 0 AND ${name} < ${end}, ${timeOfDay(`assumeNotNull(${name})`, digits)}, ${shown})`
}

/** `HH:MM:SS.fraction` of a number of units since midnight */
function timeOfDay(number: string, digits: 3 | 6 | 9): string {
  return `substring(toString(${FUNCTION_OF_DIGITS[digits]}(toInt64(${number}), 'UTC')), 12)`
}

/** The bounds of nanoseconds do not fit 64 bits. */
function int128(value: bigint): string {
  return `toInt128('${value}')`
}

function isoText(time: string, isUtc: boolean): string {
  return `concat(replaceOne(toString(${time}), ' ', 'T'), '${isUtc ? 'Z' : ''}')`
}

/** `1e-7` is 0.0000001; what has more digits than a decimal of 30 places stays as it is. */
function floatText(text: string): string {
  const plain = `toString(toDecimal256OrZero(${text}, 30))`
  const isExact = `toFloat64OrZero(${plain}) = toFloat64OrZero(${text})`
  return `if(position(${text}, 'e') > 0 AND ${isExact}, ${plain}, ${text})`
}
