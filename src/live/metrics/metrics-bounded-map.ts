interface Entry<Value> {
  value: Value
  bytes: number
}

/** A map that forgets what was set longest ago when it has too many entries or too many bytes. */
export class BoundedMap<Value> {
  private readonly entries = new Map<string, Entry<Value>>()
  private bytes = 0

  constructor(private readonly limits: { maxEntries: number; maxBytes: number }) {}

  get(key: string): Value | undefined {
    return this.entries.get(key)?.value
  }

  /** `bytes`: about what the entry takes. */
  set(key: string, value: Value, bytes: number): void {
    this.delete(key)
    this.entries.set(key, { value, bytes })
    this.bytes += bytes
    while (this.entries.size > this.limits.maxEntries || this.bytes > this.limits.maxBytes) {
      this.delete(this.entries.keys().next().value!)
    }
  }

  *[Symbol.iterator](): IterableIterator<[key: string, value: Value]> {
    for (const [key, { value }] of this.entries) yield [key, value]
  }

  private delete(key: string): void {
    const known = this.entries.get(key)
    if (!known) return
    this.entries.delete(key)
    this.bytes -= known.bytes
  }
}
