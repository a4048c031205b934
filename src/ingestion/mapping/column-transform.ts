import type { ColumnDefinition } from '../../datasets/dataset-definition.js'
import { MONTH_NAMES, parseDateFormat, type DateFormat } from './date-format.js'
import {
  describeNumberFormat,
  isStandard,
  mayBeThousands,
  numberFormatOf,
  standardNumber,
  type NumberFormat,
} from './number-format.js'
import { NOT_A_NUMBER, numberText, TOO_FINE } from './number-text.js'
import type { RowCheck } from './row-check.js'
import { sqlText } from './sql-text.js'

export interface ColumnTransform {
  /** `expression AS name` for the WITH clause: `text_<member>`, and `value_<member>` (NULL: empty or bad) */
  aliases: string[]
  checks: RowCheck[]
  /** SQL condition of a number that would be another one if the point in it separated thousands */
  ambiguity?: string
}

const MONTH_HINT = ', with an English month such as March, Mar or Sept'

export const MAX_TEXT_CHARACTERS = 1024

/** `2024-03-01`, then nothing or a time of day with an optional zone */
const ISO_DATE_TIME =
  '^.{10}[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.,][0-9]+)?)?( ?(Z|[+-][01][0-9](:?[0-5][0-9])?))?$'
/** of a decimal column */
const DECIMALS = 4
/** nothing, or what needs no closer look */
const PLAIN_DECIMAL = `^(-?[0-9]+(\\.[0-9]{1,${DECIMALS}})?)?$`
/** digits with commas, points, apostrophes or blanks among them */
const NUMBER_WITH_SEPARATORS = "^[+-]?[0-9]*((,|\\.|'|\u2019| |\u00a0|\u202f|\u2009)[0-9]+)+$"
/** What may stand around a number or a date, in every format; a text of nothing else is no value. */
const BLANKS = `' \\t\\r\\n'`

/** How one column's text is checked and typed. Numbers and dates may have blanks around them; text is taken as it is. */
export function columnTransform(
  column: ColumnDefinition,
  text: string,
  format: string | undefined,
  numbers: NumberFormat = numberFormatOf(),
): ColumnTransform {
  const isText = column.type === 'text'
  const source = isText ? text : trimmed(text)
  const transform = transformOfType(column, format, numbers)
  const required = column.required
    ? [
        {
          column: column.column,
          condition: `${isText ? trimmed(`text_${column.member}`) : `text_${column.member}`} = ''`,
          message: 'is required',
        },
      ]
    : []
  return {
    aliases: [`${source} AS text_${column.member}`, ...transform.aliases],
    checks: [...required, ...transform.checks],
    ambiguity: transform.ambiguity,
  }
}

function trimmed(text: string): string {
  return `trimBoth(${text}, ${BLANKS})`
}

function transformOfType(column: ColumnDefinition, format: string | undefined, numbers: NumberFormat): ColumnTransform {
  switch (column.type) {
    case 'text':
      return textTransform(column)
    case 'date':
      return dateTransform(column, format)
    case 'decimal':
      return decimalTransform(column, numbers)
    case 'integer':
      return integerTransform(column, numbers)
    case 'number':
    case 'boolean':
    case 'timestamp':
      throw new Error(`${column.member}: no file has ${column.type} columns`)
  }
}

function textTransform({ column, member }: ColumnDefinition): ColumnTransform {
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

/** The text of a number with a point and no thousands separators, which is the column's own text where it is written so. */
function numberSource(member: string, numbers: NumberFormat): { alias: string[]; text: string } {
  const text = `text_${member}`
  if (isStandard(numbers)) return { alias: [], text }
  const standard = `standard_${member}`
  return { alias: [`if(${text} = '', '', ${standardNumber(text, numbers)}) AS ${standard}`], text: standard }
}

/** The reason of a number that would be one with other separators. */
function unlikeFormat(member: string, numbers: NumberFormat, kind: string): { condition: string; message: string }[] {
  const looksLikeOne = `match(text_${member}, ${sqlText(NUMBER_WITH_SEPARATORS)})`
  return [
    {
      condition: `number_${member} = '${NOT_A_NUMBER}' AND ${looksLikeOne}`,
      message: isStandard(numbers)
        ? `{value} is not ${kind}`
        : `{value} is not ${kind} as numbers are written here (${describeNumberFormat(numbers)})`,
    },
  ]
}

/**
 * toInt32OrNull checks the range; ClickHouse's own reading of an Int32 column would wrap around silently. What it does
 * not take, such as 5.0 and 5e0, is written out first.
 */
function integerTransform({ column, member }: ColumnDefinition, numbers: NumberFormat): ColumnTransform {
  const { alias, text } = numberSource(member, numbers)
  const number = `number_${member}`
  const isNotAnInteger = `${number} = '${NOT_A_NUMBER}' OR startsWith(${number}, '${TOO_FINE}')`
  return {
    aliases: [
      ...alias,
      `${numberText(text, 0)} AS ${number}`,
      `toInt32OrNull(${text}) AS read_${member}`,
      `if(isNotNull(read_${member}) OR ${text} = '', read_${member}, toInt32OrNull(${number})) AS value_${member}`,
    ],
    checks: [
      {
        column,
        condition: `value_${member} IS NULL AND ${text} != ''`,
        closer: [
          ...unlikeFormat(member, numbers, 'an integer'),
          { condition: isNotAnInteger, message: '{value} is not an integer' },
        ],
        message: '{value} is out of range (-2147483648 to 2147483647)',
      },
    ],
    ambiguity: `isNull(read_${member}) AND ${mayBeThousands(text)}`,
  }
}

/**
 * ClickHouse cuts digits behind the scale, and reads "1.2.3" as 1.23: it is given only what it cannot mistake. Of nearly
 * all texts a pattern tells that; the others are written out first.
 */
function decimalTransform({ column, member }: ColumnDefinition, numbers: NumberFormat): ColumnTransform {
  const { alias, text } = numberSource(member, numbers)
  const number = `number_${member}`
  const plain = `if(match(${text}, ${sqlText(PLAIN_DECIMAL)}), ${text}, ${number})`
  return {
    aliases: [
      ...alias,
      `${numberText(text, DECIMALS)} AS ${number}`,
      `toDecimal64OrNull(${plain}, ${DECIMALS}) AS value_${member}`,
    ],
    checks: [
      {
        column,
        condition: `value_${member} IS NULL AND ${text} != ''`,
        closer: [
          ...unlikeFormat(member, numbers, 'a decimal number'),
          { condition: `${number} = '${NOT_A_NUMBER}'`, message: '{value} is not a decimal number' },
          { condition: `startsWith(${number}, '${TOO_FINE}')`, message: `{value} has more than ${DECIMALS} decimals` },
        ],
        message: '{value} is out of range (14 digits before the point)',
      },
    ],
    // The fourth character from the end is looked at first: that spares nearly all texts the pattern.
    ambiguity: `substring(${text}, -4, 1) = '.' AND ${mayBeThousands(text)}`,
  }
}

/**
 * ClickHouse rounds impossible days to possible ones (2024-02-30 to 2024-03-01), so the date is printed again and
 * compared with what was read.
 */
function dateTransform({ column, member }: ColumnDefinition, format: string | undefined): ColumnTransform {
  const text = `text_${member}`
  const parsed = format === undefined ? undefined : (parseDateFormat(format) as DateFormat)
  const iso = parsed ? isoByFormat(text, parsed) : `substring(${text}, 1, 10)`
  const shape = parsed ? '0' : `length(${text}) > 10 AND NOT match(${text}, ${sqlText(ISO_DATE_TIME)})`
  const expected = `${format ?? 'YYYY-MM-DD'}, from 1900-01-01 to 2299-12-31`
  const bad = `${text} != '' AND (ifNull(toString(value_${member}) != iso_${member}, 1) OR (${shape}))`
  return {
    aliases: [`${iso} AS iso_${member}`, `toDate32OrNull(iso_${member}) AS value_${member}`],
    checks: [
      {
        column,
        condition: bad,
        message: `{value} is not a date (${expected}${parsed?.monthByName ? MONTH_HINT : ''})`,
      },
    ],
  }
}

/** `YYYY-MM-DD` of a text in another format; not a date when it does not match. Two-digit years: 69 to 99 are 19xx. */
function isoByFormat(text: string, { pattern, year, month, day, twoDigitYear, monthByName }: DateFormat): string {
  const groups = `extractGroups(${text}, ${sqlText(pattern)})`
  const yearText = twoDigitYear
    ? `concat(if(${groups}[${year}] >= '69', '19', '20'), ${groups}[${year}])`
    : `${groups}[${year}]`
  const monthText = monthByName ? monthNumber(`${groups}[${month}]`) : `${groups}[${month}]`
  return `concat(${yearText}, '-', leftPad(${monthText}, 2, '0'), '-', leftPad(${groups}[${day}], 2, '0'))`
}

/** 0 for what is no English month. */
function monthNumber(name: string): string {
  const names = [...MONTH_NAMES.keys()].map(sqlText)
  const numbers = [...MONTH_NAMES.values()].map((number) => sqlText(String(number)))
  return `transform(lower(${name}), [${names.join(', ')}], [${numbers.join(', ')}], '0')`
}
