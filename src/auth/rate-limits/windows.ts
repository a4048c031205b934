const MAX_WINDOWS = 200_000

/** Windows of time by key, in which something is counted. One that has ended is not there any more. */
export class Windows<Window extends { endsAtMs: number }> {
  private readonly windows = new Map<string, Window>()

  get(key: string, nowMs: number): Window | undefined {
    const window = this.windows.get(key)
    return window && window.endsAtMs > nowMs ? window : undefined
  }

  begin(key: string, window: Window, nowMs: number): void {
    // At the end of the map: the first windows are the oldest, which are the first to end.
    this.windows.delete(key)
    this.windows.set(key, window)
    this.dropEnded(nowMs)
  }

  current(nowMs: number): [string, Window][] {
    return [...this.windows].filter(([, { endsAtMs }]) => endsAtMs > nowMs)
  }

  /** A few at a time, so that no request pays for a sweep of them all. */
  private dropEnded(nowMs: number): void {
    for (let left = 4; left > 0; left--) {
      const oldest = this.windows.entries().next().value
      if (!oldest || (oldest[1].endsAtMs > nowMs && this.windows.size <= MAX_WINDOWS)) return
      this.windows.delete(oldest[0])
    }
  }
}
