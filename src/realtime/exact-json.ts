import { randomBytes } from 'node:crypto'

// JSON.parse makes doubles of numbers, which hold 15 digits of any decimal number for certain. Longer ones are put into
// marked strings first, so that their text survives. The mark cannot be guessed, so nobody can send it.

const MARK = `\u0000${randomBytes(16).toString('hex')}:`
/** Digits and points in a row: wherever it is, maybe in a string, a closer look is worth while. */
const LONG_NUMBER = /\d[\d.]{15}/
const STRING_OR_LONG_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]{15,}/g
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/** As JSON.parse; numbers with more digits than a double keeps come as texts that `exactNumberOf` knows. */
export function parseExactly(text: string): unknown {
  return JSON.parse(LONG_NUMBER.test(text) ? text.replace(STRING_OR_LONG_NUMBER, markedNumber) : text)
}

/** The number's text when parseExactly kept it; undefined for any other value. */
export function exactNumberOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.startsWith(MARK) ? value.slice(MARK.length) : undefined
}

function markedNumber(token: string): string {
  return token.startsWith('"') || !JSON_NUMBER.test(token) ? token : JSON.stringify(MARK + token)
}
