import type { ColumnDefinition } from '../../datasets/dataset-definition.js'
import type { ColumnSteps } from './column-steps.js'
import { both, either } from './conditions.js'
import { MONTH_NAMES, parseDateFormat, type DateFormat } from '../../datasets/date-format.js'
import { stepName, textName, valueName } from './internal-names.js'
import { sqlText } from './sql-text.js'
import type { ValueOptions } from './value-options.js'

export const MONTH_HINT = ', with an English month such as March, Mar or Sept'
export const YEARS = 'from 1900-01-01 to 2299-12-31'

/** `2024-03-01`, then nothing or a time of day with an optional zone */
export const ISO_DATE_TIME =
  '^.{10}[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.,][0-9]+)?)?( ?(Z|[+-][01][0-9](:?[0-5][0-9])?))?$'

/**
 * ClickHouse rounds impossible days to possible ones (2024-02-30 to 2024-03-01), so the date is printed again and
 * compared with what was read.
 */
export function dateTransform({ column, member }: ColumnDefinition, options: ValueOptions): ColumnSteps {
  const text = textName(member)
  const { format } = options
  const parsed = format === undefined ? undefined : dateFormatOf(format, 'date')
  const { aliases, iso } = parsed ? isoByFormat(member, parsed) : { aliases: [], iso: `substring(${text}, 1, 10)` }
  const isoName = stepName('iso', member)
  const value = valueName(member)
  const shape = parsed ? '0' : isNoIsoTime(text)
  const bad = both(`${text} != ''`, either(`ifNull(toString(${value}) != ${isoName}, 1)`, shape))
  const expected = `${format ?? 'YYYY-MM-DD'}, ${YEARS}`
  return {
    read: [...aliases, `${iso} AS ${isoName}`],
    values: [`toDate32OrNull(${isoName}) AS ${value}`],
    checks: [
      {
        column,
        condition: bad,
        message: `{value} is not a date (${expected}${parsed?.monthByName ? MONTH_HINT : ''})`,
      },
    ],
    ...(parsed?.isSwappable && options.isFormatChosen && { swappable: { format: format!, timezone: undefined } }),
  }
}

/** The format was checked when it came. */
export function dateFormatOf(format: string, type: 'date' | 'timestamp'): DateFormat {
  const parsed = parseDateFormat(format, type)
  if (typeof parsed === 'string') throw new Error(parsed)
  return parsed
}

/** SQL condition of what stands behind an ISO date and is no time. */
export function isNoIsoTime(text: string): string {
  return both(`length(${text}) > 10`, `NOT match(${text}, ${sqlText(ISO_DATE_TIME)})`)
}

/** `YYYY-MM-DD` of a text in another format; not a date when it does not match. Two-digit years: 69 to 99 are 19xx. */
export function isoByFormat(
  member: string,
  { pattern, groups: { year, month, day }, twoDigitYear, monthByName }: DateFormat,
): { aliases: string[]; iso: string; groups: string } {
  const groups = stepName('groups', member)
  const yearText = twoDigitYear
    ? `concat(if(${groups}[${year}] >= '69', '19', '20'), ${groups}[${year}])`
    : `${groups}[${year}]`
  const monthText = monthByName ? monthNumber(`${groups}[${month}]`) : `${groups}[${month}]`
  return {
    aliases: [`extractGroups(${textName(member)}, ${sqlText(pattern)}) AS ${groups}`],
    iso: `concat(${yearText}, '-', leftPad(${monthText}, 2, '0'), '-', leftPad(${groups}[${day}], 2, '0'))`,
    groups,
  }
}

/** 0 for what is no English month. */
function monthNumber(name: string): string {
  const names = [...MONTH_NAMES.keys()].map(sqlText)
  const numbers = [...MONTH_NAMES.values()].map((number) => sqlText(String(number)))
  return `transform(lower(${name}), [${names.join(', ')}], [${numbers.join(', ')}], '0')`
}
