/** A small generator of pseudo-random numbers (mulberry32): the same seed gives the same run. */
export class SeededRandom {
  constructor(private state: number) {}

  /** 0 <= number < 1 */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }

  /** a whole number, both ends included */
  integer(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1))
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(values: readonly T[]): T {
    return values[this.integer(0, values.length - 1)]!
  }

  /** up to `most` different ones, in random order */
  some<T>(values: readonly T[], most: number, least = 0): T[] {
    const rest = [...values]
    const count = Math.min(this.integer(least, most), rest.length)
    return Array.from({ length: count }, () => rest.splice(this.integer(0, rest.length - 1), 1)[0]!)
  }
}
