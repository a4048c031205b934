import { EVENT_LIMITS } from './event-limits.js'

const NUMBER = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/

/** What is wrong with a JSON number, or undefined: it must fit the column exactly. */
export function numberProblem(text: string): string | undefined {
  const match = NUMBER.exec(text)
  if (!match) return 'is too large'
  const fraction = match[2] ?? ''
  const digits = `${match[1]}${fraction}`.replace(/^0+/, '')
  if (digits === '') return undefined
  // An expression would look at each run of zeros once for every zero in it.
  let trailingZeros = 0
  while (digits.at(-1 - trailingZeros) === '0') trailingZeros++
  // The value is `digits` x 10^exponent.
  const exponent = Number(match[3] ?? 0) - fraction.length
  if (digits.length + exponent > EVENT_LIMITS.integerDigits) return `must be less than 1e${EVENT_LIMITS.integerDigits}`
  if (-(exponent + trailingZeros) > EVENT_LIMITS.decimals) return `has more than ${EVENT_LIMITS.decimals} decimals`
  return undefined
}

/** Most doubles need no closer look: of no more than 17 digits, these have less than 38 decimals. */
export function needsNoCheck(value: number): boolean {
  const magnitude = Math.abs(value)
  return value === 0 || (magnitude >= 1e-20 && magnitude < 1e28)
}
