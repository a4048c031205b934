interface InFlight {
  userId: string
  /** whether the database holds a reservation for it, which tells all instances that it is in flight */
  reserved: boolean
  startedAtMs: number
  state: 'open' | 'settling' | 'released'
}

/** Longer than a statement may run (statement_timeout), so that one whose connection broke has ended by then. */
const MAX_UNKNOWN_MS = 90_000

/**
 * What this process knows of its own charges. A reservation in the database that carries this instance's id and is
 * not in here has no request behind it any more (its statement failed after the commit, or its release did). Charges
 * without a reservation are known here alone: they stay until their release is known to be durable.
 */
export class ChargesInFlight {
  private readonly charges = new Map<string, InFlight>()

  constructor(private readonly nowMs: () => number = Date.now) {}

  add(chargeId: string, userId: string, reserved: boolean): void {
    this.charges.set(chargeId, { userId, reserved, startedAtMs: this.nowMs(), state: 'open' })
  }

  get(chargeId: string): Readonly<InFlight> | undefined {
    return this.charges.get(chargeId)
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

  /**
   * A release reached the database. When it found nothing to give back, the statement of the charge may still be
   * running behind a broken connection, so the charge is looked for until that cannot be any more.
   */
  confirmRelease(chargeId: string, released: boolean): void {
    const charge = this.charges.get(chargeId)
    if (charge && !charge.reserved && (released || this.ageMs(charge) > MAX_UNKNOWN_MS)) this.charges.delete(chargeId)
  }

  /** Released charges without a reservation whose release is not known to be durable. */
  unconfirmed(): { id: string; userId: string; reserved: false }[] {
    return [...this.charges]
      .filter(([, { state, reserved }]) => state === 'released' && !reserved)
      .map(([id, { userId }]) => ({ id, userId, reserved: false }))
  }

  /** Forgets released reservations after a while, and gives back the ids of open charges older than `maxAgeMs`. */
  sweep(maxAgeMs: number): string[] {
    const lost: string[] = []
    for (const [chargeId, charge] of this.charges) {
      if (charge.state === 'released' && charge.reserved && this.ageMs(charge) > MAX_UNKNOWN_MS)
        this.charges.delete(chargeId)
      if (charge.state === 'open' && this.ageMs(charge) > maxAgeMs) lost.push(chargeId)
    }
    return lost
  }

  private ageMs({ startedAtMs }: InFlight): number {
    return this.nowMs() - startedAtMs
  }
}
