import { ValidationError } from '../errors/app-error.js'
import { endOfString } from './json-strings.js'

// JSON.parse makes doubles of numbers, which hold 15 digits of any decimal number for certain, and more of some.

/** Only a number with so many digits or such an exponent can be rounded: most bodies have neither, strings included. */
const MAY_BE_ROUNDED = /\d[\d.]{15}|\d[eE][+-]?\d{3}/
/** The beginning of a string, or all of such a number. */
const STRING_OR_SUCH_NUMBER = /"|-?\d[\d.]{15,}(?:[eE][+-]?\d+)?|-?\d[\d.]*[eE][+-]?\d{3,}/g
const PARTS = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/
/** As much of a number as a message shows. */
const MAX_SHOWN = 60

/**
 * Throws ValidationError (400) where a number of a body is another one than was sent once it is a double.
 *
 * @param json valid JSON
 */
export function refuseRoundedNumbers(json: string): void {
  const rounded = MAY_BE_ROUNDED.test(json) ? roundedNumberIn(json) : undefined
  if (rounded === undefined) return
  const shown = rounded.length > MAX_SHOWN ? `${rounded.slice(0, MAX_SHOWN)}…` : rounded
  const message = `The number ${shown} would be rounded, because JSON numbers keep about 15 digits: write it as a string.`
  throw new ValidationError([{ path: '', message }])
}

function roundedNumberIn(json: string): string | undefined {
  const tokens = new RegExp(STRING_OR_SUCH_NUMBER)
  for (let token = tokens.exec(json); token; token = tokens.exec(json)) {
    const [text] = token
    if (text === '"') tokens.lastIndex = endOfString(json, token.index)
    else if (valueOf(text) !== valueOf(String(Number(text)))) return text
  }
  return undefined
}

/** The magnitude, written in one way only: digits without zeros around them, and the power of ten of the last. */
function valueOf(number: string): string | undefined {
  const [, whole = '', fraction = '', exponent = '0'] = PARTS.exec(number) ?? []
  const digits = whole + fraction
  let [first, end] = [0, digits.length]
  while (digits[first] === '0') first++
  while (end > first && digits[end - 1] === '0') end--
  return first === end ? '0' : `${digits.slice(first, end)}e${Number(exponent) - fraction.length + digits.length - end}`
}
