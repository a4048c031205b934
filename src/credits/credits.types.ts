/** The largest amount of one grant; ten thousand of them still add up to an exact JSON number. */
export const MAX_GRANT_CREDITS = 1e12

export const ENTRY_TYPES = ['grant', 'charge', 'release', 'expire', 'void'] as const
export type EntryType = (typeof ENTRY_TYPES)[number]

/** What a request asks to be charged; costs and balances are whole credits. */
export interface ChargeInput {
  userId: string
  /** whose limit it counts in; absent or null: none */
  keyId?: string | null
  /** one more limit that it counts in (CreditLimitsService), beside that of the key; absent or null: none */
  limitId?: string | null
  cost: number
  requestId: string
  reason: string
  /**
   * True: the charge stays in flight in the database until it is settled or released, so that it also comes back when
   * this process dies. False: the answer is in hand already, nothing but a client who has gone can go wrong with it any
   * more; the charge is final at once unless this process releases it.
   */
  reserve: boolean
  /** Charges only while this holds, which the statement that charges decides. */
  condition?: ChargeCondition
}

/** The dataset is at this version: what was found for a request is still its result. */
export interface ChargeCondition {
  dataset: string
  version: number
}

/** What a key's limit said of a charge that it refused. */
export interface LimitExceeded {
  /** credits a period */
  limit: number
  /** credits in this one */
  used: number
  /** when the next one begins; null for a limit of all of the time */
  resetsAt: Date | null
}

/** A charge that was made; it is in flight until it is settled or released. */
export interface Charge {
  chargeId: string
  /** credits left after it */
  balance: number
}

export interface GrantInput {
  userId: string
  amount: number
  reason?: string | null
  /** 0-100, lower burns first; 50 when not given */
  priority?: number
  expiresAt?: Date | null
}

/** An entry of the ledger. */
export interface EntryRow {
  id: string
  grantId: string
  type: EntryType
  amount: number
  balanceAfter: number
  requestId: string | null
  reason: string | null
  createdAt: Date
}

export interface GrantRow {
  id: string
  amount: number
  remaining: number
  priority: number
  expiresAt: Date | null
  reason: string | null
  voidedAt: Date | null
  createdAt: Date
}
