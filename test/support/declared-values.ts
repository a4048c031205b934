// Values as the tests of declared datasets compute with them: exact, and by no code of src.

export type ValueType = 'text' | 'integer' | 'decimal' | 'number' | 'boolean' | 'date' | 'timestamp'

/** Digits over a power of ten. */
export interface Exact {
  units: bigint
  scale: number
}

/** Text and dates (YYYY-MM-DD) as text, timestamps as milliseconds, integers and decimals exact, `number` as a double. */
export type Cell = string | boolean | Exact | { double: number } | { ms: number } | null

export function exact(units: bigint, scale = 0): Exact {
  return { units, scale }
}

/** Of a text such as "-1.50", "1e3" or ".5"; it may have more digits than any column. */
export function exactOf(text: string): Exact {
  const [, sign, whole, fraction = '', exponent = '0'] = /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(text)!
  const digits = BigInt(`${whole}${fraction}` || '0') * (sign === '-' ? -1n : 1n)
  const scale = fraction.length - Number(exponent)
  return scale < 0 ? exact(digits * 10n ** BigInt(-scale)) : exact(digits, scale)
}

/** Less than 0, 0 or more: texts by their UTF-8 bytes, false before true, everything else by value. */
export function compareCells(a: NonNullable<Cell>, b: NonNullable<Cell>): number {
  if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b as string))
  if (typeof a === 'boolean') return Number(a) - Number(b)
  if ('ms' in a) return a.ms - (b as { ms: number }).ms
  if ('double' in a) return compareNumbers(a.double, (b as { double: number }).double)
  const [left, right] = sameScale(a, b as Exact)
  return compareNumbers(left, right)
}

export function compareNullsLast(a: Cell, b: Cell): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null)
  return compareCells(a, b)
}

function compareNumbers<T extends number | bigint>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function sameScale(a: Exact, b: Exact): [bigint, bigint] {
  const scale = Math.max(a.scale, b.scale)
  const scaled = (value: Exact) => value.units * 10n ** BigInt(scale - value.scale)
  return [scaled(a), scaled(b)]
}

export function plus(a: Exact, b: Exact): Exact {
  const [left, right] = sameScale(a, b)
  return exact(left + right, Math.max(a.scale, b.scale))
}

/** To so many decimals, halves away from zero; the divisor is not 0. */
export function divided(a: Exact, b: Exact, decimals: number): Exact {
  const [left, right] = sameScale(a, b)
  const magnitude = (value: bigint) => (value < 0n ? -value : value)
  const [over, under] = [magnitude(left) * 10n ** BigInt(decimals), magnitude(right)]
  const rounded = (over * 2n + under) / (under * 2n)
  return exact(left < 0n !== right < 0n ? -rounded : rounded, decimals)
}

/** Without an exponent and without zeros at its end. */
export function decimalText({ units, scale }: Exact): string {
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0')
  const [whole, fraction] = [digits.slice(0, digits.length - scale), digits.slice(digits.length - scale)]
  const rest = fraction.replace(/0+$/, '')
  return `${units < 0n ? '-' : ''}${whole}${rest && `.${rest}`}`
}

/** As answers have it; 0 and -0 are the same. */
export function printed(value: Cell): string | null {
  if (value === null || typeof value === 'string') return value
  if (typeof value === 'boolean') return String(value)
  if ('ms' in value) return new Date(value.ms).toISOString()
  return 'double' in value ? doubleText(value.double) : decimalText(value)
}

/** JavaScript's text of a double, which reads back as the same one. */
export function doubleText(value: number): string {
  return String(value === 0 ? 0 : value)
}

/** Letter by letter, so that no sigma is the last of a word; written as one, it is the same letter. */
export function caseless(text: string): string {
  return [...text].map((letter) => letter.toLowerCase().replace('ς', 'σ')).join('')
}
