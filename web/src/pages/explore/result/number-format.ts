import type { Decimal } from '../../../api/http'

const MAX_DIGITS = 20
const short = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 })

/** Writes every digit of a column's numbers, however many, and as many decimals as the longest of them has. */
export function exactFormat(values: readonly unknown[]): (value: Decimal) => string {
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

const NUMBERS = ['decimal', 'integer']

export function isNumber(type: string): boolean {
  return NUMBERS.includes(type)
}
