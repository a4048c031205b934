/** What changes within so long after a refresh shares the next one. */
const DEBOUNCE_MS = 200
/** Between two refreshes, this many times as long as one takes: those that nobody waits for may use a fifth of the time. */
const REST_FACTOR = 4
const AWAITED_REST_FACTOR = 1
const MAX_BACK_OFF_MS = 60_000

/** When the next refresh may begin: at once after a pause, so that a first change is followed at once. */
export class RefreshSchedule {
  /** somebody waits for the next one */
  isAwaited = false
  private notBefore = 0
  private notBeforeAwaited = 0
  private failures = 0

  /** So long until then. */
  restMs(): number {
    return Math.max(0, (this.isAwaited ? this.notBeforeAwaited : this.notBefore) - Date.now())
  }

  succeeded(tookMs: number): void {
    this.failures = 0
    this.isAwaited = false
    this.notBefore = Date.now() + Math.max(DEBOUNCE_MS, REST_FACTOR * tookMs)
    this.notBeforeAwaited = Date.now() + AWAITED_REST_FACTOR * tookMs
  }

  /** Who waits waits for the same: what fails is not tried again and again. */
  failed(): void {
    this.isAwaited = false
    this.notBefore = Date.now() + Math.min(1_000 * 2 ** this.failures++, MAX_BACK_OFF_MS)
    this.notBeforeAwaited = this.notBefore
  }
}
