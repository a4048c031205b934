/**
 * ClickHouse time that a principal's failed queries may take. It refills evenly, up to a minute's share. A failure may take
 * more than is left, since it is known only afterwards: then nothing more is allowed until that is made up.
 */
export class FailureBudget {
  private readonly spent = new Map<string, { seconds: number; atMs: number }>()

  constructor(
    private readonly secondsPerMinute: number,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** How long the principal must wait; 0 when it need not. */
  waitSeconds(principal: string): number {
    const excess = this.spentBy(principal) - this.secondsPerMinute
    return excess < 0 ? 0 : Math.max(1, (excess / this.secondsPerMinute) * 60)
  }

  spend(principal: string, seconds: number): void {
    const atMs = this.nowMs()
    this.spent.set(principal, { seconds: this.spentBy(principal) + seconds, atMs })
    for (const other of this.spent.keys()) if (this.spentBy(other) === 0) this.spent.delete(other)
  }

  private spentBy(principal: string): number {
    const known = this.spent.get(principal)
    if (!known) return 0
    const recovered = ((this.nowMs() - known.atMs) / 60_000) * this.secondsPerMinute
    return Math.max(0, known.seconds - recovered)
  }
}
