// The bytes of JSON's grammar, and tables that tell of each byte what it can be.

export const QUOTE = 0x22
export const BACKSLASH = 0x5c
export const COMMA = 0x2c
export const COLON = 0x3a
export const OPEN_BRACE = 0x7b
export const CLOSE_BRACE = 0x7d
export const OPEN_BRACKET = 0x5b
export const CLOSE_BRACKET = 0x5d
export const MINUS = 0x2d
export const PLUS = 0x2b
export const POINT = 0x2e
export const ZERO = 0x30
export const LF = 0x0a

/** 1 for the bytes that stand for themselves in a string */
export const IS_PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
)
export const IS_SPACE = Uint8Array.from({ length: 256 }, (_, byte) => ([0x20, 0x09, 0x0a, 0x0d].includes(byte) ? 1 : 0))
export const IS_DIGIT = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= ZERO && byte <= 0x39 ? 1 : 0))
export const IS_HEX = Uint8Array.from({ length: 256 }, (_, byte) =>
  /[0-9a-fA-F]/.test(String.fromCharCode(byte)) ? 1 : 0,
)
export const IS_ESCAPE = Uint8Array.from({ length: 256 }, (_, byte) =>
  '"\\/bfnrt'.includes(String.fromCharCode(byte)) ? 1 : 0,
)

/** Position of the first byte from `from` that is no white space. */
export function skipSpace(bytes: Buffer, from: number, end: number): number {
  let at = from
  while (at < end && IS_SPACE[bytes[at]!] === 1) at++
  return at
}

/** The character at this place, as an error message shows it. */
export function shown(bytes: Buffer, at: number): string {
  const byte = bytes[at]!
  if (byte < 0x20 || byte === 0x7f) return `control character ${byte.toString(16).padStart(2, '0')}`
  return JSON.stringify([...bytes.toString('utf8', at, at + 4)][0])
}

/** Whether `expected`, whose first byte is known to be there, lies at `start`. */
export function startsWith(bytes: Buffer, start: number, end: number, expected: Buffer): boolean {
  const { length } = expected
  if (start + length > end) return false
  for (let at = 1; at < length; at++) if (bytes[start + at] !== expected[at]) return false
  return true
}

/** Behind a number with a point and no exponent, writes one that changes nothing. */
export function withExponent(out: Buffer, start: number, end: number): number {
  const isPlain = /^-?[0-9]+\.[0-9]+$/.test(out.toString('latin1', start, end))
  return isPlain ? end + out.write('e0', end) : end
}
