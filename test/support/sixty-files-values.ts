import type { Cell, ShapedColumn } from './sixty-files.js'

/** A whole number of 0 to `below` - 1 that the row and the salt give: the same each time. */
export function drawn(row: number, salt: number, below: number): number {
  let mixed = Math.imul(row + 1, 0x9e3779b1) ^ Math.imul(salt + 1, 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d)
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39)
  return ((mixed ^ (mixed >>> 15)) >>> 0) % below
}

/** One of the values. */
export function oneOf<T>(row: number, salt: number, values: readonly T[]): T {
  return values[drawn(row, salt, values.length)]!
}

/** A number with exactly so many decimals, as text with a point. */
export function fixed(row: number, salt: number, most: number, decimals: number): string {
  return (drawn(row, salt, most * 10 ** decimals) / 10 ** decimals).toFixed(decimals)
}

/** 2024-01-01 and so many days, hours and minutes. */
export function moment(days: number, minutes = 0, seconds = 0): Date {
  return new Date(Date.UTC(2024, 0, 1) + days * 86_400_000 + minutes * 60_000 + seconds * 1000)
}

/** `YYYY-MM-DD` */
export function isoDay(days: number): string {
  return moment(days).toISOString().slice(0, 10)
}

/** A day in a format of these letters. */
export function day(days: number, format: string): string {
  return written(moment(days), format)
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** A moment in a format of dates and times; M, D and H are without a zero before them. */
export function written(at: Date, format: string): string {
  const two = (number: number): string => String(number).padStart(2, '0')
  const hour = at.getUTCHours()
  const parts: Record<string, string> = {
    YYYY: String(at.getUTCFullYear()),
    YY: two(at.getUTCFullYear() % 100),
    MMM: MONTHS[at.getUTCMonth()]!,
    MM: two(at.getUTCMonth() + 1),
    M: String(at.getUTCMonth() + 1),
    DD: two(at.getUTCDate()),
    D: String(at.getUTCDate()),
    HH: two(hour),
    H: String(hour),
    h: String(hour % 12 || 12),
    mm: two(at.getUTCMinutes()),
    ss: two(at.getUTCSeconds()),
    A: hour < 12 ? 'AM' : 'PM',
  }
  return format.replace(/YYYY|YY|MMM|MM|M|DD|D|HH|H|h|mm|ss|A/g, (token) => parts[token]!)
}

/** `1234567.5` with other separators. */
export function withSeparators(number: string, thousands: string, decimal: string): string {
  const [whole = '', fraction] = number.split('.')
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, thousands)
  return fraction === undefined ? grouped : `${grouped}${decimal}${fraction}`
}

type More = Partial<Pick<ShapedColumn, 'scale' | 'format' | 'parquet'>>

export const text = (header: string, value: (row: number) => Cell, more: More = {}): ShapedColumn => ({
  header,
  value,
  type: 'text',
  ...more,
})
export const integer = (header: string, value: (row: number) => Cell, more: More = {}): ShapedColumn => ({
  header,
  value,
  type: 'integer',
  ...more,
})
export const decimal = (
  header: string,
  scale: number,
  value: (row: number) => Cell,
  more: More = {},
): ShapedColumn => ({ header, value, type: 'decimal', scale, ...more })
export const number = (header: string, value: (row: number) => Cell, more: More = {}): ShapedColumn => ({
  header,
  value,
  type: 'number',
  ...more,
})
export const flag = (header: string, value: (row: number) => Cell, more: More = {}): ShapedColumn => ({
  header,
  value,
  type: 'boolean',
  ...more,
})
export const date = (header: string, value: (row: number) => Cell, format?: string): ShapedColumn => ({
  header,
  value,
  type: 'date',
  format,
})
export const time = (header: string, value: (row: number) => Cell, format?: string, more: More = {}): ShapedColumn => ({
  header,
  value,
  type: 'timestamp',
  format,
  ...more,
})
