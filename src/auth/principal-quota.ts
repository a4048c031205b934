import type { Principal } from '../common/principal.js'

/** Whom a quota is counted for: a user with all of their keys together, or the root key. */
export function accountOf({ userId }: Pick<Principal, 'userId'>): string {
  return userId ?? 'root'
}

/** How much of something scarce (memory, connections, the engine) each account holds in this process, and the most of it. */
export class PrincipalQuota {
  private readonly held = new Map<string, number>()

  constructor(readonly limit: number) {}

  /** Takes `amount` more; false, and takes nothing, when the account would then hold more than the limit. */
  take(account: string, amount = 1): boolean {
    const next = this.heldBy(account) + amount
    if (next > this.limit) return false
    this.held.set(account, next)
    return true
  }

  /** Refuses only when the limit is reached already: one large amount may exceed it. */
  takeUnlessFull(account: string, amount: number): boolean {
    const held = this.heldBy(account)
    if (held >= this.limit) return false
    this.held.set(account, held + amount)
    return true
  }

  release(account: string, amount = 1): void {
    const left = this.heldBy(account) - amount
    if (left > 0) this.held.set(account, left)
    else this.held.delete(account)
  }

  heldBy(account: string): number {
    return this.held.get(account) ?? 0
  }
}
