const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c

/** What a byte outside of strings does to the depth. */
const STEPS = new Int8Array(256)
for (const opener of '[{') STEPS[opener.charCodeAt(0)] = 1
for (const closer of ']}') STEPS[closer.charCodeAt(0)] = -1

/** How many bytes are looked at in one go. */
const STRIDE = 64 * 1024

/**
 * Cuts the bytes of a JSON array into arrays of some of its elements, each of about `pieceBytes` or one element longer, so that
 * a long one can be parsed a piece at a time. It is valid if and only if every piece is, and none of several is empty. Yields
 * undefined where many bytes were looked at without the end of a piece.
 */
export function* jsonArrayPieces(bytes: Buffer, pieceBytes: number): Generator<Buffer | undefined> {
  let depth = 0
  let isInString = false
  let start = 0
  for (let position = 0; position < bytes.length;) {
    const end = Math.min(position + STRIDE, bytes.length)
    for (; position < end; position++) {
      const byte = bytes[position]!
      if (byte === QUOTE) isInString = !isInString
      else if (isInString) position += byte === BACKSLASH ? 1 : 0
      else if (byte !== COMMA || depth !== 1 || position - start < pieceBytes) depth += STEPS[byte]!
      else {
        yield withBrackets(bytes.subarray(start, position), start > 0, true)
        start = position + 1
      }
    }
    yield undefined
  }
  yield withBrackets(bytes.subarray(start), start > 0, false)
}

function withBrackets(elements: Buffer, atStart: boolean, atEnd: boolean): Buffer {
  if (!atStart && !atEnd) return elements
  return Buffer.concat([Buffer.from(atStart ? '[' : ''), elements, Buffer.from(atEnd ? ']' : '')])
}
