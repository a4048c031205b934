import { isAscii } from 'node:buffer'
import { BrokenFileError } from './broken-file.error.js'

export const TEXT_ENCODINGS = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] as const
export type TextEncoding = (typeof TEXT_ENCODINGS)[number]

/** UTF-8 comes last, because its mark can only be read from three bytes. */
const BYTE_ORDER_MARKS: [encoding: TextEncoding, mark: Buffer][] = [
  ['utf-16le', Buffer.from([0xff, 0xfe])],
  ['utf-16be', Buffer.from([0xfe, 0xff])],
  ['utf-8', Buffer.from([0xef, 0xbb, 0xbf])],
]
const UTF32_MARKS = [Buffer.from([0xff, 0xfe, 0, 0]), Buffer.from([0, 0, 0xfe, 0xff])]
const MAX_BOM_BYTES = 4

/**
 * The labels of the WHATWG encoding standard that people use; it reads ISO-8859-1 as windows-1252. ASCII is read as UTF-8,
 * which it is a part of, so that a byte over 127 is refused and not guessed at.
 */
const LABELS: Record<string, TextEncoding> = {
  'utf-8': 'utf-8',
  utf8: 'utf-8',
  'utf-16': 'utf-16le',
  utf16: 'utf-16le',
  'utf-16le': 'utf-16le',
  utf16le: 'utf-16le',
  'utf-16be': 'utf-16be',
  utf16be: 'utf-16be',
  'windows-1252': 'windows-1252',
  windows1252: 'windows-1252',
  cp1252: 'windows-1252',
  'x-cp1252': 'windows-1252',
  'iso-8859-1': 'windows-1252',
  iso8859_1: 'windows-1252',
  latin1: 'windows-1252',
  'us-ascii': 'utf-8',
  ascii: 'utf-8',
}

/**
 * Characters of the bytes 0x80 to 0x9f; the other bytes are their own code points. As in the WHATWG standard the five
 * bytes that Windows leaves undefined (81, 8d, 8f, 90, 9d) are the control characters of the same number, so that every
 * byte has a character and none is lost.
 */
const WINDOWS_1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ'

/** For people: the encodings that are read. */
export const READ_ENCODINGS = 'supported are UTF-8, UTF-16, windows-1252 and ISO-8859-1'

/** The encoding that a label like `UTF-16` or `cp1252` names; undefined when it is none that is read. */
export function encodingOfLabel(label: string): TextEncoding | undefined {
  const key = label.trim().toLowerCase()
  return Object.hasOwn(LABELS, key) ? LABELS[key] : undefined
}

/** The encoding that a byte order mark at the start tells; throws BrokenFileError for UTF-32. */
export function sniffByteOrderMark(head: Buffer): TextEncoding | undefined {
  if (UTF32_MARKS.some((mark) => startsWith(head, mark)))
    throw new BrokenFileError('UTF-32 is not supported; save the file as UTF-8.')
  return BYTE_ORDER_MARKS.find(([, mark]) => startsWith(head, mark))?.[0]
}

/** Behind the byte order marks of UTF-8 at `at`, of which there may be none; -1 when the bytes end within one. */
export function skipMarks(bytes: Buffer, at: number, end: number): number {
  let next = at
  while (next < end && bytes[next] === 0xef) {
    if (next + 1 < end && bytes[next + 1] !== 0xbb) return next
    if (next + 2 < end && bytes[next + 2] !== 0xbf) return next
    if (next + 2 >= end) return -1
    next += 3
  }
  return next
}

/**
 * Text bytes as UTF-8, without a byte order mark. `declared` is the encoding that the user named; a byte order mark of
 * UTF-16 or UTF-8 says more and wins. Without either the text is taken for UTF-8 and passed on unchecked: the row
 * transform refuses invalid UTF-8 value by value.
 *
 * Throws BrokenFileError with line and byte offset for UTF-16 that is not well-formed.
 */
export async function* toUtf8(chunks: AsyncIterable<Buffer>, declared?: TextEncoding): AsyncGenerator<Buffer> {
  const iterator = chunks[Symbol.asyncIterator]()
  try {
    const head = await headOf(iterator)
    const marked = sniffByteOrderMark(head)
    const encoding = marked ?? declared ?? 'utf-8'
    const markBytes = BYTE_ORDER_MARKS.find(([name]) => name === marked)?.[1].length ?? 0
    const converter = converterOf(encoding, markBytes)
    for (let data: Buffer | undefined = head.subarray(markBytes); data; data = await nextOf(iterator)) {
      const converted = converter.convert(data)
      if (converted.length > 0) yield converted
    }
    converter.end()
  } finally {
    await iterator.return?.()
  }
}

async function headOf(iterator: AsyncIterator<Buffer>): Promise<Buffer> {
  let head: Buffer = Buffer.alloc(0)
  while (head.length < MAX_BOM_BYTES) {
    const data = await nextOf(iterator)
    if (!data) break
    head = head.length === 0 ? data : Buffer.concat([head, data])
  }
  return head
}

async function nextOf(iterator: AsyncIterator<Buffer>): Promise<Buffer | undefined> {
  const next = await iterator.next()
  return next.done ? undefined : next.value
}

interface Converter {
  convert(data: Buffer): Buffer
  /** Throws when the text ends inside a character. */
  end(): void
}

function converterOf(encoding: TextEncoding, firstByte: number): Converter {
  switch (encoding) {
    case 'utf-8':
      return { convert: (data) => data, end: () => undefined }
    case 'windows-1252':
      return { convert: fromWindows1252, end: () => undefined }
    case 'utf-16le':
      return new Utf16Converter(firstByte, false)
    case 'utf-16be':
      return new Utf16Converter(firstByte, true)
  }
}

/** Own table: Node's TextDecoder('windows-1252') gives U+0080 for the euro sign's byte (nodejs/node#56542). */
function fromWindows1252(data: Buffer): Buffer {
  if (isAscii(data)) return data

  const text = data.toString('latin1').replace(/[\x80-\x9f]/g, (byte) => WINDOWS_1252[byte.charCodeAt(0) - 0x80]!)
  return Buffer.from(text)
}

class Utf16Converter implements Converter {
  /** bytes of a character whose rest is in the next piece: at most a high surrogate and one byte */
  private rest: Buffer = Buffer.alloc(0)
  private lineFeeds = 0

  constructor(
    private bytesBefore: number,
    private readonly isBigEndian: boolean,
  ) {}

  convert(data: Buffer): Buffer {
    const all = this.rest.length > 0 ? Buffer.concat([this.rest, data]) : data
    const whole = all.subarray(0, this.wholeCharacters(all))
    const text = (this.isBigEndian ? Buffer.from(whole).swap16() : whole).toString('utf16le')
    const lone = text.search(/\p{Surrogate}/u)
    if (lone >= 0) throw this.error(text.slice(0, lone), 'half of a character (a lone surrogate)')
    this.rest = Buffer.from(all.subarray(whole.length))
    this.bytesBefore += whole.length
    const converted = Buffer.from(text)
    for (const byte of converted) if (byte === 0x0a) this.lineFeeds++
    return converted
  }

  end(): void {
    if (this.rest.length > 0) throw this.error('', 'a character that is cut off by the end of the file')
  }

  private wholeCharacters(data: Buffer): number {
    const even = data.length - (data.length % 2)
    if (even === 0) return 0
    const highByte = data[this.isBigEndian ? even - 2 : even - 1]!
    return (highByte & 0xfc) === 0xd8 ? even - 2 : even
  }

  private error(textBefore: string, what: string): BrokenFileError {
    const line = this.lineFeeds + textBefore.split('\n').length
    const byte = this.bytesBefore + 2 * textBefore.length
    const name = this.isBigEndian ? 'UTF-16BE' : 'UTF-16LE'
    return new BrokenFileError(`The file is not valid ${name}: line ${line} (byte ${byte}) has ${what}.`)
  }
}

function startsWith(head: Buffer, mark: Buffer): boolean {
  return head.subarray(0, mark.length).equals(mark)
}
