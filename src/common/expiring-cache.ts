import { LRUCache } from 'lru-cache'

type Load<Value> = (key: string) => Promise<Value>

/**
 * Caches values for a short time and loads once for concurrent callers; failures are not kept. Bounded: what was used
 * least lately goes first. lru-cache counts the age of a value from the end of its load and keeps no `undefined`; here
 * the time counts from the start, so that a value is never older than `ttlMs`.
 */
export class ExpiringCache<Value> {
  private readonly cache: LRUCache<string, { value: Value }, Load<Value>>

  constructor({ ttlMs, maxEntries }: { ttlMs: number; maxEntries: number }) {
    this.cache = new LRUCache({
      max: maxEntries,
      ttl: ttlMs,
      // Who waits for a load gets its value, also when the cache was cleared meanwhile; it is not kept then.
      ignoreFetchAbort: true,
      fetchMethod: async (key, _stale, { options, context: load }) => {
        const startedAtMs = performance.now()
        const value = await load(key)
        options.ttl = Math.max(1, ttlMs - (performance.now() - startedAtMs))
        return { value }
      },
    })
  }

  async get(key: string, load: Load<Value>): Promise<Value> {
    return (await this.cache.fetch(key, { context: load }))!.value
  }

  /** The value, if it is here and need not be waited for. */
  peek(key: string): Value | undefined {
    return this.cache.get(key)?.value
  }

  clear(): void {
    this.cache.clear()
  }
}
