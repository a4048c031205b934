import type { Decimal } from '../../../api/http'

const exact = new Intl.NumberFormat('en-US', { maximumFractionDigits: 20 })
const short = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 })

/** Every digit, however many: Intl formats the text of a number as it is. */
export function formatExact(value: Decimal): string {
  return exact.format(value as number)
}

/** For the axes of a chart. */
export function formatShort(value: number): string {
  return short.format(value)
}

const NUMBERS = ['decimal', 'integer']

export function isNumber(type: string): boolean {
  return NUMBERS.includes(type)
}
