/** A seeded stream of numbers in [0, 1): mulberry32 (Tommy Ettinger, public domain). The same seed, the same numbers. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** What is drawn from such a stream. */
export class SeededRandom {
  /** 0 <= number < 1 */
  readonly next: () => number

  constructor(seed: number) {
    this.next = seededRandom(seed)
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
