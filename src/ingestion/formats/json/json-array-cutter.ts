import { HeaderError } from '../../mapping/source-header.js'
import { skipMarks } from '../encodings.js'
import { brokenOff, JsonCutter, type JsonCutOptions } from './json-cutter.js'
import { OPEN_BRACE, CLOSE_BRACKET, COMMA, LF, skipSpace } from './json-bytes.js'
import { INCOMPLETE, INVALID } from './json-scanner.js'
import { LenientJsonSkipper, UNSURE } from './lenient-json-skipper.js'
import { MAX_RECORD_BYTES } from '../record-source.js'

const enum State {
  /** behind "[": a record or the end */
  First,
  /** behind ",": a record */
  Next,
  /** behind the line of a broken record, which took its comma with it: a record or the end */
  Recovered,
  /** behind a record: a comma or the end */
  Separator,
  /** inside a record that is too long */
  Skipping,
  /** behind "]" */
  Behind,
}

/** A JSON array of objects, from behind its "[". */
export class JsonArrayCutter extends JsonCutter {
  private state = State.First
  private skipper = new LenientJsonSkipper()
  /** how far the record that is too long was looked at, and the line feeds up to there */
  private skipped = 0
  private lineFeedsSkipped = 0

  constructor(
    options: JsonCutOptions,
    /** the array is the "data" of an object */
    private readonly isWrapped: boolean,
    /** the bytes are only the file's beginning, and may end anywhere */
    private readonly isSample = false,
  ) {
    super(options)
  }

  protected next(atEnd: boolean): boolean {
    while (this.state !== State.Behind) {
      if (this.state === State.Skipping) return this.skipOn()
      if (!this.skipBlanks(atEnd) || this.position >= this.end) return false
      const byte = this.slab[this.position]
      if (byte === CLOSE_BRACKET && this.state !== State.Next) this.pass(State.Behind)
      else if (this.state !== State.Separator) return this.takeElement(this.position, atEnd)
      else if (byte === COMMA) this.pass(State.Next)
      else throw this.refusal(`a comma or the end of the array must follow record ${this.row - 1}`)
    }
    if (this.end - this.position > MAX_RECORD_BYTES)
      throw this.refusal('more than 1 MiB of text follows the end of the array')
    return false
  }

  protected shifted(by: number): void {
    this.skipped -= by
  }

  protected finish(): void {
    if (this.isSample) return
    if (this.state !== State.Behind) throw brokenOff(this.row, this.line)
    const rest = this.slab.toString('utf8', this.position, this.end)
    if (!this.isWrapped && rest.trim() !== '') throw this.refusal('text follows the end of the array')
    if (this.isWrapped && !isRestOfObject(rest))
      throw this.refusal('what follows "data" is not the rest of a JSON object')
  }

  private takeElement(start: number, atEnd: boolean): boolean {
    const { slab, scanner, end } = this
    const isObject = slab[start] === OPEN_BRACE
    const behind = isObject ? scanner.scanObject(slab, start, end) : scanner.scanValue(slab, start, end)
    if (behind === INVALID) return this.recover(start, atEnd)
    // A number that reaches the end of the data may go on.
    if (behind === INCOMPLETE || behind === end) {
      if (this.isTooLong(start, end)) return this.startSkipping(start)
      return behind === end && isObject ? this.take(start, behind, isObject) : false
    }
    return this.take(start, behind, isObject)
  }

  private take(start: number, end: number, isObject: boolean): true {
    if (this.isTooLong(start, end)) this.addTooLong(start, end)
    else if (isObject) this.addScanned(start, end)
    else this.addFaulty(start, end, { reason: 'the record is not a JSON object' })
    return this.endElement(start, end, State.Separator)
  }

  private endElement(start: number, end: number, state: State): true {
    this.line += lineFeeds(this.slab, start, end)
    this.position = end
    this.state = state
    return true
  }

  /** Costs the broken record only, when it is certain where it ends; else there is no going on. */
  private recover(start: number, atEnd: boolean): boolean {
    const { slab, end } = this
    const fault = this.syntaxFault(start)
    const lineEnd = this.endOfBrokenLine(start)
    if (lineEnd !== undefined) {
      this.addFaulty(start, trimmedEnd(slab, start, lineEnd, true), fault)
      return this.endElement(start, lineEnd, State.Recovered)
    }
    const behind = new LenientJsonSkipper().skip(slab, start, end)
    if (behind === INCOMPLETE && (!atEnd || this.isSample) && !this.isTooLong(start, end)) return false
    if (behind < 0) {
      throw new HeaderError(
        `Record ${this.row} (line ${this.line}): ${fault.reason}, and where the next record begins cannot be told. Nothing was loaded.`,
      )
    }
    this.addFaulty(start, trimmedEnd(slab, start, behind, false), fault)
    return this.endElement(start, behind, State.Separator)
  }

  /** Where a broken record that has its line to itself ends. */
  private endOfBrokenLine(start: number): number | undefined {
    const lineEnd = this.slab.subarray(0, this.end).indexOf(LF, start)
    if (lineEnd < 0) return undefined
    const next = skipSpace(this.slab, lineEnd, this.end)
    const isNextRecord = next < this.end && (this.slab[next] === OPEN_BRACE || this.slab[next] === CLOSE_BRACKET)
    return isNextRecord && this.scanner.problemAt <= next ? lineEnd : undefined
  }

  private startSkipping(start: number): boolean {
    this.skipper = new LenientJsonSkipper()
    this.state = State.Skipping
    return this.skipFrom(start, start)
  }

  private skipOn(): boolean {
    return this.skipFrom(this.position, this.skipped)
  }

  private skipFrom(start: number, from: number): boolean {
    const behind = this.skipper.skip(this.slab, from, this.end)
    if (behind === UNSURE) {
      throw this.refusal(`record ${this.row} is longer than 1 MiB and broken; where the next one begins cannot be told`)
    }
    const done = behind === INCOMPLETE ? this.end : behind
    this.lineFeedsSkipped += lineFeeds(this.slab, from, done)
    if (behind === INCOMPLETE) {
      this.dropBehindHead(start, done)
      this.skipped = this.end
      return false
    }
    this.addTooLong(start, done)
    this.line += this.lineFeedsSkipped
    this.lineFeedsSkipped = 0
    this.position = done
    this.state = State.Separator
    return true
  }

  /** Byte order marks too, where files were joined; false when the data ends within what may be one. */
  private skipBlanks(atEnd: boolean): boolean {
    for (let from = -1; from !== this.position;) {
      from = this.position
      const to = skipSpace(this.slab, from, this.end)
      this.line += lineFeeds(this.slab, from, to)
      const behind = skipMarks(this.slab, to, this.end)
      this.position = Math.max(to, behind)
      if (behind < 0 && !atEnd) return false
    }
    return true
  }

  private pass(state: State): void {
    this.position++
    this.state = state
  }

  private refusal(problem: string): HeaderError {
    return new HeaderError(`The file is not valid JSON: line ${this.line}: ${problem}. Nothing was loaded.`)
  }
}

function lineFeeds(bytes: Buffer, from: number, to: number): number {
  let count = 0
  for (let at = from; at < to; at++) if (bytes[at] === LF) count++
  return count
}

/** Without blanks at the end, nor the comma that ends an element's line. */
function trimmedEnd(bytes: Buffer, start: number, end: number, dropsComma: boolean): number {
  let at = end
  while (at > start && bytes[at - 1]! <= 0x20) at--
  if (!dropsComma || at === start || bytes[at - 1] !== COMMA) return at
  return trimmedEnd(bytes, start, at - 1, false)
}

function isRestOfObject(rest: string): boolean {
  try {
    const whole = JSON.parse(`{"":[]${rest}`) as object
    return !('data' in whole)
  } catch {
    return false
  }
}
