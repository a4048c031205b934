import { createCache, memoryStore, type MemoryCache as Store, type MemoryConfig } from 'cache-manager'
import { Cache, MAX_VALUE_BYTES, type CacheServer } from './cache.js'

const MAX_TOTAL_BYTES = 64 * 1024 * 1024
const MAX_ENTRIES = 10_000
/** What an entry costs besides its key and value. */
const ENTRY_OVERHEAD_BYTES = 256

/** In this process, bounded by bytes; the entries not used for longest go first. */
export class MemoryCache extends Cache {
  private readonly store: Store

  constructor(maxTotalBytes = MAX_TOTAL_BYTES) {
    super()
    const options: MemoryConfig = {
      ttl: 0,
      max: MAX_ENTRIES,
      maxSize: maxTotalBytes,
      sizeCalculation: (value: unknown, key: string) =>
        (value as Buffer).byteLength + key.length * 2 + ENTRY_OVERHEAD_BYTES,
      shouldCloneBeforeSet: false,
      // Without it every entry has a timer of its own; stale ones are dropped when they are read or pushed out.
      ttlAutopurge: false,
    }
    this.store = createCache(memoryStore(options), options)
  }

  override async get(key: string): Promise<Buffer | undefined> {
    return this.store.get<Buffer>(key)
  }

  override async set(key: string, value: Buffer, ttlMs: number): Promise<void> {
    if (value.byteLength <= MAX_VALUE_BYTES) await this.store.set(key, value, ttlMs)
  }

  override async delete(key: string): Promise<void> {
    await this.store.del(key)
  }

  override async isReachable(): Promise<boolean> {
    return true
  }

  override async server(): Promise<CacheServer> {
    return { version: null, usedBytes: null }
  }

  override async close(): Promise<void> {
    await this.store.reset()
  }
}
