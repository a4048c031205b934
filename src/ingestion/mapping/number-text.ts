import { anyOf } from './conditions.js'
import { sqlText } from './sql-text.js'

/** Stands for the text of a value that is no number. */
export const NOT_A_NUMBER = 'not a number'
/** Stands before a number with more decimals than its column has. */
export const TOO_FINE = 'too fine: '

/** Holds the written-out numbers of a record, in the order in which they were added. */
const WRITTEN = '_written'
/** sign, digits before the point, digits behind it, exponent */
export const NUMBER = '^([+-]?)([0-9]*)\\.?([0-9]*)(?:[eE]([+-]?[0-9]+))?$'
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

  /** `expression AS name` of the texts to write out, over those of the columns. */
  texts(): string[] {
    if (this.numbers.length === 0) return []
    const texts = `[${this.numbers.map(({ text }) => text).join(', ')}]`
    return [`if(${anyOf(this.numbers.map(({ isOdd }) => isOdd))}, ${texts}, emptyArrayString()) AS _odd`]
  }

  /**
   * The steps from those texts to what `add` gives. Each is a list over all of them: ClickHouse plans a lambda within a
   * lambda twice, one within that four times.
   */
  steps(): string[] {
    if (this.numbers.length === 0) return []
    const decimals = `[${this.numbers.map((each) => each.decimals).join(', ')}][_at]`
    const rounds = this.numbers.some((each) => each.rounds)
      ? `[${this.numbers.map((each) => Number(each.rounds)).join(', ')}][_at]`
      : undefined
    return numberSteps(`toInt64(${decimals})`, rounds)
  }
}

/**
 * A number written out with the point where its exponent says, without needless zeros, or one of the texts above, of which
 * ClickHouse's readers make NULL. The point is moved in the text, so nothing is rounded unless `rounds` is.
 */
function numberSteps(decimals: string, rounds: string | undefined): string[] {
  const leadingZeros = 'toInt64(length(_part[2]) + length(_part[3]) - length(_digit))'
  const moved = `toInt64(length(_part[2])) - ${leadingZeros} + ${exponentOf('_part[4]')}`
  const whole = `if(_point <= 0, '0', rightPad(substring(_digit, 1, greatest(_point, 0)), toUInt32(greatest(_point, 0)), '0'))`
  const zeros = `repeat('0', toUInt32(greatest(-_point, 0)))`
  const fraction = `trimRight(concat(${zeros}, substring(_digit, greatest(_point, 0) + 1)), '0')`
  const plain = `concat(_sign, _whole, if(${decimals} > 0, concat('.', _fraction), ''))`
  const tooFine = `concat('${TOO_FINE}', ${plain})`
  const tooLong = rounds ? `if(${rounds}, concat(_sign, ${pointed('_count', decimals)}), ${tooFine})` : tooFine
  const sign = `if(_part[1] = '-', '-', '')`
  const fitted = `if(length(_fraction) <= ${decimals}, ${plain}, ${tooLong})`
  const isNone = `_part[2] = '' AND _part[3] = ''`
  const counts = rounds ? [listOf('_counts', countedUp(decimals), '_wholes', '_fractions')] : []
  const lists = ['_parts', '_signs', '_wholes', '_fractions', ...(rounds ? ['_counts'] : [])]
  return [
    listOf('_parts', `extractGroups(_text, ${sqlText(NUMBER)})`, '_texts'),
    listOf('_signs', sign, '_parts'),
    listOf('_digits', `trimLeft(concat(_part[2], _part[3]), '0')`, '_parts'),
    listOf('_points', clamped(moved, MAX_POINT_SHIFT), '_parts', '_digits'),
    listOf('_wholes', whole, '_digits', '_points'),
    listOf('_fractions', fraction, '_digits', '_points'),
    ...counts,
    listOf(WRITTEN, `if(${isNone}, '${NOT_A_NUMBER}', ${fitted})`, ...lists),
  ]
}

/** A list of an expression over an item each of other lists, whose names have the s of a plural, and its number `_at`. */
function listOf(name: string, expression: string, ...lists: string[]): string {
  const sources = lists.map((list) => (list === '_texts' ? '_odd' : list))
  const items = lists.map((list) => list.slice(0, -1))
  return `arrayMap((${items.join(', ')}, _at) -> ${expression}, ${sources.join(', ')}, arrayEnumerate(_odd)) AS ${name}`
}

/** The digits of a number cut at its decimals, as one integer, which counts up when the next digit is 5 or more. */
function countedUp(decimals: string): string {
  const isTooLong = `length(_whole) > ${MAX_ROUNDED_DIGITS} - ${decimals}`
  const cut = `if(${isTooLong}, '9', concat(_whole, substring(_fraction, 1, ${decimals})))`
  const counted = `toString(toUInt256OrZero(${cut}) + (substring(_fraction, ${decimals} + 1, 1) >= '5'))`
  return `if(${isTooLong}, concat(_whole, repeat('0', toUInt32(${decimals}))), leftPad(${counted}, greatest(length(${counted}), toUInt32(${decimals} + 1)), '0'))`
}

/** An integer with a point before its last digits. */
function pointed(digits: string, decimals: string): string {
  const whole = `substring(${digits}, 1, length(${digits}) - ${decimals})`
  return `concat(${whole}, if(${decimals} > 0, concat('.', substring(${digits}, length(${digits}) - ${decimals} + 1)), ''))`
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
