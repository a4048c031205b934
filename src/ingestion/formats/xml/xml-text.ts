import { isUtf8 } from 'node:buffer'
import { BrokenFileError } from '../broken-file.error.js'
import type { ByteSource } from '../byte-source.js'
import { READ_ENCODINGS } from '../encodings.js'

const READ_BYTES = 64 * 1024

/** Text in pieces that end between characters. Throws BrokenFileError with the line where it is not UTF-8. */
export async function* utf8Pieces(source: ByteSource): AsyncGenerator<string> {
  const buffer = Buffer.allocUnsafe(READ_BYTES)
  let line = 1
  let kept = 0
  for (let read = 1; read > 0;) {
    read = await source.read(buffer.subarray(kept))
    const bytes = buffer.subarray(0, kept + read)
    const whole = read === 0 ? bytes : bytes.subarray(0, wholeCharacters(bytes))
    const text = whole.toString('utf8')
    if (!isUtf8(whole)) throw invalidUtf8(text, line)
    line += lineFeeds(text)
    kept = bytes.copy(buffer, 0, whole.length)
    if (text !== '') yield text
  }
}

/** Up to three bytes at the end may begin a character whose rest is still to come. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!
    if (byte < 0x80) break
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
      return length > back ? bytes.length - back : bytes.length
    }
  }
  return bytes.length
}

function invalidUtf8(text: string, line: number): BrokenFileError {
  const at = line + lineFeeds(text.slice(0, text.indexOf('\ufffd')))
  return new BrokenFileError(
    `The XML is not valid UTF-8 in line ${at}; declare its encoding, or name it (${READ_ENCODINGS}).`,
  )
}

export function lineFeeds(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++
  return count
}
