import type { Storage } from '../dataset-definition.js'

/** A value as a whole number: the greatest code at or below it, and whether it is exactly that one. */
export interface EncodedValue {
  floor: bigint
  exact: boolean
}

/**
 * Encodes the values of a number or date member as whole numbers in the same order: days or milliseconds since 1970, or
 * units of the last decimal. Every comparison becomes one of codes, so that values with more decimals than the member, or
 * beyond its range, give the right result and never an overflow in ClickHouse.
 */
export interface OrderedValueCodec {
  min: bigint
  max: bigint
  /** the code of a query's value, or what is wrong with it */
  encode(value: string | number | boolean): EncodedValue | string
  /** the text of a parameter of the member's type */
  decode(code: bigint): string
}

/** The codec of a stored type; undefined for text. */
export function orderedValueCodecOf(storage: Storage): OrderedValueCodec | undefined {
  return CODECS.get(storage) ?? decimalCodecOf(storage)
}

/** Kept, because a query asks for it once for each of its conditions. */
function decimalCodecOf(storage: Storage): OrderedValueCodec | undefined {
  const decimal = /^Decimal\((\d+), (\d+)\)$/.exec(storage)
  if (!decimal) return undefined
  const codec = decimalCodec(BigInt(decimal[1]!), Number(decimal[2]))
  CODECS.set(storage, codec)
  return codec
}

function integerCodec(bits: bigint, signed: boolean): OrderedValueCodec {
  const bound = 1n << (signed ? bits - 1n : bits)
  return numberCodec(0, signed ? -bound : 0n, bound - 1n)
}

function decimalCodec(precision: bigint, scale: number): OrderedValueCodec {
  const bound = 10n ** precision
  return numberCodec(scale, 1n - bound, bound - 1n)
}

function numberCodec(scale: number, min: bigint, max: bigint): OrderedValueCodec {
  return {
    min,
    max,
    encode: (value) => encodeNumber(value, scale),
    decode: (code) => decodeNumber(code, scale),
  }
}

const NOT_A_NUMBER = 'must be a decimal number, for example "1000" or "-12.5"'
const MAX_NUMBER_LENGTH = 400
/** JSON numbers reach from 5e-324 to 1.8e308. */
const MAX_EXPONENT = 400
const NUMBER = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d{1,6}))?$/

function encodeNumber(value: string | number | boolean, scale: number): EncodedValue | string {
  const text = String(value)
  const match = text.length <= MAX_NUMBER_LENGTH && typeof value !== 'boolean' ? NUMBER.exec(text) : null
  const exponent = Number(match?.[5] ?? 0)
  if (!match || Math.abs(exponent) > MAX_EXPONENT) return NOT_A_NUMBER
  const fraction = match[3] ?? match[4] ?? ''
  const digits = BigInt(`${match[2] ?? ''}${fraction}`)
  return scaled(match[1] === '-' ? -digits : digits, scale + exponent - fraction.length)
}

/** digits x 10^shift as a code. */
function scaled(digits: bigint, shift: number): EncodedValue {
  if (shift >= 0) return { floor: digits * 10n ** BigInt(shift), exact: true }
  const divisor = 10n ** BigInt(-shift)
  const rest = digits % divisor
  // BigInt division cuts towards zero; below zero the floor is one further.
  return { floor: digits / divisor - (rest < 0n ? 1n : 0n), exact: rest === 0n }
}

function decodeNumber(code: bigint, scale: number): string {
  if (scale === 0) return String(code)
  const digits = String(code < 0n ? -code : code).padStart(scale + 1, '0')
  return `${code < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

const MS_PER_DAY = 86_400_000
const ISO_DATE =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ]([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-][01]\d:?[0-5]\d)?)?$/

/** Date32's range, which is also what ClickHouse can print. */
const DATE_CODEC: OrderedValueCodec = {
  min: dayOf(1900, 1, 1)!,
  max: dayOf(2299, 12, 31)!,
  encode: (value) => encodeDate(String(value)),
  decode: (code) => new Date(Number(code) * MS_PER_DAY).toISOString().slice(0, 10),
}

const TIMESTAMP = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.(\d{1,9}))?)?(?:Z|[+-]\d\d:?\d\d)$/

/** Milliseconds since 1970, in the years that ClickHouse's type can hold. */
const TIMESTAMP_CODEC: OrderedValueCodec = {
  min: BigInt(Date.UTC(1900, 0, 1)),
  max: BigInt(Date.UTC(2299, 11, 31)),
  encode: (value) => encodeTimestamp(String(value)),
  decode: (code) => new Date(Number(code)).toISOString().replace('T', ' ').slice(0, -1),
}

function encodeTimestamp(text: string): EncodedValue | string {
  const match = TIMESTAMP.exec(text)
  const ms = match && typeof encodeDate(text.slice(0, 10)) !== 'string' ? Date.parse(text.replace(' ', 'T')) : NaN
  if (Number.isNaN(ms)) return 'must be a timestamp with its offset (2026-01-15T09:30:00Z), or all values must be dates'
  return { floor: BigInt(ms), exact: !/[1-9]/.test(match?.[1]?.slice(3) ?? '') }
}

/** A date-time is cut to its date as it is written, without regard to its offset. */
function encodeDate(text: string): EncodedValue | string {
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

/** Of the texts that files have for it, in any case. */
const TRUTHS = new Map([
  ...['true', 't', 'yes', 'y', '1'].map((text): [string, bigint] => [text, 1n]),
  ...['false', 'f', 'no', 'n', '0'].map((text): [string, bigint] => [text, 0n]),
])

const BOOLEAN_CODEC: OrderedValueCodec = {
  min: 0n,
  max: 1n,
  encode: (value) => {
    const floor = TRUTHS.get(String(value).toLowerCase())
    return floor === undefined ? 'must be true or false' : { floor, exact: true }
  },
  decode: (code) => (code === 1n ? 'true' : 'false'),
}

const DOUBLE_BITS = 1n << 64n
const SIGN = 1n << 63n

/** The bits of a double are in its order, those of negative ones backwards. A value stands for the double next to it. */
const DOUBLE_CODEC: OrderedValueCodec = {
  min: codeOfDouble(-Number.MAX_VALUE),
  max: codeOfDouble(Number.MAX_VALUE),
  encode: (value) => {
    const text = String(value)
    const isNumber = typeof value !== 'boolean' && text.length <= MAX_NUMBER_LENGTH && NUMBER.test(text)
    if (!isNumber) return NOT_A_NUMBER
    return { floor: codeOfDouble(Number(text)), exact: true }
  },
  decode: (code) => String(doubleOfCode(code)),
}

function codeOfDouble(value: number): bigint {
  // There are two zeros, which are equal.
  const bits = new BigInt64Array(new Float64Array([value === 0 ? 0 : value]).buffer)[0]!
  return bits >= 0n ? bits : SIGN - (bits + DOUBLE_BITS)
}

function doubleOfCode(code: bigint): number {
  const bits = code >= 0n ? code : SIGN - code - DOUBLE_BITS
  return new Float64Array(new BigInt64Array([bits]).buffer)[0]!
}

const CODECS = new Map<Storage, OrderedValueCodec>([
  ['Bool', BOOLEAN_CODEC],
  ['Date32', DATE_CODEC],
  ["DateTime64(3, 'UTC')", TIMESTAMP_CODEC],
  ['Int32', integerCodec(32n, true)],
  ['Int64', integerCodec(64n, true)],
  ['Int128', integerCodec(128n, true)],
  ['UInt64', integerCodec(64n, false)],
  ['Float64', DOUBLE_CODEC],
])
