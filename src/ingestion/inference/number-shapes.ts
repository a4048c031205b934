import { ACCOUNTING, LOOKS_LIKE_ACCOUNTING } from '../mapping/accounting.js'
import type { NumberFormat } from '../../datasets/number-separators.js'
import { isStandard, numberPattern, SEPARATOR_PATTERNS } from '../mapping/number-format.js'
import { NUMBER } from '../mapping/number-text.js'

/** How the numbers of a file are written. */
export interface NumberStyle extends NumberFormat {
  /** currency signs and `(45.00)` */
  isAccounting: boolean
}

export const PLAIN_STYLE: NumberStyle = { decimalSeparator: '.', thousandsSeparator: '', isAccounting: false }

/** A number, taken apart. */
export interface NumberShape {
  /** digits before the point, without leading zeros */
  whole: number
  /** digits behind the point, without zeros at the end, once the exponent has moved it */
  decimals: number
  /** digits from the first to the last that is not 0 */
  significant: number
  exponent: number
  hasExponent: boolean
  /** `007` and the like */
  hasLeadingZeros: boolean
  hasSign: boolean
  hasPoint: boolean
}

const NUMBER_PARTS = new RegExp(NUMBER)
const ACCOUNTING_PARTS = new RegExp(ACCOUNTING)
const MAYBE_ACCOUNTING = new RegExp(LOOKS_LIKE_ACCOUNTING)

/** Reads numbers that are written in one way, as the load reads them. */
export class NumberReader {
  private readonly pattern: RegExp
  private readonly thousands: RegExp | undefined

  constructor(private readonly style: NumberStyle) {
    const thousands = SEPARATOR_PATTERNS[style.thousandsSeparator]
    this.pattern = new RegExp(numberPattern(style))
    this.thousands = thousands ? new RegExp(thousands, 'g') : undefined
  }

  /** undefined when it is no number */
  read(text: string): NumberShape | undefined {
    const plain = this.style.isAccounting ? withoutAccounting(text) : text
    if (!this.pattern.test(plain)) return undefined
    const joined = this.thousands ? plain.replace(this.thousands, '') : plain
    return shapeOf(this.style.decimalSeparator === ',' ? joined.replace(',', '.') : joined)
  }

  get isStandard(): boolean {
    return isStandard(this.style) && !this.style.isAccounting
  }
}

/** `$1,234.50` is 1,234.50, and (45.00) and 45.00- are -45.00; what is none stays as it is. */
function withoutAccounting(text: string): string {
  const groups = ACCOUNTING_PARTS.exec(text)
  if (!groups) return text
  const count = (...at: number[]): number => at.filter((group) => groups[group] !== undefined).length
  const isSound = count(3, 9) <= 1 && count(1, 5) === count(8, 11) && count(1, 5, 2, 4, 7, 10) <= 1
  if (!isSound) return text
  const isNegative = count(1, 5, 7, 10) === 1 || groups[2] === '-' || groups[4] === '-'
  return `${isNegative ? '-' : ''}${groups[6]}`
}

/** Whether a text has a sign of money or stands in parentheses, as accountants write numbers. */
export function looksLikeAccounting(text: string): boolean {
  return /[0-9]/.test(text) && MAYBE_ACCOUNTING.test(text)
}

function shapeOf(text: string): NumberShape | undefined {
  const parts = NUMBER_PARTS.exec(text)
  if (!parts) return undefined
  const [, sign = '', before = '', behind = '', exponentText] = parts
  if (before === '' && behind === '') return undefined
  const exponent = Number(exponentText ?? 0)
  const digits = (before + behind).replace(/^0+|0+$/g, '')
  const trailing = behind.replace(/0+$/, '')
  const decimals = trailing === '' ? zerosAtEnd(before, exponent) : Math.max(0, trailing.length - exponent)
  return {
    whole: Math.max(0, before.replace(/^0+/, '').length + exponent),
    decimals,
    significant: digits.length,
    exponent,
    hasExponent: exponentText !== undefined,
    hasLeadingZeros: /^0[0-9]/.test(before),
    hasSign: sign !== '',
    hasPoint: text.includes('.'),
  }
}

/** Decimals of a whole number that an exponent makes small: 25e-1 has one. */
function zerosAtEnd(before: string, exponent: number): number {
  if (exponent >= 0) return 0
  const zeros = /0*$/.exec(before)![0].length
  return Math.max(0, -exponent - zeros)
}
