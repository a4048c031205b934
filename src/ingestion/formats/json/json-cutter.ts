import { HeaderError } from '../../mapping/source-header.js'
import type { ByteSource } from '../byte-source.js'
import { LF } from './json-bytes.js'
import { JsonScanner } from './json-scanner.js'
import type { FieldNames } from '../record-names.js'
import { RecordOffsets } from '../record-offsets.js'
import {
  csvLine,
  KEPT_OF_TOO_LONG,
  MAX_CHUNK_RECORDS,
  MAX_RECORD_BYTES,
  PLACEHOLDER,
  TOO_LONG,
  type Fault,
  type RecordChunk,
} from '../record-source.js'

const READ_BYTES = 1024 * 1024

export interface JsonCutOptions {
  chunkBytes: number
  /** those that are read; the others of the header are left empty */
  names: FieldNames
  /** those of rejected records: all of the header */
  allNames: FieldNames
  firstLine: number
  firstByte: number
}

/** Memory of one chunk. */
interface Workspace {
  slab: Buffer
  out: Buffer
  offsets: RecordOffsets
  faults: Map<number, Fault>
}

/**
 * Cuts a stream of JSON into chunks of whole records and writes their fields as lines of CSV, which is what ClickHouse
 * reads fastest. No object is made of a record. Subclasses know how the records are strung together.
 */
export abstract class JsonCutter {
  protected readonly scanner: JsonScanner
  /** of the slab [0, end) holds data, [0, position) is done with */
  protected slab: Buffer
  protected end = 0
  protected position = 0
  protected line: number
  private readonly placeholder: Buffer
  private readonly names: FieldNames
  private readonly allNames: FieldNames
  private readonly chunkBytes: number
  private workspace: Workspace
  private readonly spare: Workspace[] = []
  private outEnd = 0
  private index = 0
  private firstRow = 1
  private bytesBefore: number
  private discarded = 0

  constructor({ chunkBytes, names, allNames, firstLine, firstByte }: JsonCutOptions) {
    this.chunkBytes = chunkBytes
    this.names = names
    this.allNames = allNames
    this.scanner = new JsonScanner(names)
    this.placeholder = Buffer.from(`${PLACEHOLDER}${','.repeat(Math.max(0, names.count - 1))}\n`)
    this.line = firstLine
    this.bytesBefore = firstByte
    this.workspace = this.newWorkspace()
    this.slab = this.workspace.slab
  }

  /** Goes over the next record; false when the data ends before it does. Throws HeaderError when there is no going on. */
  protected abstract next(atEnd: boolean): boolean

  /** Says that the slab's data now lies so many bytes nearer to its front. */
  protected abstract shifted(by: number): void

  /** Called behind the last record. Throws HeaderError when the file ends where it must not. */
  protected abstract finish(): void

  async *chunks(source: ByteSource): AsyncGenerator<RecordChunk> {
    for (let read = 1; read > 0;) {
      const room = this.slab.subarray(this.end, this.end + READ_BYTES)
      // Reading into nothing would pass for the end of the file.
      if (room.length === 0) throw new Error('a chunk has no room left')
      read = await source.read(room)
      this.end += read
      while (this.next(read === 0)) if (this.isFull()) yield this.cut()
      if (this.position >= this.chunkBytes) yield* this.leaveBlanks()
    }
    this.finish()
    if (this.workspace.offsets.length > 0) yield this.cut()
  }

  hasSeen(field: number): boolean {
    return this.scanner.hasSeen(field)
  }

  /** number of the next record */
  protected get row(): number {
    return this.firstRow + this.workspace.offsets.length
  }

  /** Takes in the record that the scanner read last. */
  protected addScanned(start: number, end: number): void {
    const { out } = this.workspace
    const outEnd = this.scanner.fault ? -1 : this.scanner.writeCsv(this.slab, out, this.outEnd)
    if (outEnd < 0) return this.addFaulty(start, end, this.scanner.fault!)
    this.outEnd = outEnd
    this.workspace.offsets.add(start, end, this.line)
  }

  protected addFaulty(start: number, end: number, fault: Fault): void {
    const { out, offsets, faults } = this.workspace
    this.outEnd += this.placeholder.copy(out, this.outEnd)
    faults.set(offsets.length, fault)
    offsets.add(start, end, this.line)
  }

  /** Drops what is behind the head of a record that is too long, up to `from`, so that a record of any size fits. */
  protected dropBehindHead(start: number, from: number): void {
    const kept = Math.min(start + KEPT_OF_TOO_LONG, from)
    this.slab.copy(this.slab, kept, from, this.end)
    this.discarded += from - kept
    this.end -= from - kept
  }

  protected addTooLong(start: number, end: number): void {
    this.addFaulty(start, Math.min(end, start + KEPT_OF_TOO_LONG), { reason: TOO_LONG })
  }

  protected isTooLong(start: number, end: number): boolean {
    return end - start > MAX_RECORD_BYTES
  }

  /** The scanner's problem with the place where it lies, seen from the record's start. */
  protected syntaxFault(start: number, at = this.scanner.problemAt, problem = this.scanner.problem): Fault {
    let line = this.line
    let lineStart = start
    for (let next = this.slab.indexOf(LF, start); next >= 0 && next < at; next = this.slab.indexOf(LF, next + 1)) {
      line++
      lineStart = next + 1
    }
    const character = this.slab.toString('utf8', lineStart, at).length + 1
    const place = line === this.line ? `character ${character} of the record` : `line ${line}, character ${character}`
    return { reason: `the record is not valid JSON: ${problem} at ${place}` }
  }

  /** Makes room when it was filled by what lies between records. */
  private *leaveBlanks(): Generator<RecordChunk> {
    const by = this.position
    if (this.workspace.offsets.length > 0) {
      yield this.cut()
    } else {
      this.slab.copy(this.slab, 0, by, this.end)
      this.bytesBefore += by
      this.end -= by
      this.position = 0
    }
    this.shifted(by)
  }

  private isFull(): boolean {
    if (this.workspace.offsets.length === 0) return false
    return (
      this.position >= this.chunkBytes ||
      this.outEnd >= this.chunkBytes ||
      this.workspace.offsets.length >= MAX_CHUNK_RECORDS
    )
  }

  private cut(): RecordChunk {
    const { workspace, firstRow, position: cutAt } = this
    const { slab, out, offsets, faults } = workspace
    const bytes = out.subarray(0, this.outEnd)
    const allScanner = new JsonScanner(this.allNames, true)
    this.workspace = this.spare.pop() ?? this.newWorkspace()
    slab.copy(this.workspace.slab, 0, cutAt, this.end)
    this.slab = this.workspace.slab
    this.bytesBefore += cutAt + this.discarded
    this.discarded = 0
    this.end -= cutAt
    this.position = this.outEnd = 0
    this.firstRow += offsets.length
    return {
      index: this.index++,
      bytes,
      firstRow,
      rows: offsets.length,
      bytesEnd: this.bytesBefore,
      fault: (row) => faults.get(row - firstRow),
      record: (row) => offsets.at(slab, row - firstRow),
      fields: (rows) => rows.map((row) => decoded(textsOf(allScanner, offsets.at(slab, row - firstRow).raw) ?? [])),
      csvRecord: (row) => csvRecordOf(allScanner, offsets.at(slab, row - firstRow).raw),
      release: () => {
        offsets.clear()
        faults.clear()
        this.spare.push(workspace)
      },
    }
  }

  private newWorkspace(): Workspace {
    return {
      slab: Buffer.allocUnsafeSlow(this.chunkBytes + MAX_RECORD_BYTES + 2 * READ_BYTES),
      // A record's CSV is no longer than its JSON but for the commas of the fields that it lacks.
      out: Buffer.allocUnsafeSlow(this.chunkBytes + MAX_RECORD_BYTES + READ_BYTES + 4 * this.names.count + 16),
      offsets: new RecordOffsets(),
      faults: new Map(),
    }
  }
}

/** Fields of one record, in Latin-1 for their bytes; undefined when it is no JSON object. */
function textsOf(scanner: JsonScanner, raw: Buffer): string[] | undefined {
  if (raw[0] !== 0x7b) return undefined
  return scanner.scanObject(raw, 0, raw.length) < 0 ? undefined : scanner.texts(raw)
}

function decoded(texts: string[]): string[] {
  return texts.map((text) => Buffer.from(text, 'latin1').toString('utf8'))
}

function csvRecordOf(scanner: JsonScanner, raw: Buffer): Buffer {
  return Buffer.from(csvLine(textsOf(scanner, raw) ?? [raw.toString('latin1')]), 'latin1')
}

/** The file cannot be read on; nothing of it is loaded. */
export function brokenOff(row: number, line: number): HeaderError {
  return new HeaderError(`The file ends inside record ${row} (line ${line}): it is not whole. Nothing was loaded.`)
}
