import { ApiProperty, OmitType, PartialType } from '@nestjs/swagger'
import { IsBoolean, IsIn, IsInt, IsOptional, Max, MaxLength, Min, MinLength } from 'class-validator'
import { AccessPolicyBody, AccessPolicyInfo, IsAccessPolicy } from '../auth/access/access-policy.dto.js'
import { IsCleanText } from '../common/decorators/clean-text.decorator.js'
import { MayBeAbsent } from '../common/decorators/may-be-absent.decorator.js'
import { MAX_GRANT_CREDITS } from '../credits/credits.types.js'
import { PLAN_PERIODS, type PlanEntity, type PlanPeriod } from './plan.entity.js'

class PlanSettings {
  /**
   * Unique, ignoring case; grants have the reason `plan <name>`
   * @example 'Starter'
   */
  @IsCleanText(64)
  @MinLength(1)
  @MaxLength(64)
  name: string

  /**
   * Granted at the start of each period, in whole credits; a change holds from the next period on
   * @example 1000
   */
  @IsInt()
  @Min(1)
  @Max(MAX_GRANT_CREDITS)
  credits: number

  /**
   * Periods begin with the assignment of the plan and are counted from there, in UTC; of a month without that day, on its last
   * @example 'month'
   */
  @IsIn(PLAN_PERIODS)
  every: PlanPeriod
}

export class CreatePlanBody extends PlanSettings {
  /**
   * What is left of a period's credits stays; else it expires when the period ends
   * @example false
   */
  @MayBeAbsent()
  @IsBoolean()
  rollOver?: boolean

  /**
   * Queries a minute with all keys of a user who has no limit of its own
   * @example 120
   */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  rateLimitPerMinute?: number | null

  @IsAccessPolicy('narrows what its users may see; null or absent: it does not')
  access?: AccessPolicyBody | null
}

export class UpdatePlanBody extends PartialType(CreatePlanBody, { skipNullProperties: false }) {}

export class Plan {
  /** @example '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11' */
  id: string

  /** @example 'Starter' */
  name: string

  /**
   * Granted at the start of each period
   * @example 1000
   */
  credits: number

  /** @example 'month' */
  every: PlanPeriod

  /** @example false */
  rollOver: boolean

  /**
   * null: none
   * @example 120
   */
  rateLimitPerMinute: number | null

  @ApiProperty({ type: AccessPolicyInfo, nullable: true, description: 'null: what its users may see without it' })
  access: AccessPolicyInfo | null

  /**
   * How many users have it
   * @example 3
   */
  users: number

  /** @example '2026-01-31T12:00:00.000Z' */
  createdAt: Date

  static of(entity: PlanEntity, users: number): Plan {
    const { id, name, credits, every, rollOver, rateLimitPerMinute, access, createdAt } = entity
    const settings = { name, credits, every, rollOver, rateLimitPerMinute, access }
    return Object.assign(new Plan(), { id, ...settings, users, createdAt })
  }
}

/** The plan of an account, and where it stands in it. */
export class OwnPlan extends OmitType(Plan, ['users', 'access', 'createdAt']) {
  /** @example '2026-11-01T00:00:00.000Z' */
  periodStart: Date

  /**
   * When the next period begins, with its grant
   * @example '2026-12-01T00:00:00.000Z'
   */
  periodEnd: Date

  /**
   * Credits of this period
   * @example 1000
   */
  granted: number
}

export class OwnPlanReport {
  /** null: none */
  plan: OwnPlan | null
}
