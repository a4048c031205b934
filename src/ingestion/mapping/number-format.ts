import type { NumberFormat } from '../../datasets/number-separators.js'
import { NOT_A_NUMBER } from './number-text.js'
import { sqlText } from './sql-text.js'

/** The specified part of it; the column's own options go before those of its file. */
export type NumberOptions = Partial<NumberFormat>

/** As regular expressions. A blank may be a no-break, a narrow no-break or a thin space, an apostrophe a typographic one. */
export const SEPARATOR_PATTERNS = {
  '': '',
  '.': '\\.',
  ',': ',',
  "'": "(?:'|\u2019)",
  ' ': '(?: |\u00a0|\u202f|\u2009)',
}

/** The last specified value counts. */
export function numberFormatOf(...options: NumberOptions[]): NumberFormat {
  const specified = <K extends keyof NumberFormat>(key: K): NumberFormat[K] | undefined =>
    options.findLast((each) => each[key] !== undefined)?.[key]
  return {
    decimalSeparator: specified('decimalSeparator') ?? '.',
    thousandsSeparator: specified('thousandsSeparator') ?? '',
  }
}

/** Whether no number format was specified. */
export function isUnspecified(...options: NumberOptions[]): boolean {
  return options.every((each) => each.decimalSeparator === undefined && each.thousandsSeparator === undefined)
}

/** Whether numbers are written as they are without options: 1234.5 */
export function isStandard({ decimalSeparator, thousandsSeparator }: NumberFormat): boolean {
  return decimalSeparator === '.' && thousandsSeparator === ''
}

/** People write no exponents: the point of such a number is the decimal one, whatever the file's other numbers have. */
const WITH_EXPONENT = '^[+-]?[0-9]*\\.[0-9]*[eE][+-]?[0-9]+$'

/** Of a number in the format, for ClickHouse and JavaScript alike. */
export function numberPattern({ decimalSeparator, thousandsSeparator }: NumberFormat): string {
  const thousands = SEPARATOR_PATTERNS[thousandsSeparator]
  // Nobody groups behind a zero: 0.123 in a file of thousands points is a fraction written in another way, not 123.
  const grouped = thousands && `[1-9][0-9]{0,2}(?:${thousands}[0-9]{3})+|`
  return `^[+-]?(?:${grouped}[0-9]*)(?:${SEPARATOR_PATTERNS[decimalSeparator]}[0-9]*)?(?:[eE][+-]?[0-9]+)?$`
}

/** SQL: the text with a point and without thousands separators; NOT_A_NUMBER when they stand where they cannot. */
export function standardNumber(text: string, { decimalSeparator, thousandsSeparator }: NumberFormat): string {
  const thousands = SEPARATOR_PATTERNS[thousandsSeparator]
  const pattern = numberPattern({ decimalSeparator, thousandsSeparator })
  const joined = thousands ? `replaceRegexpAll(${text}, ${sqlText(thousands)}, '')` : text
  const standard = decimalSeparator === ',' ? `replaceOne(${joined}, ',', '.')` : joined
  const read = `if(match(${text}, ${sqlText(pattern)}), ${standard}, '${NOT_A_NUMBER}')`
  return decimalSeparator === ',' ? `if(match(${text}, ${sqlText(WITH_EXPONENT)}), ${text}, ${read})` : read
}

/** How numbers are written, in words for the reason of a reject. */
export function describeNumberFormat({ decimalSeparator, thousandsSeparator }: NumberFormat): string {
  const thousands = { '': 'none', ' ': 'a blank' }[thousandsSeparator as string] ?? thousandsSeparator
  return `decimalSeparator ${decimalSeparator}, thousandsSeparator ${thousands}`
}

/** A number that is another one, a thousand times as large, where the point separates thousands. Also a JavaScript pattern. */
const POINT_BEFORE_THREE_DIGITS = '^[+-]?[1-9][0-9]{0,2}\\.[0-9]{3}$'

/** SQL condition */
export function mayBeThousands(text: string): string {
  return `match(${text}, ${sqlText(POINT_BEFORE_THREE_DIGITS)})`
}

export function isMaybeThousands(text: string): boolean {
  return new RegExp(POINT_BEFORE_THREE_DIGITS).test(text.trim())
}

/** Of a number with a decimal comma, in the syntax of ClickHouse; `1,234.50` has none. */
export const DECIMAL_COMMA = '^\\s*[+-]?([0-9]{1,3}(\\.[0-9]{3})+|[0-9]*),[0-9]+\\s*$'
