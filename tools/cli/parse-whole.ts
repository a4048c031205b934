import { InvalidArgumentError } from 'commander'

/** The argument of an option that takes a whole number. */
export function parseWhole(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new InvalidArgumentError('It must be a whole number.')
  return value
}

/** The same from 1 on. */
export function parsePositive(text: string): number {
  const value = parseWhole(text)
  if (value < 1) throw new InvalidArgumentError('It must be at least 1.')
  return value
}
