import { IsIn, IsOptional } from 'class-validator'

export const STATEMENT_TYPES = { json: 'application/json', csv: 'text/csv', html: 'text/html' } as const

export class StatementQuery {
  /**
   * In place of an Accept header, for a link
   * @example 'csv'
   */
  @IsOptional()
  @IsIn(Object.keys(STATEMENT_TYPES))
  format?: keyof typeof STATEMENT_TYPES
}

export class StatementMonth {
  /**
   * In UTC
   * @example '2026-11'
   */
  month: string

  /** @example '2026-11-01T00:00:00.000Z' */
  from: string

  /**
   * The month ends before it
   * @example '2026-12-01T00:00:00.000Z'
   */
  to: string

  /**
   * The month is over: nothing of it changes any more
   * @example true
   */
  isFinal: boolean
}

export class StatementGrants {
  /** @example 'plan basic' */
  reason: string | null

  /** @example 1 */
  count: number

  /** @example 500 */
  amount: number
}

export class StatementUsage {
  /**
   * null: charges that name none
   * @example 'transactions'
   */
  dataset: string | null

  /**
   * The named query; null for others
   * @example 'top_products'
   */
  endpoint: string | null

  /**
   * Requests that were charged in this month
   * @example 124
   */
  requests: number

  /** @example -124 */
  charged: number

  /**
   * What came back of charges, also of those of the month before
   * @example 4
   */
  released: number
}

/** Amounts are signed as in the ledger: `opening` and the five behind it add up to `closing`. */
export class Statement extends StatementMonth {
  /** @example '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11' */
  userId: string

  /** @example 'alice' */
  username: string

  /** @example 80 */
  opening: number

  /** @example 500 */
  granted: number

  /** @example -124 */
  charged: number

  /** @example 4 */
  released: number

  /** @example -10 */
  expired: number

  /** @example 0 */
  voided: number

  /** @example 450 */
  closing: number

  /** most credits first */
  grants: StatementGrants[]

  /** most credits first */
  usage: StatementUsage[]
}
