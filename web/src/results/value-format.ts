import type { Decimal } from '../api/http'
import type { ColumnFormat } from './result-view'
import { textOf, type ResultValue } from './result-data'

/** More are not written in a table; all of them are seen on hover. */
const MAX_SHOWN_DIGITS = 4
const MAX_DIGITS = 20
/** Of a share without a wanted number of digits. */
const PERCENT_DIGITS = 1
const MIN_WRITTEN_OUT = 1e-6
const MAX_WRITTEN_OUT = 1e15
const NUMBERS = ['decimal', 'integer', 'number']

/** Writes the numbers of one column, in the reader's locale. */
export interface NumberWriter {
  /** as it is shown */
  text: (value: Decimal) => string
  /** with every digit that it has */
  exact: (value: Decimal) => string
}

export function isNumber(type: string): boolean {
  return NUMBERS.includes(type)
}

/** What is wanted of a column, else as many digits as its numbers have. Doubles differ in the length of their digits; decimals of a column do not. */
export function writerOf(type: string, values: readonly ResultValue[], format?: ColumnFormat): NumberWriter {
  const isDouble = type === 'number'
  const exact = withUnit(format, { maximumFractionDigits: MAX_DIGITS })
  const longest = Math.min(digitsOf(values), MAX_SHOWN_DIGITS)
  const digits = isDouble ? { maximumFractionDigits: MAX_SHOWN_DIGITS } : fixed(longest)
  const shown = withUnit(
    format,
    format?.decimals === undefined ? (defaultDigits(format) ?? digits) : fixed(format.decimals),
  )
  const isPlain = !format || format.kind === 'number'
  const write = (value: Decimal, by: Intl.NumberFormat) =>
    isPlain && isFar(value) ? String(value) : formatted(by, value)
  return { text: (value) => write(value, shown), exact: (value) => write(value, exact) }
}

/** `12.3%`, `+12.3%` of a change */
export function formatShare(share: number, signDisplay: 'auto' | 'exceptZero' = 'auto'): string {
  return new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1, signDisplay }).format(share)
}

const short = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 2 })

/** For the axes of a chart, where the steps are round. */
export function shortOf(format: ColumnFormat | undefined): (value: Decimal) => string {
  if (!format || format.kind === 'number' || format.kind === 'compact') return (value) => formatted(short, value)
  const notation = format.kind === 'currency' ? ({ notation: 'compact' } as const) : {}
  const by = withUnit(format, { ...notation, maximumFractionDigits: 2, minimumFractionDigits: 0 })
  return (value) => formatted(by, value)
}

/** A cell of any type as text. */
export function cellText(value: ResultValue, writer: NumberWriter | undefined): string {
  return writer && value !== null && value !== '' && (typeof value === 'number' || typeof value === 'string')
    ? writer.text(value)
    : textOf(value)
}

function withUnit(format: ColumnFormat | undefined, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  switch (format?.kind) {
    case 'currency':
      return new Intl.NumberFormat(undefined, { style: 'currency', currency: currencyOf(format), ...options })
    case 'percent':
      return new Intl.NumberFormat(undefined, { style: 'percent', ...options })
    default:
      return new Intl.NumberFormat(undefined, options)
  }
}

/** A currency that is typed in half is none yet. */
function currencyOf({ currency = 'USD' }: ColumnFormat): string {
  return /^[A-Za-z]{3}$/.test(currency) ? currency : 'USD'
}

function defaultDigits(format: ColumnFormat | undefined): Intl.NumberFormatOptions | undefined {
  switch (format?.kind) {
    case 'currency':
      // As many as the currency has.
      return {}
    case 'percent':
      return { maximumFractionDigits: PERCENT_DIGITS }
    case 'compact':
      return { notation: 'compact', maximumFractionDigits: 1 }
    default:
      return undefined
  }
}

function fixed(digits: number): Intl.NumberFormatOptions {
  return { minimumFractionDigits: digits, maximumFractionDigits: digits }
}

function digitsOf(values: readonly ResultValue[]): number {
  return values.reduce<number>((most, value) => Math.max(most, String(value).split('.')[1]?.length ?? 0), 0)
}

/** A double whose digits written out would be a row of zeros. */
function isFar(value: Decimal): boolean {
  const size = Math.abs(Number(value))
  return String(value).includes('e') && size !== 0 && (size < MIN_WRITTEN_OUT || size >= MAX_WRITTEN_OUT)
}

/** Intl formats the text of a number exactly, however many digits it has. */
function formatted(format: Intl.NumberFormat, value: Decimal): string {
  return format.format(value as number)
}
