import { withValue } from './number-text.js'
import { sqlText } from './sql-text.js'

const CURRENCY = '(?:[$€£¥₹]|CHF|USD|EUR|GBP|JPY)'
const BLANK = '[ \u00a0\u202f\u2009]*'
/** digits and what may stand among them: whether they are a number is told by its format */
const DIGITS = "([0-9.,](?:[0-9.,' \u00a0\u202f\u2009\u2019]*[0-9.,])?(?:[eE][+-]?[0-9]+)?)"

/** open, sign, currency, sign, open, digits, minus, close, currency, minus, close; also a JavaScript pattern */
export const ACCOUNTING =
  `^(\\(${BLANK})?([+-])?(?:(${CURRENCY})${BLANK})?([+-])?(\\(${BLANK})?${DIGITS}(-)?(${BLANK}\\))?` +
  `(?:${BLANK}(${CURRENCY}))?(-)?(${BLANK}\\))?$`

/** nothing that only accounting has */
const PLAIN = '^[+-]?[0-9.,]*$'

/** Also of what is no number with it, such as `$-`. */
export const LOOKS_LIKE_ACCOUNTING = `^\\(.*\\)$|${CURRENCY}|[0-9.,]-$`

export const ACCOUNTING_HINT = 'numberStyle=accounting reads currency signs, and (45.00) or 45.00- as negative numbers'

/**
 * SQL: the number without its currency, with a minus in front where it is negative: `($1,234.50)` is `-1,234.50`. A text
 * that is none stays as it is: two currencies, two signs, one parenthesis.
 */
export function plainNumber(text: string): string {
  const has = (group: number): string => `(_groups[${group}] != '')`
  const count = (...groups: number[]): string => groups.map(has).join(' + ')
  const isSound = `${count(3, 9)} <= 1 AND ${count(1, 5)} = ${count(8, 11)} AND ${count(1, 5, 2, 4, 7, 10)} <= 1`
  const isNegative = `${count(1, 5, 7, 10)} = 1 OR _groups[2] = '-' OR _groups[4] = '-'`
  const number = `if(${has(6)} AND ${isSound}, concat(if(${isNegative}, '-', ''), _groups[6]), ${text})`
  const read = withValue('_groups', `extractGroups(${text}, ${sqlText(ACCOUNTING)})`, number)
  return `if(match(${text}, ${sqlText(PLAIN)}), ${text}, ${read})`
}

/** SQL condition of a text that may be a number with numberStyle=accounting. */
export function looksLikeAccounting(text: string): string {
  return `match(${text}, ${sqlText(LOOKS_LIKE_ACCOUNTING)})`
}
