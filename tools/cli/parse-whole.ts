import { InvalidArgumentError } from 'commander'

/** The argument of an option that takes a whole number. */
export function parseWhole(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new InvalidArgumentError('It must be a whole number.')
  return value
}
