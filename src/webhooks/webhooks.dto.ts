import { ApiProperty, PartialType } from '@nestjs/swagger'
import {
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  IsUUID,
  Max,
  MaxLength,
  Min,
} from 'class-validator'
import { MayBeAbsent } from '../common/decorators/may-be-absent.decorator.js'
import type { WebhookEntity } from './webhook.entity.js'
import { WEBHOOK_EVENTS, type WebhookEvent } from './webhook-events.js'

const STATUSES = ['active', 'disabled'] as const
type WebhookStatus = (typeof STATUSES)[number]

/** For a week at most. */
const MAX_OVERLAP_SECONDS = 7 * 86_400

export class CreateWebhookBody {
  /**
   * http or https, to port 80, 443 or one from 1024 that no other protocol is known for; a full domain name or a public
   * address, unless WEBHOOK_ALLOW_PRIVATE is set
   * @example 'https://example.com/hooks/countinghouse'
   */
  @IsString()
  @MaxLength(2048)
  url: string

  @ApiProperty({ enum: WEBHOOK_EVENTS, isArray: true, example: ['ingestion.failed', 'credits.low'] })
  @IsArray()
  @ArrayNotEmpty()
  @ArrayUnique()
  @IsIn(WEBHOOK_EVENTS, { each: true, message: `must be among ${WEBHOOK_EVENTS.join(', ')}` })
  events: WebhookEvent[]

  /**
   * Only what happens to this user; to all when absent. Ingestions belong to no user
   * @example null
   */
  @IsOptional()
  @IsUUID()
  userId?: string | null
}

/** What is left out stays. */
export class UpdateWebhookBody extends PartialType(CreateWebhookBody, { skipNullProperties: false }) {
  /**
   * While it is disabled nothing is sent or kept for later
   * @example 'active'
   */
  @MayBeAbsent()
  @IsIn(STATUSES)
  status?: WebhookStatus
}

export class RotateSecretBody {
  /**
   * How long deliveries are signed with the old secret as well; 0 ends it at once
   * @example 86400
   */
  @MayBeAbsent()
  @IsInt()
  @Min(0)
  @Max(MAX_OVERLAP_SECONDS)
  overlapSeconds?: number
}

export class Webhook {
  /** @example '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a14' */
  id: string

  /** @example 'https://example.com/hooks/countinghouse' */
  url: string

  @ApiProperty({ enum: WEBHOOK_EVENTS, isArray: true, example: ['ingestion.failed', 'credits.low'] })
  events: WebhookEvent[]

  /** @example null */
  userId: string | null

  @ApiProperty({ enum: STATUSES, example: 'active' })
  status: WebhookStatus

  /**
   * Why nothing is sent
   * @example null
   */
  disabledReason: string | null

  /**
   * Until then deliveries are also signed with the secret before the last rotation
   * @example null
   */
  previousSecretExpiresAt: Date | null

  /** @example '2026-01-31T12:00:00.000Z' */
  createdAt: Date

  static of({ id, url, events, userId, disabledAt, disabledReason, ...more }: WebhookEntity): Webhook {
    const status = disabledAt === null ? 'active' : 'disabled'
    const { previousSecretExpiresAt: expiresAt, createdAt } = more
    const previousSecretExpiresAt = expiresAt && expiresAt > new Date() ? expiresAt : null
    const fields = { id, url, events, userId, status, disabledReason, previousSecretExpiresAt, createdAt }
    return Object.assign(new Webhook(), fields)
  }
}

export class WebhookWithSecret extends Webhook {
  /**
   * Signs the deliveries, by Standard Webhooks. It is in this response and nowhere else
   * @example 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo='
   */
  secret: string
}
