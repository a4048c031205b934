import { isStandard, type NumberFormat } from '../mapping/number-format.js'

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

/** As number-format.ts has them. */
const SEPARATORS = { '': '', '.': '\\.', ',': ',', "'": "(?:'|\u2019)", ' ': '(?: |\u00a0|\u202f|\u2009)' }
const NUMBER = /^([+-]?)([0-9]*)\.?([0-9]*)(?:[eE]([+-]?[0-9]+))?$/
const CURRENCY = /^([+-]?)[ \u00a0]?\p{Sc}[ \u00a0]?|[ \u00a0]?\p{Sc}$/gu
const PARENTHESES = /^\((.+)\)$/

/** Reads numbers that are written in one way, as the load reads them. */
export class NumberReader {
  private readonly pattern: RegExp
  private readonly thousands: RegExp | undefined

  constructor(private readonly style: NumberStyle) {
    const thousands = SEPARATORS[style.thousandsSeparator]
    const grouped = thousands && `[1-9][0-9]{0,2}(?:${thousands}[0-9]{3})+|`
    const decimal = SEPARATORS[style.decimalSeparator]
    this.pattern = new RegExp(`^[+-]?(?:${grouped}[0-9]*)(?:${decimal}[0-9]*)?(?:[eE][+-]?[0-9]+)?$`)
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

/** `$1,234.50` is 1,234.50, `(45.00)` is -45.00 */
function withoutAccounting(text: string): string {
  const inner = PARENTHESES.exec(text)?.[1]
  const plain = (inner ?? text).replace(CURRENCY, '$1')
  return inner !== undefined && !/^[+-]/.test(plain) ? `-${plain}` : plain
}

/** Whether a text has a sign of money or stands in parentheses, as accountants write numbers. */
export function looksLikeAccounting(text: string): boolean {
  return /[0-9]/.test(text) && (/\p{Sc}/u.test(text) || PARENTHESES.test(text))
}

function shapeOf(text: string): NumberShape | undefined {
  const parts = NUMBER.exec(text)
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
