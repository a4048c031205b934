import { withHead, type ByteSource } from './byte-source.js'
import { skipSpace } from './json-scanner.js'
import { readSample, withoutBom } from './sample.js'

const LF = 0x0a
const CR = 0x0d

/** A file's beginning, as far as it says something. */
export interface Opening {
  /** the first MiB behind the blanks, as readSample gives it */
  sample: Buffer
  /** what the blanks before it take */
  bytes: number
  lineFeeds: number
}

/** Reads past any number of empty lines (and a byte order mark): no more than two MiB are held at once. */
export function readBehindEmptyLines(source: ByteSource): Promise<Opening> {
  return readBehind(source, emptyLines)
}

/** Likewise past spaces, tabs and line ends. */
export function readBehindSpace(source: ByteSource): Promise<Opening> {
  return readBehind(source, (sample) => skipSpace(sample, 0, sample.length))
}

/** `blanks` tells how many bytes of a sample's front are blank. */
async function readBehind(source: ByteSource, blanks: (sample: Buffer) => number): Promise<Opening> {
  let sample = await readSample(withHead(withoutBom(await readSample(source)), source))
  let bytes = 0
  let lineFeeds = 0
  for (let blank = blanks(sample); blank > 0; blank = blanks(sample)) {
    for (let at = 0; at < blank; at++) if (sample[at] === LF) lineFeeds++
    bytes += blank
    sample = await readSample(withHead(sample.subarray(blank), source))
  }
  return { sample, bytes, lineFeeds }
}

function emptyLines(sample: Buffer): number {
  let at = 0
  while (at < sample.length && (sample[at] === LF || sample[at] === CR)) at++
  // A carriage return that no line feed follows is no line's end.
  return at === sample.length ? at : sample.subarray(0, at).lastIndexOf(LF) + 1
}
