import { ApiProperty } from '@nestjs/swagger'
import { IsOptional } from 'class-validator'
import { IsCleanText } from '../common/decorators/clean-text.decorator.js'
import { PageQuery } from '../common/pagination.dto.js'
import { IsTimestamp } from '../common/decorators/timestamp.decorator.js'

export class AuditQuery extends PageQuery {
  /**
   * A user's id, or `root`
   * @example 'root'
   */
  @IsOptional()
  @IsCleanText(64)
  actor?: string

  /** @example 'user.create' */
  @IsOptional()
  @IsCleanText(64)
  action?: string

  /**
   * The id of what was acted on
   * @example '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11'
   */
  @IsOptional()
  @IsCleanText(200)
  target?: string

  /**
   * From this time on
   * @example '2026-01-01T00:00:00Z'
   */
  @IsOptional()
  @IsTimestamp()
  from?: string

  /**
   * Before this time
   * @example '2026-02-01T00:00:00Z'
   */
  @IsOptional()
  @IsTimestamp()
  to?: string
}

export class AuditEntry {
  /** @example '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11' */
  id: string

  /**
   * The id of the admin who acted, `root` for the root key
   * @example 'root'
   */
  actor: string

  /** @example 'credits.add' */
  action: string

  /**
   * The id of what was acted on
   * @example '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a12'
   */
  target: string | null

  /** What was asked for; keys, secrets and personal data are not in it */
  @ApiProperty({ type: 'object', additionalProperties: true, example: { amount: 100, priority: 50 } })
  details: Record<string, unknown>

  /** @example '2026-01-31T12:00:00.000Z' */
  at: Date
}
