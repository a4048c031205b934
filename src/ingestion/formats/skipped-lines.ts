import { HeaderError } from '../mapping/source-header.js'
import { withHead, type ByteSource } from './byte-source.js'
import { withoutBom } from './sample.js'

const LF = 0x0a
const CR = 0x0d
const READ_BYTES = 64 * 1024
/** Longer ones are no note above a table. */
const MAX_KEPT_BYTES = 64 * 1024

/** The lines before a table that are no part of it. */
export interface SkippedLines {
  count: number
  bytes: number
  /** what the lines of rejected records begin with, so that they can be sent again with the same options */
  text: Buffer
}

export const NO_SKIPPED_LINES: SkippedLines = { count: 0, bytes: 0, text: Buffer.alloc(0) }

/**
 * Reads past the first `count` lines, whatever stands in them: a line ends with a line feed, and quotes mean nothing. Gives
 * what follows as `rest`. Throws HeaderError when the file has not so many.
 */
export async function readPastLines(
  source: ByteSource,
  count: number,
): Promise<{ skipped: SkippedLines; rest: ByteSource }> {
  if (count === 0) return { skipped: NO_SKIPPED_LINES, rest: source }
  const buffer = Buffer.allocUnsafe(READ_BYTES)
  let kept = Buffer.alloc(0)
  let bytes = 0
  let hasReturns = false
  for (let lines = 0; ;) {
    const data = buffer.subarray(0, await source.read(buffer))
    if (data.length === 0) throw lines === 0 && hasReturns ? carriageReturnsAlone() : tooFewLines(lines, count)
    hasReturns ||= data.includes(CR)
    let end = 0
    while (lines < count && end < data.length) {
      const lineFeed = data.indexOf(LF, end)
      end = lineFeed < 0 ? data.length : lineFeed + 1
      if (lineFeed >= 0) lines++
    }
    bytes += end
    if (bytes <= MAX_KEPT_BYTES) kept = Buffer.concat([kept, data.subarray(0, end)])
    if (lines < count) continue
    const text = bytes <= MAX_KEPT_BYTES ? withoutBom(kept) : Buffer.alloc(count, LF)
    return { skipped: { count, bytes, text }, rest: withHead(Buffer.from(data.subarray(end)), source) }
  }
}

/** The lines of classic Mac OS. */
export function carriageReturnsAlone(): HeaderError {
  return new HeaderError('The lines of the file end in carriage returns alone; save it with line feeds.')
}

function tooFewLines(lines: number, count: number): HeaderError {
  return new HeaderError(`The file ends before the table: skipLines is ${count}, and it has ${lines} line ends.`)
}
