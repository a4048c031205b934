import type { ByteSource } from '../byte-source.js'
import type { Quote } from '../../../datasets/file-options.js'
import { skipMarks } from '../encodings.js'
import { KEPT_OF_TOO_LONG, MAX_CHUNK_RECORDS, MAX_RECORD_BYTES, PLACEHOLDER } from '../record-source.js'
import type { CsvChunk, ShapeFault } from './csv-chunk.js'
import { CsvRecordList } from './csv-record-list.js'

export interface CsvChunkOptions {
  delimiter: string
  /** what a field with delimiters or line ends stands in; `"` when left out */
  quote?: Quote
  /** fields of a whole record */
  fields: number
  /** a chunk ends with the first record that reaches this many bytes */
  chunkBytes?: number
  /** a longer record is a fault, so that memory stays bounded by the chunk */
  maxRecordBytes?: number
  /** line and byte offset at which the stream starts, when a header was taken off before */
  firstLine?: number
  firstByte?: number
}

const DEFAULT_CHUNK_BYTES = 16 * 1024 * 1024
const READ_BYTES = 1024 * 1024

const NO_QUOTE = -1
const LF = 0x0a
const CR = 0x0d

const enum State {
  FieldStart,
  Unquoted,
  Quoted,
  /** a quote inside a quoted field: the field's end, or the first of a doubled quote */
  QuoteInQuoted,
  /** a carriage return that only a line feed may follow */
  CarriageReturn,
  /** the rest of the line belongs to a faulty record */
  RestOfLine,
}

/**
 * Cuts a CSV byte stream into chunks of whole records without making an object of any row.
 *
 * Quotes open a field only at its start (RFC 4180), as ClickHouse reads them; with the quote `none` they are text. A quote that is never closed, or that is
 * followed by text, costs the line it stands on and not the rest of the file: reading goes on at the next line. Empty
 * lines are no records.
 */
export async function* csvChunks(source: ByteSource, options: CsvChunkOptions): AsyncGenerator<CsvChunk> {
  const cutter = new CsvCutter(options)
  for (let read = 1; read > 0;) {
    read = await source.read(cutter.room())
    cutter.fill(read)
    for (let chunk = cutter.next(read === 0); chunk; chunk = cutter.next(read === 0)) yield chunk
  }
}

/** Memory of one chunk. */
interface Workspace {
  slab: Buffer
  records: CsvRecordList
}

class CsvCutter {
  private readonly delimiter: number
  private readonly quote: number
  private readonly fields: number
  private readonly chunkBytes: number
  private readonly maxRecordBytes: number
  private readonly placeholder: Buffer
  /** 1 for the bytes that mean nothing in an unquoted field */
  private readonly isText: Uint8Array
  /** the same in a quoted field */
  private readonly isQuotedText: Uint8Array

  /** the chunk being filled: of its slab [0, end) holds data, [0, position) is scanned */
  private workspace: Workspace
  /** workspaces that were given back */
  private readonly spare: Workspace[] = []
  private end = 0
  private position = 0
  private state: State = State.FieldStart
  private recordStart = 0
  private fieldCount = 1
  /** line feeds inside quotes of the record being scanned */
  private lineFeeds = 0
  private fault: ShapeFault | undefined
  private index = 0
  private nextRow = 1
  private line: number
  private bytesBefore: number
  private discarded = 0

  constructor(options: CsvChunkOptions) {
    this.delimiter = options.delimiter.charCodeAt(0)
    this.quote = quoteByte(options.quote)
    this.fields = options.fields
    this.chunkBytes = options.chunkBytes ?? DEFAULT_CHUNK_BYTES
    this.maxRecordBytes = options.maxRecordBytes ?? MAX_RECORD_BYTES
    this.placeholder = Buffer.from(`${PLACEHOLDER}${options.delimiter.repeat(options.fields - 1)}\n`)
    this.isText = allBytesBut(this.delimiter, LF, CR)
    this.isQuotedText = allBytesBut(this.quote, LF)
    this.line = options.firstLine ?? 1
    this.bytesBefore = options.firstByte ?? 0
    this.workspace = this.newWorkspace()
  }

  /** Where the next bytes of the file go. */
  room(): Buffer {
    const room = this.workspace.slab.subarray(this.end, this.end + READ_BYTES)
    // Reading into nothing would pass for the end of the file.
    if (room.length === 0) throw new Error('a chunk has no room left')
    return room
  }

  /** Says how many bytes were put there. */
  fill(bytes: number): void {
    this.end += bytes
  }

  /** Scans what was written; gives a chunk when one is full, or at the end of the file what is left. */
  next(atEnd: boolean): CsvChunk | undefined {
    while (this.scanRecord(atEnd)) {
      if (this.position >= this.chunkBytes || this.workspace.records.length >= MAX_CHUNK_RECORDS) return this.cut()
    }
    this.dropRestOfTooLong()
    if (!atEnd) return undefined
    if (this.recordStart < this.end || this.fault) {
      this.finishLastRecord()
      return this.next(true)
    }
    return this.workspace.records.length > 0 ? this.cut() : undefined
  }

  /** Advances over one record; false when the data ends before it does. */
  private scanRecord(atEnd: boolean): boolean {
    if (this.state === State.FieldStart && this.position === this.recordStart && !this.passMarks(atEnd)) return false
    const { delimiter, quote, isText, isQuotedText } = this
    const { slab } = this.workspace
    const limit = Math.min(this.end, this.recordStart + this.maxRecordBytes)
    let { position, state, fieldCount } = this
    while (position < limit) {
      const byte = slab[position]!
      switch (state) {
        case State.FieldStart:
        case State.Unquoted:
          if (state === State.FieldStart && byte === quote) {
            state = State.Quoted
            break
          }
          state = State.Unquoted
          if (byte === delimiter) {
            fieldCount++
            state = State.FieldStart
          } else if (byte === LF) {
            return this.endRecord(position, position, fieldCount)
          } else if (byte === CR) {
            state = State.CarriageReturn
          } else {
            // Most bytes end here: a loop without the switch takes them twice as fast.
            while (position + 1 < limit && isText[slab[position + 1]!] === 1) position++
          }
          break
        case State.Quoted:
          if (byte === quote) state = State.QuoteInQuoted
          else if (byte === LF) this.lineFeeds++
          else while (position + 1 < limit && isQuotedText[slab[position + 1]!] === 1) position++
          break
        case State.QuoteInQuoted:
          if (byte === quote) {
            state = State.Quoted
          } else if (byte === delimiter) {
            fieldCount++
            state = State.FieldStart
          } else if (byte === LF) {
            return this.endRecord(position, position, fieldCount)
          } else if (byte === CR) {
            state = State.CarriageReturn
          } else {
            this.position = position
            return this.abandonLine({ kind: 'text-after-quote' })
          }
          break
        case State.CarriageReturn:
          if (byte === LF) return this.endRecord(position - 1, position, fieldCount)
          this.fault ??= { kind: 'bare-carriage-return' }
          state = State.RestOfLine
          break
        case State.RestOfLine:
          if (byte === LF) return this.endRecord(position, position, fieldCount)
          break
      }
      position++
    }
    this.position = position
    this.state = state
    this.fieldCount = fieldCount
    if (position - this.recordStart < this.maxRecordBytes || state === State.RestOfLine) return this.scanRestOfTooLong()
    return this.abandonLine({ kind: state === State.Quoted ? 'unclosed-quote' : 'too-long' })
  }

  /**
   * Drops byte order marks where a record begins: files that were joined have some within. False when the data ends within
   * what may be one.
   */
  private passMarks(atEnd: boolean): boolean {
    const { slab, records } = this.workspace
    const behind = skipMarks(slab, this.recordStart, this.end)
    if (behind < 0) return atEnd
    if (behind > this.recordStart) records.skip(this.recordStart, behind)
    this.recordStart = this.position = behind
    return true
  }

  /** Past the size limit only the line's end is of interest. */
  private scanRestOfTooLong(): boolean {
    if (this.state !== State.RestOfLine || this.position >= this.end) return false
    const lineEnd = this.workspace.slab.indexOf(LF, this.position)
    if (lineEnd < 0 || lineEnd >= this.end) {
      this.position = this.end
      return false
    }
    return this.endRecord(lineEnd, lineEnd, this.fieldCount)
  }

  /** The record's first line is faulty; what follows that line is read anew. */
  private abandonLine(fault: ShapeFault): boolean {
    const lineEnd = this.workspace.slab.indexOf(LF, this.recordStart)
    this.fault = fault
    this.lineFeeds = 0
    if (lineEnd >= 0 && lineEnd < this.position) return this.endRecord(lineEnd, lineEnd, this.fieldCount)
    if (fault.kind === 'unclosed-quote') this.fault = { kind: 'too-long' }
    this.state = State.RestOfLine
    return this.scanRecord(false)
  }

  /** Keeps only the head of a record that is too long, so that a line of any size fits. */
  private dropRestOfTooLong(): void {
    const kept = this.recordStart + KEPT_OF_TOO_LONG
    if (this.state !== State.RestOfLine || this.end - this.recordStart < this.maxRecordBytes || this.end <= kept) return
    this.discarded += this.end - kept
    this.end = this.position = kept
    this.fault = { kind: 'too-long' }
  }

  private finishLastRecord(): void {
    if (this.state === State.Quoted) {
      this.position = this.end
      const lineEnd = this.workspace.slab.indexOf(LF, this.recordStart)
      this.fault = { kind: 'unclosed-quote' }
      this.lineFeeds = 0
      if (lineEnd >= 0 && lineEnd < this.end) return void this.endRecord(lineEnd, lineEnd, this.fieldCount)
    }
    const rawEnd = this.state === State.CarriageReturn ? this.end - 1 : this.end
    this.endRecord(rawEnd, this.end, this.fieldCount)
  }

  /** Always true: a record ended, and the next one starts behind `lineEnd`. */
  private endRecord(rawEnd: number, lineEnd: number, fieldCount: number): true {
    const carriageReturn = rawEnd > this.recordStart && this.workspace.slab[rawEnd - 1] === CR && this.fault ? 1 : 0
    const isEmpty = rawEnd === this.recordStart && !this.fault
    if (!isEmpty && !this.fault && fieldCount !== this.fields) {
      this.fault = { kind: 'ragged', found: fieldCount, expected: this.fields }
    }
    const next = Math.min(lineEnd + 1, this.end)
    if (isEmpty) this.workspace.records.skip(this.recordStart, next)
    else this.workspace.records.add(this.recordStart, rawEnd - carriageReturn, next, this.line, this.fault)
    this.line += this.lineFeeds + 1
    this.lineFeeds = 0
    this.recordStart = this.position = next
    this.state = State.FieldStart
    this.fieldCount = 1
    this.fault = undefined
    return true
  }

  private cut(): CsvChunk {
    const { workspace, nextRow: firstRow } = this
    const { slab, records } = workspace
    const cutAt = this.recordStart
    this.workspace = this.spare.pop() ?? this.newWorkspace()
    slab.copy(this.workspace.slab, 0, cutAt, this.end)
    this.bytesBefore += cutAt + this.discarded
    this.discarded = 0
    this.end -= cutAt
    this.position = this.recordStart = 0
    this.nextRow += records.length
    return {
      index: this.index++,
      bytes: records.assemble(slab, cutAt, this.placeholder),
      firstRow,
      rows: records.length,
      faults: new Map([...records.faults].map(([at, fault]) => [firstRow + at, fault])),
      bytesEnd: this.bytesBefore,
      record: (row) => records.at(slab, row - firstRow),
      release: () => {
        records.clear()
        this.spare.push(workspace)
      },
    }
  }

  private newWorkspace(): Workspace {
    return {
      slab: Buffer.allocUnsafeSlow(this.chunkBytes + this.maxRecordBytes + 2 * READ_BYTES),
      records: new CsvRecordList(),
    }
  }
}

/** 1 at each byte but these */
function allBytesBut(...bytes: number[]): Uint8Array {
  const marks = new Uint8Array(256).fill(1)
  for (const byte of bytes) marks[byte] = 0
  return marks
}

function quoteByte(quote: Quote = '"'): number {
  return quote === 'none' ? NO_QUOTE : quote.charCodeAt(0)
}
