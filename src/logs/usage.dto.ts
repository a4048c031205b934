import { ApiPropertyOptional } from '@nestjs/swagger'
import { IsInt, Max, Min } from 'class-validator'
import { WholeNumber } from '../common/decorators/whole-number.decorator.js'

export class UsageQuery {
  /**
   * How many days, today included
   * @example 30
   */
  @ApiPropertyOptional({ default: 30 })
  @WholeNumber()
  @IsInt()
  @Min(1)
  @Max(366)
  days: number = 30
}

export class UsageDay {
  /**
   * A UTC day
   * @example '2026-01-31'
   */
  date: string

  /** @example 120 */
  requests: number

  /** @example 100 */
  creditsUsed: number

  /**
   * Requests answered with 400 or above
   * @example 3
   */
  errors: number
}

export class UsageReport {
  /** oldest first, every day present */
  data: UsageDay[]
}
