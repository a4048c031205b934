const WINDOW_MS = 60_000
const MAX_ADDRESSES = 50_000

/**
 * Counts failed authentications per address in windows of a minute. Only failing attempts are ever refused for it: a
 * valid key passes from any address, so nobody can lock a customer out from behind the same NAT.
 */
export class FailedAttempts {
  private readonly counts = new Map<string, { count: number; endsAtMs: number }>()

  constructor(
    private readonly perMinute: number,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /** Notes a failure; gives the seconds to wait when there were too many, else 0. */
  note(address: string): number {
    const nowMs = this.nowMs()
    const window = this.windowOf(address, nowMs)
    window.count++
    return window.count > this.perMinute ? Math.max(1, Math.ceil((window.endsAtMs - nowMs) / 1000)) : 0
  }

  private windowOf(address: string, nowMs: number): { count: number; endsAtMs: number } {
    const known = this.counts.get(address)
    if (known && known.endsAtMs > nowMs) return known
    const window = { count: 0, endsAtMs: nowMs + WINDOW_MS }
    this.counts.delete(address)
    this.counts.set(address, window)
    if (this.counts.size > MAX_ADDRESSES) this.counts.delete(this.counts.keys().next().value!)
    return window
  }
}
