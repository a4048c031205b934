import { sqlText } from './sql-text.js'

/** Stands for the text of a value that is no number. */
export const NOT_A_NUMBER = 'not a number'
/** Stands before a number with more decimals than its column has. */
export const TOO_FINE = 'too fine: '

/** sign, digits before the point, digits behind it, exponent */
const NUMBER = '^([+-]?)([0-9]*)\\.?([0-9]*)(?:[eE]([+-]?[0-9]+))?$'
/** A number whose first digit is further from the point fits no column, so the point is not moved on. */
const MAX_POINT_SHIFT = 100
/** No record is long enough to make up for such an exponent. */
const LARGEST_EXPONENT = 1_000_000_000

/**
 * SQL: a number written out with the point where its exponent says, without needless zeros, or one of the texts above, of
 * which ClickHouse's readers make NULL. The point is moved in the text, so nothing is ever rounded. It is slow: use it
 * inside a branch, since ClickHouse then works it out for the rows of that branch alone.
 */
export function numberText(text: string, decimals: number): string {
  const leadingZeros = 'toInt64(length(every_digit) - length(digits))'
  const moved = `toInt64(length(parts[2])) - ${leadingZeros} + ${exponentOf('parts[4]')}`
  const whole = `if(point <= 0, '0', rightPad(substring(digits, 1, greatest(point, 0)), toUInt32(greatest(point, 0)), '0'))`
  const zeros = `repeat('0', toUInt32(greatest(-point, 0)))`
  const fraction = `trimRight(concat(${zeros}, substring(digits, greatest(point, 0) + 1)), '0')`
  const mark = `if(length(fraction) > ${decimals}, '${TOO_FINE}', '')`
  const sign = `if(parts[1] = '-', '-', '')`
  const written = `concat(${mark}, ${sign}, ${whole}${decimals > 0 ? `, '.', fraction` : ''})`
  const steps: [name: string, value: string][] = [
    ['parts', `extractGroups(${text}, ${sqlText(NUMBER)})`],
    ['every_digit', 'concat(parts[2], parts[3])'],
    ['digits', `trimLeft(every_digit, '0')`],
    ['point', clamped(moved, MAX_POINT_SHIFT)],
    ['fraction', fraction],
  ]
  const result = `if(every_digit = '', '${NOT_A_NUMBER}', ${written})`
  return steps.reduceRight((body, [name, value]) => withValue(name, value, body), result)
}

/**
 * Names a value within an expression. An alias would be replaced by its expression wherever it is used, and each of these
 * is used several times by the next: ClickHouse plans the views of a load anew for each chunk.
 */
function withValue(name: string, value: string, body: string): string {
  return `arrayMap(${name} -> ${body}, [${value}])[1]`
}

function exponentOf(text: string): string {
  const farBeyond = `if(startsWith(${text}, '-'), -${LARGEST_EXPONENT}, ${LARGEST_EXPONENT})`
  return `if(${text} = '', 0, ${clamped(`ifNull(toInt64OrNull(${text}), ${farBeyond})`, LARGEST_EXPONENT)})`
}

function clamped(number: string, limit: number): string {
  return `greatest(least(${number}, ${limit}), -${limit})`
}
