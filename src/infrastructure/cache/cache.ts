/** What the cache's server tells of itself; null: it does not, or there is none. */
export interface CacheServer {
  version: string | null
  /** bytes of memory */
  usedBytes: number | null
}

/**
 * Cache-aside for bytes: what is in it can be computed again, so that it may forget anything at any time.
 * No method throws: a cache out of reach is a miss, and nobody waits for it longer than a moment.
 */
export abstract class Cache {
  /** The bytes under the key, or undefined. */
  abstract get(key: string): Promise<Buffer | undefined>
  /** Keeps the bytes for that long; values that are too large are not kept. */
  abstract set(key: string, value: Buffer, ttlMs: number): Promise<void>
  abstract delete(key: string): Promise<void>
  /** Whether it answers just now. */
  abstract isReachable(): Promise<boolean>
  abstract server(): Promise<CacheServer>
  /** Lets go of connections. */
  abstract close(): Promise<void>
}

/** A value larger than this costs more to keep and to move than to compute. */
export const MAX_VALUE_BYTES = 8 * 1024 * 1024
