import { applyDecorators, type Type } from '@nestjs/common'
import { ApiExtraModels, ApiOkResponse, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger'
import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator'
import { WholeNumber } from '../common/decorators/whole-number.decorator.js'

const USAGE_PARTS = ['key', 'dataset'] as const
type UsagePart = (typeof USAGE_PARTS)[number]

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

  /**
   * The whole time by key or by dataset in place of one row a day
   * @example 'key'
   */
  @IsOptional()
  @IsIn(USAGE_PARTS)
  by?: UsagePart
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

class UsageSums {
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

export class UsageOfKey extends UsageSums {
  /**
   * null: requests of before use was kept by key
   * @example '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a14'
   */
  keyId: string | null

  /** @example 'nightly report' */
  name: string | null

  /** @example 'ch_9aXk2Q' */
  prefix: string | null
}

export class UsageOfDataset extends UsageSums {
  /**
   * null: requests that query none
   * @example 'transactions'
   */
  dataset: string | null
}

export class UsageByKey {
  /** most credits first */
  data: UsageOfKey[]
}

export class UsageByDataset {
  /** most credits first */
  data: UsageOfDataset[]
}

export type Usage = UsageReport | UsageByKey | UsageByDataset

/** A day, or by key or dataset: what `by` asks for. */
export function ApiUsage(): MethodDecorator {
  const models: Type<Usage>[] = [UsageReport, UsageByKey, UsageByDataset]
  return applyDecorators(
    ApiExtraModels(...models),
    ApiOkResponse({ schema: { oneOf: models.map((model) => ({ $ref: getSchemaPath(model) })) } }),
  )
}
