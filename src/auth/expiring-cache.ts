interface Cached<Value> {
  value: Promise<Value>
  /** what the promise resolved to */
  known?: Value
  staleAtMs: number
}

/**
 * Caches values for a short time and loads once for concurrent callers. Bounded: the oldest value goes first.
 * The time counts from the start of the load, so a value is never older than `ttlMs`.
 */
export class ExpiringCache<Value> {
  private readonly entries = new Map<string, Cached<Value>>()

  constructor(private readonly options: { ttlMs: number; maxEntries: number; nowMs?: () => number }) {}

  get(key: string, load: (key: string) => Promise<Value>): Promise<Value> {
    const known = this.entries.get(key)
    if (known && known.staleAtMs > this.nowMs()) return known.value
    const staleAtMs = this.nowMs() + this.options.ttlMs
    const entry: Cached<Value> = { value: load(key), staleAtMs }
    this.put(key, entry)
    entry.value.then(
      (value) => (entry.known = value),
      () => this.entries.get(key) === entry && this.entries.delete(key),
    )
    return entry.value
  }

  /** The value, if it is here and need not be waited for. */
  peek(key: string): Value | undefined {
    const entry = this.entries.get(key)
    return entry && entry.staleAtMs > this.nowMs() ? entry.known : undefined
  }

  clear(): void {
    this.entries.clear()
  }

  private put(key: string, entry: Cached<Value>): void {
    // Deleting first moves the key to the end: the first key of a Map is then the one that was asked longest ago.
    this.entries.delete(key)
    this.entries.set(key, entry)
    if (this.entries.size > this.options.maxEntries) this.entries.delete(this.entries.keys().next().value!)
  }

  private nowMs(): number {
    return (this.options.nowMs ?? Date.now)()
  }
}
