import { randomBytes } from 'node:crypto'
import { refuseDuplicateKeys } from '../common/json/duplicate-keys.js'
import { endOfString } from '../common/json/json-strings.js'

// JSON.parse makes doubles of numbers, which hold 15 digits of any decimal number for certain. Longer ones are put into
// marked strings first, so that their text survives. The mark cannot be guessed, so nobody can send it.

const MARK = `\u0000${randomBytes(16).toString('hex')}:`
/** Digits and points in a row: wherever it is, maybe in a string, a closer look is worth while. */
const LONG_NUMBER = /\d[\d.]{15}/
/** The beginning of a string, or all of a long number. */
const STRING_OR_LONG_NUMBER = /"|-?\d[\d.eE+-]{15,}/g

/**
 * As JSON.parse; numbers with more digits than a double keeps come as texts that `exactNumberOf` knows. Throws
 * ValidationError for a field that is given twice, of which JSON.parse would lose one.
 */
export function parseExactly(text: string): unknown {
  const parsed: unknown = JSON.parse(text)
  refuseDuplicateKeys(text)
  return LONG_NUMBER.test(text) ? JSON.parse(withMarkedNumbers(text)) : parsed
}

/** The number's text when parseExactly kept it; undefined for any other value. */
export function exactNumberOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.startsWith(MARK) ? value.slice(MARK.length) : undefined
}

function withMarkedNumbers(json: string): string {
  const tokens = new RegExp(STRING_OR_LONG_NUMBER)
  const parts: string[] = []
  let copied = 0
  for (let token = tokens.exec(json); token; token = tokens.exec(json)) {
    const [text] = token
    if (text === '"') tokens.lastIndex = endOfString(json, token.index)
    else {
      parts.push(json.slice(copied, token.index), JSON.stringify(MARK + text))
      copied = tokens.lastIndex
    }
  }
  return parts.join('') + json.slice(copied)
}
