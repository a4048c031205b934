/** Hits of one bucket, and when its window ends if it begins with them. */
export interface NewHits {
  bucket: string
  count: number
  endsInMs: number
}

/** What stands in a bucket with them. */
export interface CountedHits {
  total: number
  endsInMs: number
}

/** A run of counts in one store. Where a count may have been lost or cannot be reached, all instances begin another one. */
export interface Generation {
  number: number
  store: 'postgres' | 'redis'
  /** names its counts, and no others that were ever made */
  token: string
}

/** Where hits of all instances are added up. */
export abstract class HitStore {
  /**
   * Adds hits, each bucket once; gives what stands there then, in order. Undefined when they may not have been added, or
   * when counts of the generation may be lost. Never rejects.
   */
  abstract add(generation: Generation, hits: readonly NewHits[]): Promise<CountedHits[] | undefined>
}
