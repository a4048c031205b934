import { ApiPropertyOptional } from '@nestjs/swagger'
import { Type } from 'class-transformer'
import { IsInt, IsObject, IsOptional, Max, Min, ValidateNested } from 'class-validator'
import { HasNamedKeys } from '../../common/pipes/named-keys.js'
import { AccessPolicyBody } from '../access/access-policy.dto.js'

/** An hour: a page asks its own server for another one. */
export const MAX_TOKEN_SECONDS = 3_600

export class CreateTokenBody {
  /**
   * How long it is good, and no longer than its key
   * @example 900
   */
  @IsInt()
  @Min(1)
  @Max(MAX_TOKEN_SECONDS)
  expiresInSeconds: number

  @ApiPropertyOptional({
    type: AccessPolicyBody,
    nullable: true,
    description: 'What it may see of what its key may; null or absent: all of it, then and later',
  })
  @IsOptional()
  @IsObject()
  @HasNamedKeys('datasets')
  @ValidateNested()
  @Type(() => AccessPolicyBody)
  access?: AccessPolicyBody | null

  /**
   * Credits that it may spend in all; without it, as many as its key
   * @example 50
   */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  maxCredits?: number | null
}

export class Token {
  /**
   * Send it as a key is sent: `Authorization: Bearer TOKEN`, or `x-api-key`
   * @example 'eyJhbGciOiJIUzI1NiJ9.eyJqdGkiOiIwMTlhYTRjMiJ9.0000000000000000000000000000000000000000000'
   */
  token: string

  /** @example '2026-01-31T12:15:00.000Z' */
  expiresAt: string
}
