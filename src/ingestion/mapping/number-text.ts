import { sqlText } from './sql-text.js'

/** Stands for the text of a value that is no number. */
export const NOT_A_NUMBER = 'not a number'
/** Stands before a number with more decimals than its column has. */
export const TOO_FINE = 'too fine: '

/** Holds the written-out numbers of a record, in the order in which they were added. */
const WRITTEN = '_written'
/** sign, digits before the point, digits behind it, exponent */
const NUMBER = '^([+-]?)([0-9]*)\\.?([0-9]*)(?:[eE]([+-]?[0-9]+))?$'
/** A number whose first digit is further from the point fits no column, so the point is not moved on. */
const MAX_POINT_SHIFT = 100
/** No record is long enough to make up for such an exponent. */
const LARGEST_EXPONENT = 1_000_000_000
/** What is longer fits no column, and not the integer that rounding up counts in. */
const MAX_ROUNDED_DIGITS = 70

/** A number that ClickHouse's readers may not have understood. */
export interface OddNumber {
  /** SQL of its text with a point and no thousands separators */
  text: string
  /** SQL condition of a text that has to be written out */
  isOdd: string
  decimals: number
  /** further digits are rounded, half away from zero */
  rounds: boolean
}

/**
 * The numbers of a record that ClickHouse's readers do not take as they stand, such as 1.5e3, are written out by one
 * expression for all columns: a record has none as a rule, and then costs nothing; and ClickHouse plans the views of a load
 * anew for each chunk, which takes seconds where each of 200 columns brings its own.
 */
export class OddNumbers {
  private readonly numbers: OddNumber[] = []

  /** SQL of the number written out as numberText has it; '' where no number of the record was odd. */
  add(number: OddNumber): string {
    return `${WRITTEN}[${this.numbers.push(number)}]`
  }

  /** `expression AS name`s that what `add` gave needs. */
  aliases(): string[] {
    if (this.numbers.length === 0) return []
    const isAnyOdd = anyOf(this.numbers.map(({ isOdd }) => isOdd))
    const lists = [
      this.numbers.map(({ text }) => text),
      this.numbers.map(({ decimals }) => `toInt64(${decimals})`),
      this.numbers.map(({ rounds }) => (rounds ? '1' : '0')),
    ].map((list) => `[${list.join(', ')}]`)
    const written = `arrayMap((_number, _decimals, _rounds) -> ${numberText('_number')}, ${lists.join(', ')})`
    return [`if(${isAnyOdd}, ${written}, emptyArrayString()) AS ${WRITTEN}`]
  }
}

/**
 * SQL: whether any of the conditions, which must not be NULL, is true. A tree of bitOr: OR would pick out, before each
 * condition, the rows that the ones before it leave open, and that costs more than they do.
 */
export function anyOf(conditions: string[]): string {
  if (conditions.length === 0) return '0'
  if (conditions.length === 1) return conditions[0]!
  const middle = conditions.length >> 1
  return `bitOr(${anyOf(conditions.slice(0, middle))}, ${anyOf(conditions.slice(middle))})`
}

/**
 * SQL: a number written out with the point where its exponent says, without needless zeros, or one of the texts above, of
 * which ClickHouse's readers make NULL. The point is moved in the text, so nothing is ever rounded unless `_rounds` is.
 */
function numberText(text: string): string {
  const leadingZeros = 'toInt64(length(_every_digit) - length(_digits))'
  const moved = `toInt64(length(_parts[2])) - ${leadingZeros} + ${exponentOf('_parts[4]')}`
  const whole = `if(_point <= 0, '0', rightPad(substring(_digits, 1, greatest(_point, 0)), toUInt32(greatest(_point, 0)), '0'))`
  const zeros = `repeat('0', toUInt32(greatest(-_point, 0)))`
  const fraction = `trimRight(concat(${zeros}, substring(_digits, greatest(_point, 0) + 1)), '0')`
  const plain = `concat(_whole, if(_decimals > 0, concat('.', _fraction), ''))`
  const fitted = `multiIf(length(_fraction) <= _decimals, ${plain}, _rounds, ${rounded()}, concat('${TOO_FINE}', ${plain}))`
  const steps: [name: string, value: string][] = [
    ['_parts', `extractGroups(${text}, ${sqlText(NUMBER)})`],
    ['_every_digit', 'concat(_parts[2], _parts[3])'],
    ['_digits', `trimLeft(_every_digit, '0')`],
    ['_point', clamped(moved, MAX_POINT_SHIFT)],
    ['_fraction', fraction],
    ['_whole', whole],
    ['_fitted', fitted],
  ]
  const signed = `if(_parts[1] = '-' AND NOT startsWith(_fitted, '${TOO_FINE}'), concat('-', _fitted), _fitted)`
  const result = `if(_every_digit = '', '${NOT_A_NUMBER}', ${signed})`
  return steps.reduceRight((body, [name, value]) => withValue(name, value, body), result)
}

/** The number at `_decimals` digits: cut there as one integer, which counts up when the next digit is 5 or more. */
function rounded(): string {
  const cut = `concat(_whole, substring(_fraction, 1, _decimals))`
  const isTooLong = `length(_whole) > ${MAX_ROUNDED_DIGITS} - _decimals`
  const counted = `toString(toUInt256OrZero(if(${isTooLong}, '', ${cut})) + (substring(_fraction, _decimals + 1, 1) >= '5'))`
  const digits = `leftPad(${counted}, toUInt32(_decimals + 1), '0')`
  const pointed = withValue(
    '_counted',
    digits,
    `concat(substring(_counted, 1, length(_counted) - _decimals), if(_decimals > 0, concat('.', substring(_counted, length(_counted) - _decimals + 1)), ''))`,
  )
  return `if(${isTooLong}, _whole, ${pointed})`
}

/**
 * Names a value within an expression. An alias would be replaced by its expression wherever it is used, and each of these
 * is used several times by the next.
 */
export function withValue(name: string, value: string, body: string): string {
  return `arrayMap(${name} -> ${body}, [${value}])[1]`
}

function exponentOf(text: string): string {
  const farBeyond = `if(startsWith(${text}, '-'), -${LARGEST_EXPONENT}, ${LARGEST_EXPONENT})`
  return `if(${text} = '', 0, ${clamped(`ifNull(toInt64OrNull(${text}), ${farBeyond})`, LARGEST_EXPONENT)})`
}

function clamped(number: string, limit: number): string {
  return `greatest(least(${number}, ${limit}), -${limit})`
}
