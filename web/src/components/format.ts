import type { Decimal } from '../api/http'

const LOCALE = 'en-US'
const integer = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 })
const decimal = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: 2, maximumFractionDigits: 2 })
const measured = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 2 })
const small = new Intl.NumberFormat(LOCALE, { maximumSignificantDigits: 3 })
const compact = new Intl.NumberFormat(LOCALE, { notation: 'compact', maximumFractionDigits: 1 })
const percent = new Intl.NumberFormat(LOCALE, { style: 'percent', maximumFractionDigits: 1 })
const instant = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' })
const day = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium' })
const utcDay = new Intl.DateTimeFormat(LOCALE, { month: 'short', day: 'numeric', timeZone: 'UTC' })
const time = new Intl.DateTimeFormat(LOCALE, { timeStyle: 'medium', hourCycle: 'h23' })
const relative = new Intl.RelativeTimeFormat(LOCALE, { numeric: 'auto' })

/** Intl formats the text of a number exactly, however many digits it has. */
function exact(value: Decimal): number {
  return value as number
}

/** 1,234,567 */
export function formatInteger(value: Decimal): string {
  return integer.format(exact(value))
}

/** Of what moves a balance: +500, −124, 0 */
export function formatSigned(amount: number): string {
  if (amount === 0) return '0'
  return `${amount > 0 ? '+' : '−'}${formatInteger(Math.abs(amount))}`
}

/** Two digits behind the point: 1,234.50 */
export function formatDecimal(value: Decimal): string {
  return decimal.format(exact(value))
}

/** 1.2M, 0.0042 */
export function formatCompact(value: Decimal): string {
  return (Math.abs(Number(value)) < 1 ? small : compact).format(exact(value))
}

/** Of anything that was measured: 1,234.5, 0.0042 */
export function formatMeasured(value: number): string {
  return (Math.abs(value) < 1 ? small : measured).format(value)
}

/** Of a share: 0.123 is 12.3% */
export function formatPercent(share: number): string {
  return percent.format(share)
}

/** In the reader's time zone. */
export function formatInstant(iso: string): string {
  return instant.format(new Date(iso))
}

export function formatDay(iso: string): string {
  return day.format(new Date(iso))
}

/** Of a day such as 2026-01-31, wherever the reader is: Jan 31 */
export function formatUtcDay(date: string): string {
  return utcDay.format(new Date(date))
}

/** The time of day in the reader's time zone: 14:03:05 */
export function formatTime(iso: string): string {
  return time.format(new Date(iso))
}

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
]

/** 5 minutes ago */
export function formatAgo(iso: string, now = Date.now()): string {
  const seconds = Math.round((Date.parse(iso) - now) / 1000)
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ['second', 1]
  return relative.format(Math.round(seconds / size), unit)
}

/** 1.5 MB; a kB has 1,000 bytes */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1)
  const value = bytes / 1000 ** power
  return `${power === 0 ? value : value.toFixed(1)} ${units[power]}`
}

/** 850 ms, 12 s, 3 min 5 s */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`
  const seconds = Math.round(milliseconds / 1000)
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}
