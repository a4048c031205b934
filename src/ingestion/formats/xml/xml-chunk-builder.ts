import { MAX_CHUNK_RECORDS, PLACEHOLDER } from '../record-source.js'
import type { XmlChunk, XmlFault } from './xml-chunk.js'

/** Collects records, as CSV and as the file has them, until a chunk is cut. Memory comes back when one is released. */
export class XmlChunkBuilder {
  private readonly done: XmlChunk[] = []
  private readonly spare: Workspace[] = []
  private readonly placeholder: string
  private workspace = new Workspace()
  private index = 0
  private firstRow = 1

  constructor(
    fields: number,
    private readonly chunkBytes: number,
  ) {
    this.placeholder = `${PLACEHOLDER}${','.repeat(fields - 1)}\n`
  }

  get isFull(): boolean {
    const { csv, raw, rows } = this.workspace
    return raw.length >= this.chunkBytes || csv.length >= this.chunkBytes || rows >= MAX_CHUNK_RECORDS
  }

  /** `values` has a text for each field, or undefined for an absent one. */
  add(raw: string, line: number, values: (string | undefined)[], fault: XmlFault | undefined): void {
    const { workspace } = this
    if (fault) workspace.faults.set(this.firstRow + workspace.rows, fault)
    workspace.add(fault ? this.placeholder : quotedCsvLine(values), raw, line)
  }

  /** Ends the chunk, if it has any record, at this byte of the file. */
  cut(bytesEnd: number): void {
    const { workspace, firstRow } = this
    if (workspace.rows === 0) return
    this.workspace = this.spare.pop() ?? new Workspace()
    this.firstRow += workspace.rows
    this.done.push({
      index: this.index++,
      bytes: workspace.csv.bytes(),
      firstRow,
      rows: workspace.rows,
      faults: new Map(workspace.faults),
      bytesEnd,
      record: (row) => ({ raw: workspace.raw.part(row - firstRow), line: workspace.lines[row - firstRow]! }),
      csv: (row) => workspace.csv.part(row - firstRow).subarray(0, -1),
      release: () => {
        workspace.clear()
        this.spare.push(workspace)
      },
    })
  }

  /** The chunks that were cut since the last call. */
  take(): XmlChunk[] {
    return this.done.splice(0)
  }
}

/** Memory of one chunk: no object per record. */
class Workspace {
  readonly csv = new TextList()
  readonly raw = new TextList()
  readonly faults = new Map<number, XmlFault>()
  lines = new Float64Array(1024)
  rows = 0

  add(csv: string, raw: string, line: number): void {
    this.csv.add(csv)
    this.raw.add(raw)
    if (this.rows === this.lines.length) this.lines = grown(this.lines, new Float64Array(2 * this.rows))
    this.lines[this.rows++] = line
  }

  clear(): void {
    this.csv.clear()
    this.raw.clear()
    this.faults.clear()
    this.rows = 0
  }
}

/** Texts one behind the other in UTF-8. */
class TextList {
  /** bytes that are used */
  length = 0
  private slab = Buffer.allocUnsafeSlow(64 * 1024)
  private ends = new Float64Array(1024)
  private count = 0

  add(text: string): void {
    // A character of a JavaScript string takes at most three bytes.
    const needed = this.length + 3 * text.length
    if (needed > this.slab.length) this.slab = grown(this.slab, Buffer.allocUnsafeSlow(2 * needed))
    this.length += this.slab.write(text, this.length)
    if (this.count === this.ends.length) this.ends = grown(this.ends, new Float64Array(2 * this.count))
    this.ends[this.count++] = this.length
  }

  bytes(): Buffer {
    return this.slab.subarray(0, this.length)
  }

  part(index: number): Buffer {
    return this.slab.subarray(index === 0 ? 0 : this.ends[index - 1], this.ends[index])
  }

  clear(): void {
    this.length = this.count = 0
  }
}

function grown<T extends Buffer | Float64Array>(old: T, next: T): T {
  next.set(old)
  return next
}

/** Every field in quotes, so that ClickHouse takes none for a null. */
function quotedCsvLine(values: (string | undefined)[]): string {
  let line = ''
  for (let at = 0; at < values.length; at++) {
    const value = values[at] ?? ''
    line += `${at === 0 ? '"' : ',"'}${value.includes('"') ? value.replaceAll('"', '""') : value}"`
  }
  return `${line}\n`
}
