import { RecordOffsets } from '../record-offsets.js'
import type { ShapeFault } from './csv-chunk.js'

/** The records of a chunk, and what ClickHouse must not see of them. */
export class CsvRecordList {
  readonly faults = new Map<number, ShapeFault>()
  private readonly offsets = new RecordOffsets()
  /** [from, to, isRecord] of what ClickHouse must not see */
  private readonly cuts: { from: number; to: number; isRecord: boolean }[] = []
  private assembled: Buffer = Buffer.alloc(0)

  get length(): number {
    return this.offsets.length
  }

  add(start: number, end: number, next: number, line: number, fault: ShapeFault | undefined): void {
    if (fault) {
      this.faults.set(this.length, fault)
      this.cuts.push({ from: start, to: next, isRecord: true })
    }
    this.offsets.add(start, end, line)
  }

  clear(): void {
    this.offsets.clear()
    this.faults.clear()
    this.cuts.length = 0
  }

  /** A run of empty lines is one cut: a file of nothing else must cost no more than its bytes. */
  skip(start: number, next: number): void {
    const last = this.cuts.at(-1)
    if (last && !last.isRecord && last.to === start) last.to = next
    else this.cuts.push({ from: start, to: next, isRecord: false })
  }

  at(slab: Buffer, index: number): { raw: Buffer; line: number } {
    return this.offsets.at(slab, index)
  }

  /** The bytes up to `end` without what ClickHouse must not see, in memory that later chunks use again. */
  assemble(slab: Buffer, end: number, placeholder: Buffer): Buffer {
    if (this.cuts.length === 0) return slab.subarray(0, end)
    const target = this.memoryFor(this.assembledLength(end, placeholder.length), slab.length)
    let length = 0
    let from = 0
    for (const cut of this.cuts) {
      length += slab.copy(target, length, from, cut.from)
      if (cut.isRecord) length += placeholder.copy(target, length)
      from = cut.to
    }
    length += slab.copy(target, length, from, end)
    return target.subarray(0, length)
  }

  private assembledLength(end: number, placeholderLength: number): number {
    return this.cuts.reduce(
      (sum, { from, to, isRecord }) => sum - (to - from) + (isRecord ? placeholderLength : 0),
      end,
    )
  }

  /** As large as the slab, if that is enough, so that it is enough for the next chunk too. */
  private memoryFor(length: number, usualLength: number): Buffer {
    if (this.assembled.length < length) this.assembled = Buffer.allocUnsafeSlow(Math.max(length, usualLength))
    return this.assembled
  }
}
