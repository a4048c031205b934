/** Where the records of a chunk lie: numbers in typed arrays, no object per record. */
export class RecordOffsets {
  length = 0
  private starts = new Uint32Array(4096)
  private ends = new Uint32Array(4096)
  private lines = new Float64Array(4096)

  add(start: number, end: number, line: number): void {
    if (this.length === this.starts.length) this.grow()
    this.starts[this.length] = start
    this.ends[this.length] = end
    this.lines[this.length] = line
    this.length++
  }

  at(slab: Buffer, index: number): { raw: Buffer; line: number } {
    return { raw: slab.subarray(this.starts[index], this.ends[index]), line: this.lines[index]! }
  }

  clear(): void {
    this.length = 0
  }

  private grow(): void {
    const size = this.starts.length * 2
    const resize = <T extends Uint32Array | Float64Array>(old: T, next: T): T => (next.set(old), next)
    this.starts = resize(this.starts, new Uint32Array(size))
    this.ends = resize(this.ends, new Uint32Array(size))
    this.lines = resize(this.lines, new Float64Array(size))
  }
}
