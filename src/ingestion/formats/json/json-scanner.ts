import { isUtf8 } from 'node:buffer'
import type { FieldNames } from '../record-names.js'
import type { Fault } from '../record-source.js'
import {
  QUOTE,
  BACKSLASH,
  COMMA,
  COLON,
  OPEN_BRACE,
  CLOSE_BRACE,
  OPEN_BRACKET,
  CLOSE_BRACKET,
  MINUS,
  PLUS,
  POINT,
  ZERO,
  LF,
  IS_PLAIN,
  IS_DIGIT,
  IS_HEX,
  IS_ESCAPE,
  shown,
  skipSpace,
  startsWith,
  withExponent,
} from './json-bytes.js'

/** The bytes end before the value does. */
export const INCOMPLETE = -1
/** The bytes are not JSON; `problem` and `problemAt` say why. */
export const INVALID = -2

/** Deeper nesting is refused. */
const MAX_DEPTH = 32
/** Keys that are remembered; a file that makes up new ones in every record must not fill the memory. */
const MAX_KNOWN_KEYS = 10_000

const LONE_SURROGATE = /\p{Surrogate}/u
const LONE_SURROGATES = /\p{Surrogate}/gu
const LITERALS = new Map([
  [0x74, Buffer.from('true')],
  [0x66, Buffer.from('false')],
  [0x6e, Buffer.from('null')],
])

const enum Kind {
  Null,
  /** a string whose bytes are its text */
  Plain,
  /** a string with escapes */
  Escaped,
  /** a number, true or false */
  Literal,
  Nested,
}

interface Key {
  /** with both quotes */
  bytes: Buffer
  /** -1: nobody wants it */
  field: number
}

/**
 * Reads JSON records as strictly as JSON.parse, and finds the fields in them, without making an object of any: where
 * the values lie is kept in arrays that the next record reuses. Most records have the keys of the one before in the same
 * order, so a key costs one comparison of its bytes.
 */
export class JsonScanner {
  problem = ''
  problemAt = 0
  /** what is wrong with a record that is valid JSON */
  fault: Fault | undefined
  private readonly starts: Int32Array
  private readonly ends: Int32Array
  private readonly kinds: Uint8Array
  /** number of the record that had the field last */
  private readonly stamps: Float64Array
  private readonly known = new Map<string, Key>()
  private readonly sequence: Key[] = []
  private record = 0

  constructor(
    private readonly names: FieldNames,
    /** nested values count as their own text instead of being refused */
    private readonly takesNested = false,
  ) {
    this.starts = new Int32Array(names.count)
    this.ends = new Int32Array(names.count)
    this.kinds = new Uint8Array(names.count)
    this.stamps = new Float64Array(names.count)
  }

  /** Whether any record had the field. */
  hasSeen(field: number): boolean {
    return this.stamps[field]! > 0
  }

  /** Position behind the object that begins at `start`, INCOMPLETE or INVALID. */
  scanObject(bytes: Buffer, start: number, end: number): number {
    this.record++
    this.fault = undefined
    let at = skipSpace(bytes, start + 1, end)
    if (at < end && bytes[at] === CLOSE_BRACE) return at + 1
    for (let index = 0; ; index++) {
      if (at >= end) return INCOMPLETE
      if (bytes[at] !== QUOTE) return this.invalid(bytes, at)
      const key = this.keyAt(bytes, at, end, index)
      if (typeof key === 'number') return key
      at = skipSpace(bytes, at + key.bytes.length, end)
      if (at >= end) return INCOMPLETE
      if (bytes[at] !== COLON) return this.invalid(bytes, at)
      at = skipSpace(bytes, at + 1, end)
      const behind = this.scanField(bytes, at, end, key)
      if (behind < 0) return behind
      at = skipSpace(bytes, behind, end)
      if (at >= end) return INCOMPLETE
      const byte = bytes[at]
      if (byte === CLOSE_BRACE) return at + 1
      if (byte !== COMMA) return this.invalid(bytes, at)
      at = skipSpace(bytes, at + 1, end)
    }
  }

  /** Position behind the value that begins at `start`, INCOMPLETE or INVALID. */
  scanValue(bytes: Buffer, start: number, end: number, depth = 1): number {
    if (start >= end) return INCOMPLETE
    const byte = bytes[start]!
    if (byte === QUOTE) return this.scanStringFrom(bytes, start + 1, end)
    if (byte === MINUS || IS_DIGIT[byte] === 1) return this.scanNumber(bytes, start, end)
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) return this.scanNested(bytes, start, end, depth)
    const literal = LITERALS.get(byte)
    if (!literal) return this.invalid(bytes, start)
    for (let at = 1; at < literal.length; at++) {
      if (start + at >= end) return INCOMPLETE
      if (bytes[start + at] !== literal[at]) return this.invalid(bytes, start + at)
    }
    return start + literal.length
  }

  /**
   * Writes the record that was scanned last as a line of CSV at `at`; gives the position behind it, or -1 when a value
   * cannot be written, which `fault` then explains.
   */
  writeCsv(bytes: Buffer, out: Buffer, at: number): number {
    const { starts, ends, kinds, stamps, record } = this
    const { commaNumbers } = this.names
    const count = stamps.length
    for (let field = 0; field < count; field++) {
      if (field > 0) out[at++] = COMMA
      if (stamps[field] !== record || kinds[field] === Kind.Null) continue
      const start = starts[field]!
      const end = ends[field]!
      if (kinds[field] === Kind.Escaped) {
        const text = this.unescape(bytes, field)
        if (text === undefined) return -1
        at += out.write(`"${text.replaceAll('"', '""')}"`, at)
      } else if (end - start > 48) {
        at += bytes.copy(out, at, start, end)
      } else {
        for (let from = start; from < end; from++) out[at++] = bytes[from]!
      }
      if (commaNumbers?.has(field) && kinds[field] === Kind.Literal) at = withExponent(out, at - (end - start), at)
    }
    if (count === 1 && (stamps[0] !== record || kinds[0] === Kind.Null)) at += out.write('""', at)
    out[at++] = LF
    return at
  }

  /** Texts of the fields of the record that was scanned last, in Latin-1 for their bytes. */
  texts(bytes: Buffer): string[] {
    return Array.from(this.stamps, (stamp, field) => {
      const kind = this.kinds[field] as Kind
      if (stamp !== this.record || kind === Kind.Null) return ''
      const [start, end] = [this.starts[field]!, this.ends[field]!]
      if (kind === Kind.Escaped) {
        const text = this.unescape(bytes, field)
        if (text !== undefined) return Buffer.from(text).toString('latin1')
      }
      return kind === Kind.Literal || kind === Kind.Nested
        ? bytes.toString('latin1', start, end)
        : bytes.toString('latin1', start + 1, end - 1)
    })
  }

  private unescape(bytes: Buffer, field: number): string | undefined {
    const [start, end] = [this.starts[field]!, this.ends[field]!]
    const isText = isUtf8(bytes.subarray(start, end))
    const text = JSON.parse(bytes.toString('utf8', start, end)) as string
    if (isText && !LONE_SURROGATE.test(text)) return text
    const reason = isText ? '{value} has half a surrogate pair' : '{value} is not valid UTF-8'
    this.fault ??= { reason, field, value: text.replace(LONE_SURROGATES, '\ufffd') }
    return undefined
  }

  private keyAt(bytes: Buffer, start: number, end: number, index: number): Key | number {
    const expected = this.sequence[index]
    if (expected && startsWith(bytes, start, end, expected.bytes)) return expected
    const behind = this.scanStringFrom(bytes, start + 1, end)
    if (behind < 0) return behind
    const text = bytes.toString('latin1', start, behind)
    return (this.sequence[index] = this.known.get(text) ?? this.learn(text))
  }

  private learn(text: string): Key {
    if (this.known.size >= MAX_KNOWN_KEYS) this.known.clear()
    const bytes = Buffer.from(text, 'latin1')
    const key = { bytes, field: this.names.fieldOf(JSON.parse(bytes.toString('utf8')) as string) }
    this.known.set(text, key)
    return key
  }

  private scanField(bytes: Buffer, start: number, end: number, { field }: Key): number {
    if (start >= end) return INCOMPLETE
    const byte = bytes[start]!
    let behind: number
    let kind: Kind
    if (byte === QUOTE) {
      let at = start + 1
      while (at < end && IS_PLAIN[bytes[at]!] === 1) at++
      if (at < end && bytes[at] === QUOTE) {
        kind = Kind.Plain
        behind = at + 1
      } else {
        kind = Kind.Escaped
        behind = this.scanStringFrom(bytes, at, end)
      }
    } else {
      behind = this.scanValue(bytes, start, end, 2)
      kind = byte === OPEN_BRACE || byte === OPEN_BRACKET ? Kind.Nested : byte === 0x6e ? Kind.Null : Kind.Literal
    }
    if (behind >= 0 && field >= 0) this.keep(bytes, field, start, behind, kind)
    return behind
  }

  private keep(bytes: Buffer, field: number, start: number, end: number, kind: Kind): void {
    if (this.stamps[field] === this.record) {
      this.fault ??= { reason: 'the record has several keys for it', field }
    } else if (kind === Kind.Nested && !this.takesNested) {
      const value = bytes.toString('utf8', start, Math.min(end, start + 1024))
      this.fault ??= { reason: '{value} is not text, a number, true or false', field, value }
    }
    this.stamps[field] = this.record
    this.starts[field] = start
    this.ends[field] = end
    this.kinds[field] = kind
  }

  private scanStringFrom(bytes: Buffer, from: number, end: number): number {
    for (let at = from; at < end; at++) {
      const byte = bytes[at]!
      if (IS_PLAIN[byte] === 1) continue
      if (byte === QUOTE) return at + 1
      if (byte !== BACKSLASH) return this.invalid(bytes, at)
      if (++at >= end) return INCOMPLETE
      if (IS_ESCAPE[bytes[at]!] === 1) continue
      if (bytes[at] !== 0x75) return this.invalid(bytes, at)
      for (let digit = 0; digit < 4; digit++) {
        if (++at >= end) return INCOMPLETE
        if (IS_HEX[bytes[at]!] === 0) return this.invalid(bytes, at)
      }
    }
    return INCOMPLETE
  }

  private scanNumber(bytes: Buffer, start: number, end: number): number {
    let at = bytes[start] === MINUS ? start + 1 : start
    if (at >= end) return INCOMPLETE
    if (bytes[at] === ZERO) at++
    else if ((at = this.scanDigits(bytes, at, end)) < 0) return at
    if (at < end && bytes[at] === POINT && (at = this.scanDigits(bytes, at + 1, end)) < 0) return at
    if (at < end && (bytes[at]! | 0x20) === 0x65) {
      at++
      if (at < end && (bytes[at] === MINUS || bytes[at] === PLUS)) at++
      if ((at = this.scanDigits(bytes, at, end)) < 0) return at
    }
    return at
  }

  /** One digit at least. */
  private scanDigits(bytes: Buffer, start: number, end: number): number {
    if (start >= end) return INCOMPLETE
    if (IS_DIGIT[bytes[start]!] === 0) return this.invalid(bytes, start)
    let at = start + 1
    while (at < end && IS_DIGIT[bytes[at]!] === 1) at++
    return at
  }

  private scanNested(bytes: Buffer, start: number, end: number, depth: number): number {
    if (depth > MAX_DEPTH) return this.invalid(bytes, start, `nested deeper than ${MAX_DEPTH} levels`)
    const isObject = bytes[start] === OPEN_BRACE
    const close = isObject ? CLOSE_BRACE : CLOSE_BRACKET
    let at = skipSpace(bytes, start + 1, end)
    if (at < end && bytes[at] === close) return at + 1
    for (;;) {
      if (isObject) {
        if (at >= end) return INCOMPLETE
        if (bytes[at] !== QUOTE) return this.invalid(bytes, at)
        if ((at = this.scanStringFrom(bytes, at + 1, end)) < 0) return at
        at = skipSpace(bytes, at, end)
        if (at >= end) return INCOMPLETE
        if (bytes[at] !== COLON) return this.invalid(bytes, at)
        at = skipSpace(bytes, at + 1, end)
      }
      if ((at = this.scanValue(bytes, at, end, depth + 1)) < 0) return at
      at = skipSpace(bytes, at, end)
      if (at >= end) return INCOMPLETE
      if (bytes[at] === close) return at + 1
      if (bytes[at] !== COMMA) return this.invalid(bytes, at)
      at = skipSpace(bytes, at + 1, end)
    }
  }

  invalid(bytes: Buffer, at: number, problem?: string): number {
    this.problem = problem ?? `unexpected ${shown(bytes, at)}`
    this.problemAt = at
    return INVALID
  }
}
