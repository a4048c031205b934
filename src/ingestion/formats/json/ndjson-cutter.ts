import { skipMarks } from '../encodings.js'
import { OPEN_BRACE, skipSpace } from './json-bytes.js'
import { INCOMPLETE } from './json-scanner.js'
import { LF } from './json-bytes.js'
import { JsonCutter } from './json-cutter.js'

const CR = 0x0d

/** NDJSON: one object a line; lines of blanks are no records. */
export class NdjsonCutter extends JsonCutter {
  /** the rest of a line that is too long is looked for behind this position */
  private skipping: number | undefined

  protected next(atEnd: boolean): boolean {
    const start = this.position
    const from = this.skipping ?? start
    // Behind the end lies what an earlier chunk left.
    const lineFeed = this.slab.indexOf(LF, from)
    const found = lineFeed < this.end ? lineFeed : -1
    if (found < 0 && this.isTooLong(start, this.end)) {
      this.dropBehindHead(start, this.end)
      this.skipping = this.end
    }
    if (found < 0 && (!atEnd || start >= this.end)) return false
    const lineEnd = found < 0 ? this.end : found
    this.takeLine(start, lineEnd)
    this.line++
    this.skipping = undefined
    this.position = Math.min(lineEnd + 1, this.end)
    return true
  }

  protected shifted(by: number): void {
    if (this.skipping !== undefined) this.skipping -= by
  }

  protected finish(): void {
    // A last line that breaks off is a reject like any other.
  }

  private takeLine(start: number, lineEnd: number): void {
    const { slab, scanner } = this
    const end = lineEnd > start && slab[lineEnd - 1] === CR ? lineEnd - 1 : lineEnd
    if (this.skipping !== undefined || this.isTooLong(start, end)) return this.addTooLong(start, end)
    // Files that were joined have byte order marks within.
    const at = skipSpace(slab, Math.max(start, skipMarks(slab, start, end)), end)
    if (at === end) return
    const isObject = slab[at] === OPEN_BRACE
    const behind = isObject ? scanner.scanObject(slab, at, end) : scanner.scanValue(slab, at, end)
    if (behind === INCOMPLETE) return this.addFaulty(at, end, this.syntaxFault(at, end, 'it ends too early'))
    if (behind < 0) return this.addFaulty(at, end, this.syntaxFault(at))
    const rest = skipSpace(slab, behind, end)
    if (rest < end) {
      scanner.invalid(slab, rest)
      return this.addFaulty(at, end, this.syntaxFault(at))
    }
    if (!isObject) return this.addFaulty(at, end, { reason: 'the record is not a JSON object' })
    this.addScanned(at, behind)
  }
}
