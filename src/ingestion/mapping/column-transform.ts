import type { ColumnDefinition } from '../../datasets/dataset-definition.js'
import { parseDateFormat, type DateFormat } from './date-format.js'
import type { RowCheck } from './row-check.js'
import { sqlText } from './sql-text.js'

export interface ColumnProgram {
  /** `expression AS name` for the WITH clause: `text_<member>`, and `value_<member>` (NULL: empty or bad) */
  aliases: string[]
  checks: RowCheck[]
}

export const MAX_TEXT_CHARACTERS = 1024

/** `2024-03-01`, then nothing or a time of day with an optional zone */
const ISO_DATE_TIME =
  '^.{10}[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.,][0-9]+)?)?( ?(Z|[+-][01][0-9](:?[0-5][0-9])?))?$'
const DECIMAL = '^[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)$'

/** How one column's text is checked and typed. Numbers and dates may have spaces around them; text is taken as it is. */
export function columnProgram(column: ColumnDefinition, text: string, format: string | undefined): ColumnProgram {
  const source = column.type === 'text' ? text : `trimBoth(${text})`
  const program = programOfType(column, format)
  const required = column.required
    ? [{ column: column.column, condition: `trimBoth(text_${column.member}) = ''`, message: 'is required' }]
    : []
  return {
    aliases: [`${source} AS text_${column.member}`, ...program.aliases],
    checks: [...required, ...program.checks],
  }
}

function programOfType(column: ColumnDefinition, format: string | undefined): ColumnProgram {
  switch (column.type) {
    case 'text':
      return textProgram(column)
    case 'date':
      return dateProgram(column, format)
    case 'decimal':
      return decimalProgram(column)
    case 'int32':
      return integerProgram(column)
    case 'timestamp':
      throw new Error(`${column.member}: no file brings moments`)
  }
}

function textProgram({ column, member }: ColumnDefinition): ColumnProgram {
  const text = `text_${member}`
  const tooLong = `length(${text}) > ${MAX_TEXT_CHARACTERS} AND lengthUTF8(${text}) > ${MAX_TEXT_CHARACTERS}`
  return {
    aliases: [],
    checks: [
      { column, condition: `NOT isValidUTF8(${text})`, message: '{value} is not valid UTF-8' },
      { column, condition: tooLong, message: `is longer than ${MAX_TEXT_CHARACTERS} characters` },
    ],
  }
}

/** toInt32OrNull checks the range; the engine's own reading of an Int32 column would wrap around silently. */
function integerProgram({ column, member }: ColumnDefinition): ColumnProgram {
  const text = `text_${member}`
  const bad = `value_${member} IS NULL AND ${text} != ''`
  return {
    aliases: [
      `toInt32OrNull(if(startsWith(${text}, '+') AND NOT startsWith(${text}, '+-'), substring(${text}, 2), ${text})) AS value_${member}`,
    ],
    checks: [
      { column, condition: `${bad} AND NOT match(${text}, '^[+-]?[0-9]+$')`, message: '{value} is not an integer' },
      { column, condition: bad, message: '{value} is out of range (-2147483648 to 2147483647)' },
    ],
  }
}

/**
 * The engine cuts digits behind the scale and reads "1.2.3" as 1.23, so the text is held against a pattern as
 * well: against the slow one only where digits around one point do not make up the whole text.
 */
function decimalProgram({ column, member }: ColumnDefinition): ColumnProgram {
  const text = `text_${member}`
  const point = `position(${text}, '.')`
  const tooFine = `${point} > 0 AND length(${text}) > ${point} + 4 AND NOT match(substring(${text}, ${point} + 5), '^0*$')`
  return {
    aliases: [`toDecimal64OrNull(${text}, 4) AS value_${member}`],
    checks: [
      {
        column,
        condition: `(trimBoth(${text}, '0123456789') NOT IN ('', '.') OR ${text} = '.') AND NOT match(${text}, ${sqlText(DECIMAL)})`,
        message: '{value} is not a decimal number',
      },
      { column, condition: tooFine, message: '{value} has more than 4 decimals' },
      {
        column,
        condition: `value_${member} IS NULL AND ${text} != ''`,
        message: '{value} is out of range (14 digits before the point)',
      },
    ],
  }
}

/**
 * The engine rounds impossible days to possible ones (2024-02-30 to 2024-03-01), so the date is printed again and
 * compared with what was read.
 */
function dateProgram({ column, member }: ColumnDefinition, format: string | undefined): ColumnProgram {
  const text = `text_${member}`
  const parsed = format === undefined ? undefined : (parseDateFormat(format) as DateFormat)
  const iso = parsed ? isoByFormat(text, parsed) : `substring(${text}, 1, 10)`
  const shape = parsed ? '0' : `length(${text}) > 10 AND NOT match(${text}, ${sqlText(ISO_DATE_TIME)})`
  const expected = `${format ?? 'YYYY-MM-DD'}, from 1900-01-01 to 2299-12-31`
  const bad = `${text} != '' AND (ifNull(toString(value_${member}) != iso_${member}, 1) OR (${shape}))`
  return {
    aliases: [`${iso} AS iso_${member}`, `toDate32OrNull(iso_${member}) AS value_${member}`],
    checks: [{ column, condition: bad, message: `{value} is not a date (${expected})` }],
  }
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** `YYYY-MM-DD` of a text in another format; not a date when it does not match. Two-digit years: 69 to 99 are 19xx. */
function isoByFormat(text: string, { pattern, year, month, day, twoDigitYear, monthByName }: DateFormat): string {
  const groups = `extractGroups(${text}, ${sqlText(pattern)})`
  const yearText = twoDigitYear
    ? `concat(if(${groups}[${year}] >= '69', '19', '20'), ${groups}[${year}])`
    : `${groups}[${year}]`
  const monthText = monthByName
    ? `toString(indexOf([${MONTHS.map((name) => `'${name}'`).join(', ')}], lower(substring(${groups}[${month}], 1, 3))))`
    : `${groups}[${month}]`
  return `concat(${yearText}, '-', leftPad(${monthText}, 2, '0'), '-', leftPad(${groups}[${day}], 2, '0'))`
}
