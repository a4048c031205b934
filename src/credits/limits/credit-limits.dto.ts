import { IsIn, IsInt, Max, Min } from 'class-validator'
import { MAX_GRANT_CREDITS } from '../credits.types.js'
import { LIMIT_PERIODS, type LimitPeriod } from './credit-limit.entity.js'

/** At most so many credits in each period: UTC days, weeks from Monday, calendar months; or in all of the time */
export class CreditLimitBody {
  /** @example 50 */
  @IsInt()
  @Min(1)
  @Max(MAX_GRANT_CREDITS)
  credits: number

  /** @example 'month' */
  @IsIn(LIMIT_PERIODS)
  every: LimitPeriod
}

export class CreditUsage {
  /**
   * Credits of the limit that are used in the current period
   * @example 12
   */
  used: number

  /**
   * When the next period begins; null: never
   * @example '2026-12-01T00:00:00.000Z'
   */
  resetsAt: Date | null
}
