import type { Storage } from '../datasets/dataset-definition.js'

/** Where a value lies: the last place at or before it, and whether it is exactly there. */
export interface Place {
  floor: bigint
  exact: boolean
}

/**
 * The values that a number or date member can have, as whole numbers in order: days since 1970, or numbers counted in
 * the member's last decimal. Every comparison becomes one of places on this line, so that values with more decimals than
 * the member, or beyond its range, give the right answer and never an overflow in the engine.
 */
export interface ValueLine {
  first: bigint
  last: bigint
  /** the place of a question's value, or what is wrong with it */
  locate(value: string | number | boolean): Place | string
  /** the place as the text of a parameter of the member's type */
  print(place: bigint): string
}

/** The line of a stored type; undefined for text. */
export function valueLineOf(storage: Storage): ValueLine | undefined {
  return LINES[storage]
}

function wholeNumbers(bits: bigint, signed: boolean): ValueLine {
  const span = 1n << (signed ? bits - 1n : bits)
  return numbers(0, signed ? -span : 0n, span - 1n)
}

function decimals(precision: bigint, scale: number): ValueLine {
  const beyond = 10n ** precision
  return numbers(scale, 1n - beyond, beyond - 1n)
}

function numbers(scale: number, first: bigint, last: bigint): ValueLine {
  return {
    first,
    last,
    locate: (value) => locateNumber(value, scale),
    print: (place) => printNumber(place, scale),
  }
}

const MAX_NUMBER_LENGTH = 400
/** JSON numbers reach from 5e-324 to 1.8e308. */
const MAX_EXPONENT = 400
const NUMBER = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d{1,6}))?$/

function locateNumber(value: string | number | boolean, scale: number): Place | string {
  const text = String(value)
  const match = text.length <= MAX_NUMBER_LENGTH && typeof value !== 'boolean' ? NUMBER.exec(text) : null
  const exponent = Number(match?.[5] ?? 0)
  if (!match || Math.abs(exponent) > MAX_EXPONENT) return 'must be a decimal number, for example "1000" or "-12.5"'
  const fraction = match[3] ?? match[4] ?? ''
  const digits = BigInt(`${match[2] ?? ''}${fraction}`)
  return scaled(match[1] === '-' ? -digits : digits, scale + exponent - fraction.length)
}

/** digits x 10^shift as a place. */
function scaled(digits: bigint, shift: number): Place {
  if (shift >= 0) return { floor: digits * 10n ** BigInt(shift), exact: true }
  const divisor = 10n ** BigInt(-shift)
  const rest = digits % divisor
  // BigInt division cuts towards zero; below zero the floor is one further.
  return { floor: digits / divisor - (rest < 0n ? 1n : 0n), exact: rest === 0n }
}

function printNumber(place: bigint, scale: number): string {
  if (scale === 0) return String(place)
  const digits = String(place < 0n ? -place : place).padStart(scale + 1, '0')
  return `${place < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

const MS_PER_DAY = 86_400_000
const ISO_DATE =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ]([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-][01]\d:?[0-5]\d)?)?$/

/** Date32's range, which is also what the engine can print. */
const DATES: ValueLine = {
  first: dayOf(1900, 1, 1)!,
  last: dayOf(2299, 12, 31)!,
  locate: (value) => locateDate(String(value)),
  print: (place) => new Date(Number(place) * MS_PER_DAY).toISOString().slice(0, 10),
}

const MOMENT = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.(\d{1,9}))?)?(?:Z|[+-]\d\d:?\d\d)$/

/** Milliseconds since 1970, in the years that the engine's type can hold. */
const MOMENTS: ValueLine = {
  first: BigInt(Date.UTC(1900, 0, 1)),
  last: BigInt(Date.UTC(2299, 11, 31)),
  locate: (value) => locateMoment(String(value)),
  print: (place) => new Date(Number(place)).toISOString().replace('T', ' ').slice(0, -1),
}

function locateMoment(text: string): Place | string {
  const match = MOMENT.exec(text)
  const ms = match && typeof locateDate(text.slice(0, 10)) !== 'string' ? Date.parse(text.replace(' ', 'T')) : NaN
  if (Number.isNaN(ms)) return 'must be a moment with its offset (2026-01-15T09:30:00Z), or all values must be dates'
  return { floor: BigInt(ms), exact: !/[1-9]/.test(match?.[1]?.slice(3) ?? '') }
}

/** A date-time is cut to its date as it is written, without regard to its offset. */
function locateDate(text: string): Place | string {
  const match = ISO_DATE.exec(text)
  const day = match ? dayOf(Number(match[1]), Number(match[2]), Number(match[3])) : undefined
  return day === undefined ? 'must be a date of the calendar, written YYYY-MM-DD' : { floor: day, exact: true }
}

/** Days since 1970-01-01; undefined when the calendar has no such day. */
function dayOf(year: number, month: number, day: number): bigint | undefined {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? BigInt(date.getTime() / MS_PER_DAY) : undefined
}

const LINES: Partial<Record<Storage, ValueLine>> = {
  Date32: DATES,
  "DateTime64(3, 'UTC')": MOMENTS,
  Int32: wholeNumbers(32n, true),
  Int64: wholeNumbers(64n, true),
  UInt64: wholeNumbers(64n, false),
  'Decimal(18, 4)': decimals(18n, 4),
  'Decimal(38, 4)': decimals(38n, 4),
  'Decimal(38, 8)': decimals(38n, 8),
  'Decimal(76, 38)': decimals(76n, 38),
}
