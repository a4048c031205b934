import { withHead, type ByteSource } from './byte-source.js'
import { skipMarks } from './encodings.js'
import { skipSpace } from './json/json-bytes.js'
import { readSample, withoutBom } from './sample.js'

const LF = 0x0a
const CR = 0x0d

/** A file's beginning, as far as it says something. */
export interface FileHead {
  /** the first MiB behind the blanks, as readSample gives it */
  sample: Buffer
  /** what the blanks before it take */
  bytes: number
  lineFeeds: number
}

/** Reads past any number of empty lines (and a byte order mark): no more than two MiB are held at once. */
export function readBehindEmptyLines(source: ByteSource): Promise<FileHead> {
  return readBehind(source, emptyLines)
}

/** Likewise past spaces, tabs and line ends. */
export function readBehindSpace(source: ByteSource): Promise<FileHead> {
  return readBehind(source, (sample, at) => skipSpace(sample, at, sample.length))
}

/** `skip` tells where the blanks at a position of the sample end. Between them there may be more byte order marks. */
async function readBehind(source: ByteSource, skip: (sample: Buffer, at: number) => number): Promise<FileHead> {
  let sample = await readSample(withHead(withoutBom(await readSample(source)), source))
  let bytes = 0
  let lineFeeds = 0
  const blanks = (): number => skip(sample, Math.max(0, skipMarks(sample, 0, sample.length)))
  for (let blank = blanks(); blank > 0; blank = blanks()) {
    for (let at = 0; at < blank; at++) if (sample[at] === LF) lineFeeds++
    bytes += blank
    sample = await readSample(withHead(sample.subarray(blank), source))
  }
  return { sample, bytes, lineFeeds }
}

function emptyLines(sample: Buffer, from: number): number {
  let at = from
  while (at < sample.length && (sample[at] === LF || sample[at] === CR)) at++
  // A carriage return that no line feed follows is no line's end.
  return at === sample.length ? at : Math.max(from, sample.subarray(0, at).lastIndexOf(LF) + 1)
}
