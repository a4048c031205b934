import { QUOTE, BACKSLASH, COMMA, OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET } from './json-bytes.js'
import { INCOMPLETE } from './json-scanner.js'

/** Brackets do not match or a string is not closed: where the next record begins cannot be told. */
export const UNSURE = -3

const MAX_DEPTH = 100_000

/** Finds the end of an array's element that is not valid JSON or too long to be kept, by its brackets and quotes. */
export class LenientJsonSkipper {
  private readonly open: number[] = []
  private inString = false
  private isEscaped = false
  private before = 0

  /** Goes on from where it stopped: position of the "," or "]" behind the element, INCOMPLETE or UNSURE. */
  skip(bytes: Buffer, from: number, end: number): number {
    for (let at = from; at < end; at++) {
      const byte = bytes[at]!
      if (this.inString) {
        if (byte < 0x20) return UNSURE
        if (this.isEscaped) this.isEscaped = false
        else if (byte === BACKSLASH) this.isEscaped = true
        else if (byte === QUOTE) this.inString = false
      } else if (byte > 0x20) {
        const top = this.open[this.open.length - 1]
        if (top === undefined && (byte === COMMA || byte === CLOSE_BRACKET)) return at
        if (!this.take(byte, top)) return UNSURE
        this.before = byte
      }
    }
    return INCOMPLETE
  }

  private take(byte: number, top: number | undefined): boolean {
    switch (byte) {
      case QUOTE:
        this.inString = true
        return true
      case OPEN_BRACE:
        // An object where a key must be: the element before was not closed, and this is the next one.
        if (top === OPEN_BRACE && (this.before === COMMA || this.before === OPEN_BRACE)) return false
        return this.push(byte)
      case OPEN_BRACKET:
        return this.push(byte)
      case CLOSE_BRACE:
        return this.open.pop() === OPEN_BRACE
      case CLOSE_BRACKET:
        return this.open.pop() === OPEN_BRACKET
      default:
        return true
    }
  }

  private push(byte: number): boolean {
    this.open.push(byte)
    return this.open.length <= MAX_DEPTH
  }
}
