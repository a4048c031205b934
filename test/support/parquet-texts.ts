import type { PhysicalValue } from './parquet-encodings.js'

/**
 * What a value of a column stands for, worked out from what is stored and without the product: the text that ingestion
 * must make of it. Floats that are not whole are compared as numbers, since several texts are right.
 */
export type Meaning =
  | { kind: 'boolean' | 'text' | 'date' | 'uuid' | 'int96' | 'float' | 'double' | 'float16' }
  | { kind: 'integer'; unsignedBits?: 32 | 64 }
  | { kind: 'decimal'; scale: number }
  | { kind: 'time'; digits: 3 | 6 | 9 }
  | { kind: 'timestamp'; digits: 3 | 6 | 9; isUtc: boolean }

/** The value and its text as bytes; undefined when they are the same. */
export function differenceOf(meaning: Meaning, value: PhysicalValue | null, text: Buffer): string | undefined {
  const isSame = value === null ? text.length === 0 : isTextOf(meaning, value, text)
  if (isSame) return undefined
  const shown = value === null ? 'null' : Buffer.isBuffer(value) ? `0x${value.toString('hex')}` : String(value)
  const right = value === null ? '' : rightText(meaning, value)
  return `${JSON.stringify(meaning)} ${shown}: ${JSON.stringify(text.toString('latin1'))} instead of ${JSON.stringify(right)}`
}

function isTextOf(meaning: Meaning, value: PhysicalValue, text: Buffer): boolean {
  if (meaning.kind === 'text') return text.equals(value as Buffer)
  const read = text.toString('latin1')
  if (['float', 'double', 'float16'].includes(meaning.kind))
    return isFloatText(meaning.kind, floatOf(meaning, value), read)
  return read === rightText(meaning, value)
}

const NOT_NUMBERS: Record<string, number> = { nan: Number.NaN, inf: Infinity, '-inf': -Infinity }

/** Longer than any text of 7 digits, which is exact. */
const isLong = (value: number): boolean => Math.abs(value) >= 1e7 && Math.abs(value) < 1e17

function isFloatText(kind: string, value: number, text: string): boolean {
  if (text === '') return false
  if (Number.isInteger(value) && isLong(value)) return text === String(BigInt(value))
  const number = NOT_NUMBERS[text] ?? Number(text)
  if (text !== 'nan' && Number.isNaN(number)) return false
  return Object.is(kind === 'double' ? number : Math.fround(number), value)
}

function floatOf({ kind }: Meaning, value: PhysicalValue): number {
  return kind === 'float16' ? float16((value as Buffer).readUInt16LE()) : (value as number)
}

function float16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 31) return fraction ? Number.NaN : sign * Infinity
  return exponent === 0 ? (sign * fraction) / 2 ** 24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

function rightText(meaning: Meaning, value: PhysicalValue): string {
  switch (meaning.kind) {
    case 'text':
      return (value as Buffer).toString('latin1')
    case 'uuid':
      return (value as Buffer).toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
    case 'integer': {
      const { unsignedBits } = meaning
      return String(unsignedBits ? BigInt.asUintN(unsignedBits, integerOf(value)) : integerOf(value))
    }
    case 'decimal':
      return decimal(integerOf(value), meaning.scale)
    case 'date':
      return date(integerOf(value))
    case 'time': {
      const day = 86_400n * 10n ** BigInt(meaning.digits)
      const units = integerOf(value)
      const unit = { 3: 'milliseconds', 6: 'microseconds', 9: 'nanoseconds' }[meaning.digits]
      return units >= 0n && units < day ? timeOfDay(units, meaning.digits) : `${units} ${unit} since midnight`
    }
    case 'timestamp':
      return moment(0n, integerOf(value), meaning.digits) + (meaning.isUtc ? 'Z' : '')
    case 'int96': {
      const bytes = value as Buffer
      return `${moment(BigInt(bytes.readInt32LE(8)) - 2_440_588n, bytes.readBigInt64LE(0), 9)}Z`
    }
    default:
      return String(meaning.kind === 'boolean' ? value : floatOf(meaning, value))
  }
}

/** Bytes are big-endian and in two's complement. */
function integerOf(value: PhysicalValue): bigint {
  if (!Buffer.isBuffer(value)) return BigInt(value)
  return value.length === 0 ? 0n : BigInt.asIntN(value.length * 8, BigInt(`0x${value.toString('hex')}`))
}

function decimal(integer: bigint, scale: number): string {
  const digits = (integer < 0n ? -integer : integer).toString().padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, '')
  return `${integer < 0n ? '-' : ''}${whole}${fraction ? `.${fraction}` : ''}`
}

function moment(firstDay: bigint, units: bigint, digits: 3 | 6 | 9): string {
  const aDay = 86_400n * 10n ** BigInt(digits)
  const ofDay = ((units % aDay) + aDay) % aDay
  return `${date(firstDay + (units - ofDay) / aDay)}T${timeOfDay(ofDay, digits)}`
}

function timeOfDay(units: bigint, digits: 3 | 6 | 9): string {
  const perSecond = 10n ** BigInt(digits)
  const seconds = units / perSecond
  const two = (number: bigint): string => String(number).padStart(2, '0')
  const fraction = String(units % perSecond).padStart(digits, '0')
  return `${two(seconds / 3600n)}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}.${fraction}`
}

/** Whole cycles of 400 years are taken out, since a Date ends in the year 275760. */
function date(days: bigint): string {
  const cycleDays = 146_097n
  const ofCycle = ((days % cycleDays) + cycleDays) % cycleDays
  const alike = new Date(Number(ofCycle) * 86_400_000)
  const year = BigInt(alike.getUTCFullYear()) + ((days - ofCycle) / cycleDays) * 400n
  const digits = String(year < 0n ? -year : year).padStart(4, '0')
  return `${year < 0n ? '-' : year > 9999n ? '+' : ''}${digits}${alike.toISOString().slice(4, 10)}`
}
