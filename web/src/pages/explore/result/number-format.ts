import type { Decimal } from '../../../api/http'

const MAX_DIGITS = 20
const double = new Intl.NumberFormat('en-US', { maximumFractionDigits: MAX_DIGITS })
const MIN_WRITTEN_OUT = 1e-6
const MAX_WRITTEN_OUT = 1e15
const short = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 })

/** Writes every digit of a column's numbers, however many, and as many decimals as the longest of them has. */
function exactFormat(values: readonly unknown[]): (value: Decimal) => string {
  const longest = values.reduce<number>((most, value) => Math.max(most, digitsBehindPoint(value)), 0)
  const digits = Math.min(longest, MAX_DIGITS)
  const format = new Intl.NumberFormat('en-US', { minimumFractionDigits: digits, maximumFractionDigits: MAX_DIGITS })
  // Intl formats the text of a number as it is.
  return (value) => format.format(value as number)
}

function digitsBehindPoint(value: unknown): number {
  return String(value).split('.')[1]?.length ?? 0
}

/** For the axes of a chart. */
export function formatShort(value: number): string {
  return short.format(value)
}

/** How the numbers of a column are written. Doubles differ in the length of their digits; decimals of a column do not. */
export function formatOf(type: string, values: readonly unknown[]): (value: Decimal) => string {
  return type === 'number' ? doubleFormat : exactFormat(values)
}

/** A double with the digits that tell it from its neighbours, and no more. */
function doubleFormat(value: Decimal): string {
  const number = Number(value)
  const isReadable = number === 0 || (Math.abs(number) >= MIN_WRITTEN_OUT && Math.abs(number) < MAX_WRITTEN_OUT)
  return isReadable ? double.format(number) : String(value)
}

const NUMBERS = ['decimal', 'integer', 'number']

export function isNumber(type: string): boolean {
  return NUMBERS.includes(type)
}
