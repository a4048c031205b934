interface InFlight {
  userId: string
  startedAtMs: number
  state: 'open' | 'settling' | 'released'
}

/**
 * What this process knows of its own charges. A reservation in the database that carries this instance's id and is
 * not in here has no request behind it any more (its statement failed after the commit, or its release did).
 */
export class ChargesInFlight {
  private readonly charges = new Map<string, InFlight>()

  constructor(private readonly nowMs: () => number = Date.now) {}

  add(chargeId: string, userId: string): void {
    this.charges.set(chargeId, { userId, startedAtMs: this.nowMs(), state: 'open' })
  }

  userOf(chargeId: string): string | undefined {
    return this.charges.get(chargeId)?.userId
  }

  /** Marks an open charge; false when it is unknown, or was settled or released before. */
  close(chargeId: string, state: 'settling' | 'released'): boolean {
    const charge = this.charges.get(chargeId)
    if (charge?.state !== 'open') return false
    charge.state = state
    return true
  }

  remove(chargeId: string): void {
    this.charges.delete(chargeId)
  }

  /** True while a request stands behind the charge: it runs, or its settlement is on the way. */
  holds(chargeId: string): boolean {
    const charge = this.charges.get(chargeId)
    return charge !== undefined && charge.state !== 'released'
  }

  /** Forgets released charges after a minute, and gives back the ids of open ones that are older than `maxAgeMs`. */
  sweep(maxAgeMs: number): string[] {
    const lost: string[] = []
    for (const [chargeId, { state, startedAtMs }] of this.charges) {
      const ageMs = this.nowMs() - startedAtMs
      if (state === 'released' && ageMs > 60_000) this.charges.delete(chargeId)
      if (state === 'open' && ageMs > maxAgeMs) lost.push(chargeId)
    }
    return lost
  }
}
