import type { ClickHouseSettings } from '@clickhouse/client'
import type { FractionDigits, IntegerBits, ParquetType } from './parquet-type.js'

/** How ClickHouse reads one column of a Parquet part, and makes of it the text that a CSV of the same table has. */
export interface ParquetText {
  /** type of the column that the part's values are inserted into, nullable */
  clickhouseType: string
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
const MODIFIED_JULIAN_DAY_OF_1970 = 40_587
const INT96_BYTES = 12
/** What ClickHouse's date types hold; it moves other dates to the nearest one that fits. */
const FIRST_MS = Date.UTC(1900, 0, 1)
const END_MS = Date.UTC(2300, 0, 1)
/** The calendar repeats itself after so many years. */
const CYCLE_YEARS = 400
const CYCLE_DAYS = 146_097

const FUNCTION_OF_DIGITS = {
  3: 'fromUnixTimestamp64Milli',
  6: 'fromUnixTimestamp64Micro',
  9: 'fromUnixTimestamp64Nano',
}
const UNIT_OF_DIGITS = { 3: 'milliseconds', 6: 'microseconds', 9: 'nanoseconds' }

/**
 * Whether the part gives the column without its annotation, as the plain bytes or number that it stores, so that the
 * engine has nothing to make of it: it would parse and print JSON again, cut integers to the bits of their annotation, move
 * dates that it cannot hold, and write behind its own memory for a decimal of few digits in a wide integer.
 */
export function isReadRaw({ kind }: ParquetType): boolean {
  return !['float', 'uuid', 'bytesDecimal'].includes(kind)
}

/**
 * So many bytes a value has in a column that the part gives as one of fixed bytes. An INT96 lies in its pages just so, and
 * ClickHouse would fail the whole column over one that it cannot hold.
 */
export function fixedBytesOf(type: ParquetType): number | undefined {
  return type.kind === 'int96' ? INT96_BYTES : undefined
}

/**
 * How to insert a column named `name`: declare it `<name> <clickhouseType> EPHEMERAL` and give the text column
 * `DEFAULT <text>`, so that ClickHouse makes the text inside the insert.
 *
 * Decimals are exact and without zeros at their end, floats the shortest text that reads back the same, written out
 * where 30 decimals suffice, and with all digits where they are whole, booleans true and false, dates YYYY-MM-DD, times HH:MM:SS with their fraction, timestamps
 * ISO (with Z when they are in UTC); years beyond 0000 to 9999 have a sign, as ISO 8601 wants it. Bytes of a fixed length
 * keep all their bytes.
 */
export function parquetText(type: ParquetType, name: string): ParquetText {
  const value = `assumeNotNull(${name})`
  const as = (clickhouseType: string, text: string): ParquetText => ({
    clickhouseType: `Nullable(${clickhouseType})`,
    text: `if(isNull(${name}), '', ${text})`,
  })
  switch (type.kind) {
    case 'int96':
      return as(`FixedString(${INT96_BYTES})`, int96Text(value))
    case 'date':
      return as(`Int${type.bits}`, dateText(`toInt64(${value})`))
    case 'timestamp':
      return as('Int64', timestampText(value, type))
    case 'time':
      return as('Int64', timeText(value, type.digits))
    case 'integer':
      return as(`Int${type.bits}`, `toString(${type.isUnsigned ? `reinterpretAsUInt${type.bits}(${value})` : value})`)
    case 'decimal':
      return as(`Int${type.bits}`, decimalText(value, type))
    case 'float':
      return as('String', floatText(value, type.bits))
    case 'text':
      // Made a String by ClickHouse, it would lose the zero bytes at its end.
      return type.fixedBytes === undefined
        ? as('String', value)
        : as(`FixedString(${type.fixedBytes})`, `substring(${value}, 1, ${type.fixedBytes})`)
    default:
      return as('String', value)
  }
}

/** ClickHouse's decimals are integers that know their scale. */
function decimalText(integer: string, { bits, scale }: { bits: IntegerBits; scale: number }): string {
  if (bits === 32 && scale <= 9) return `toString(reinterpret(${integer}, 'Decimal32(${scale})'))`
  if (scale <= 18) return `toString(reinterpret(toInt64(${integer}), 'Decimal64(${scale})'))`
  const wide = scale <= 38 ? 128 : 256
  return `toString(reinterpret(toInt${wide}(${integer}), 'Decimal${wide}(${scale})'))`
}

function dateText(days: string): string {
  const inRange = `${days} >= ${FIRST_MS / MILLISECONDS_A_DAY} AND ${days} < ${END_MS / MILLISECONDS_A_DAY}`
  return `if(${inRange}, toString(toDate32(toInt32(${days}))), ${anyDateText(days)})`
}

/** A date of any year: a day of the years 1970 to 2369, whose year is put right. */
function anyDateText(days: string): string {
  const cycleDay = `positiveModulo(${days}, ${CYCLE_DAYS})`
  const alike = `fromModifiedJulianDay(toInt32(${cycleDay}) + ${MODIFIED_JULIAN_DAY_OF_1970})`
  const year = `toInt64(substring(${alike}, 1, 4)) + ${CYCLE_YEARS} * ${floorDivided(days, CYCLE_DAYS)}`
  const sign = `multiIf(${year} < 0, '-', ${year} > 9999, '+', '')`
  return `concat(${sign}, leftPad(toString(abs(${year})), greatest(4, length(toString(abs(${year})))), '0'), substring(${alike}, 5))`
}

/** Signed throughout: a negative number modulo an unsigned one would be taken for a large one. */
function floorDivided(number: string, by: number): string {
  return `(intDiv(${number}, toInt64(${by})) - (${number} % toInt64(${by}) < 0))`
}

function timestampText(number: string, { digits, isUtc }: { digits: FractionDigits; isUtc: boolean }): string {
  const perMs = 10n ** BigInt(digits - 3)
  const [first, end] = [BigInt(FIRST_MS) * perMs, BigInt(END_MS) * perMs]
  const inRange = `toInt128(${number}) >= ${int128(first)} AND toInt128(${number}) < ${int128(end)}`
  const time = `toString(${FUNCTION_OF_DIGITS[digits]}(${number}, 'UTC'))`
  const aDay = MILLISECONDS_A_DAY * 10 ** (digits - 3)
  const anyTime = momentText(anyDateText(floorDivided(number, aDay)), number, digits)
  return `concat(if(${inRange}, replaceOne(${time}, ' ', 'T'), ${anyTime}), '${isUtc ? 'Z' : ''}')`
}

/** Nanoseconds of the day, then the Julian day. Some writers give more or less than a day's nanoseconds: they carry over. */
function int96Text(bytes: string): string {
  const nanoseconds = `reinterpretAsInt64(substring(${bytes}, 1, 8))`
  const julianDay = `reinterpretAsInt32(substring(${bytes}, 9, 4))`
  const carried = floorDivided(nanoseconds, MILLISECONDS_A_DAY * 1_000_000)
  const day = `(toInt64(${julianDay}) - ${JULIAN_DAY_OF_1970} + ${carried})`
  return `concat(${momentText(dateText(day), nanoseconds, 9)}, 'Z')`
}

/** The date, and the time of the day on which a number of units since some midnight lies. */
function momentText(date: string, number: string, digits: FractionDigits): string {
  const aDay = `toInt64(${MILLISECONDS_A_DAY * 10 ** (digits - 3)})`
  return `concat(${date}, 'T', ${timeOfDay(`positiveModulo(${number}, ${aDay})`, digits)})`
}

function timeText(number: string, digits: FractionDigits): string {
  const end = MILLISECONDS_A_DAY * 10 ** (digits - 3)
  const shown = `concat(toString(${number}), ' ${UNIT_OF_DIGITS[digits]} since midnight')`
  return `if(${number} >= 0 AND ${number} < ${end}, ${timeOfDay(number, digits)}, ${shown})`
}

/** `HH:MM:SS.fraction` of a number of units since midnight */
function timeOfDay(number: string, digits: FractionDigits): string {
  return `substring(toString(${FUNCTION_OF_DIGITS[digits]}(toInt64(${number}), 'UTC')), 12)`
}

/** The bounds of nanoseconds do not fit 64 bits. */
function int128(value: bigint): string {
  return `toInt128('${value}')`
}

/**
 * `1e-7` is 0.0000001; what has more digits than a decimal of 30 places stays as it is. The shortest text of a whole
 * number may end in zeros that are none of its digits: 2147483520 of 32 bits is printed as 2147483500.
 */
function floatText(text: string, bits: 32 | 64): string {
  const plain = `toString(toDecimal256OrZero(${text}, 30))`
  const isExact = `toFloat64OrZero(${plain}) = toFloat64OrZero(${text})`
  const isLongWhole = `length(${text}) BETWEEN 8 AND 18 AND isNotNull(toInt64OrNull(${text}))`
  // The engine works out branches that it does not take, and has no integer for inf.
  const whole = `toString(toInt64(toFloat${bits}OrZero(if(${isLongWhole}, ${text}, '0'))))`
  return `multiIf(${isLongWhole}, ${whole}, position(${text}, 'e') > 0 AND ${isExact}, ${plain}, ${text})`
}
