import { Transform } from 'class-transformer'
import { IsIn, IsInt, IsOptional, IsUUID, Max, Min } from 'class-validator'
import { EffectiveAccess } from '../auth/access/effective-access.js'
import { IsCleanText } from '../common/decorators/clean-text.decorator.js'
import { IsTimestamp } from '../common/decorators/timestamp.decorator.js'
import { PageQuery } from '../common/pagination.dto.js'
import { visibleReasonOf } from './charge-reason.js'
import { MAX_GRANT_CREDITS, type EntryRow, type EntryType, type GrantRow } from './credits.types.js'

export class AddCreditsBody {
  /** @example '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11' */
  @IsUUID()
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.toLowerCase() : value))
  userId: string

  /**
   * Whole credits
   * @example 100
   */
  @IsInt()
  @Min(1)
  @Max(MAX_GRANT_CREDITS)
  amount: number

  /** @example 'invoice 4711' */
  @IsOptional()
  @IsCleanText(500)
  reason?: string | null

  /**
   * Lower burns first
   * @example 50
   */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(100)
  priority?: number

  /**
   * When the unspent rest expires; never when absent
   * @example '2030-01-01T00:00:00.000Z'
   */
  @IsOptional()
  @IsTimestamp()
  expiresAt?: string | null
}

export class AddedCredits {
  /** @example '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11' */
  userId: string

  /**
   * The balance after it
   * @example 100
   */
  credits: number

  /** @example '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a12' */
  grantId: string
}

export class OwnLedgerQuery extends PageQuery {
  /**
   * In place of an Accept header, for a link
   * @example 'csv'
   */
  @IsOptional()
  @IsIn(['json', 'csv'])
  format?: 'json' | 'csv'
}

export class LedgerEntry {
  /** @example '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11' */
  id: string

  /** @example '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a12' */
  grantId: string

  /** @example 'charge' */
  type: EntryType

  /**
   * Negative where credits leave the balance
   * @example -1
   */
  amount: number

  /** @example 99 */
  balanceAfter: number

  /** @example '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a13' */
  requestId: string | null

  /** @example 'query' */
  reason: string | null

  /** @example '2026-01-31T12:00:00.000Z' */
  createdAt: Date

  /** As its reader may see it. */
  static of(row: EntryRow, access = EffectiveAccess.UNRESTRICTED): LedgerEntry {
    return Object.assign(new LedgerEntry(), row, {
      reason: row.type === 'charge' ? visibleReasonOf(row.reason, access) : row.reason,
    })
  }
}

/** of a file of the ledger */
export const LEDGER_COLUMNS = [
  'id',
  'grantId',
  'type',
  'amount',
  'balanceAfter',
  'requestId',
  'reason',
  'createdAt',
] satisfies (keyof LedgerEntry)[]

export class Grant {
  /** @example '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a12' */
  id: string

  /** @example 100 */
  amount: number

  /** @example 99 */
  remaining: number

  /** @example 50 */
  priority: number

  /** @example null */
  expiresAt: Date | null

  /** @example 'invoice 4711' */
  reason: string | null

  /** @example null */
  voidedAt: Date | null

  /** @example '2026-01-31T12:00:00.000Z' */
  createdAt: Date

  static of(row: GrantRow): Grant {
    return Object.assign(new Grant(), row)
  }
}
