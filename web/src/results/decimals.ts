import type { Decimal } from '../api/http'

/** `units / 10 ** scale` */
interface Exact {
  units: bigint
  scale: number
}

/** Beyond that it is a double, whose digits are not exact anyway. */
const MAX_EXPONENT = 400
const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i

/** The exact sum of exact numbers, however many digits they have. */
export function sum(values: readonly Decimal[]): Decimal {
  const exact = values.map(exactOf)
  return exact.every((value) => value !== undefined)
    ? textOf(exact.reduce(add, { units: 0n, scale: 0 }))
    : values.reduce<number>((total, value) => total + Number(value), 0)
}

/** `a - b`, exactly. */
export function difference(a: Decimal, b: Decimal): Decimal {
  const [left, right] = [exactOf(a), exactOf(b)]
  if (!left || !right) return Number(a) - Number(b)
  return textOf(add(left, { ...right, units: -right.units }))
}

/** By how much of `before` it has grown: 0.25 is a quarter more. Null where there is no share of it. */
export function growth(now: Decimal, before: Decimal): number | null {
  const base = Number(before)
  return base === 0 ? null : Number(difference(now, before)) / Math.abs(base)
}

/** For sorting; exact, also where two doubles would be the same. */
export function compare(a: Decimal, b: Decimal): number {
  const [left, right] = [exactOf(a), exactOf(b)]
  if (!left || !right) return Number(a) - Number(b)
  const { units } = add(left, { ...right, units: -right.units })
  return units < 0n ? -1 : units > 0n ? 1 : 0
}

function exactOf(value: Decimal): Exact | undefined {
  const [, sign, whole = '', fraction = '', exponent = '0'] = NUMBER.exec(String(value)) ?? []
  const power = Number(exponent)
  if (sign === undefined || Math.abs(power) > MAX_EXPONENT) return undefined
  const scale = fraction.length - power
  const units = BigInt(`${sign}${whole}${fraction}`)
  return scale < 0 ? { units: units * 10n ** BigInt(-scale), scale: 0 } : { units, scale }
}

function add(a: Exact, b: Exact): Exact {
  const scale = Math.max(a.scale, b.scale)
  return { units: unitsAt(a, scale) + unitsAt(b, scale), scale }
}

function unitsAt({ units, scale }: Exact, wanted: number): bigint {
  return units * 10n ** BigInt(wanted - scale)
}

function textOf({ units, scale }: Exact): string {
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  const fraction = digits.slice(digits.length - scale)
  return `${units < 0n ? '-' : ''}${whole}${fraction && `.${fraction}`}`
}
