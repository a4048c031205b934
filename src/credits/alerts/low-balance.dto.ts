import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger'
import { IsString, MaxLength } from 'class-validator'
import {
  DELIVERY_STATUSES,
  type DeliveryStatus,
  type WebhookDeliveryEntity,
} from '../../webhooks/webhook-delivery.entity.js'
import { MAX_GRANT_CREDITS } from '../credits.types.js'
import { IsThreshold, type Threshold } from './low-balance-threshold.js'

const THRESHOLD: ApiPropertyOptions = {
  description:
    'Whole credits, or a share of what the last grant brought; a webhook is sent when the balance falls to this or below',
  oneOf: [
    { type: 'integer', minimum: 0, maximum: MAX_GRANT_CREDITS },
    {
      type: 'object',
      required: ['percent'],
      additionalProperties: false,
      properties: { percent: { type: 'integer', minimum: 1, maximum: 100 } },
    },
  ],
  example: 10,
}

export class LowBalanceBody {
  @ApiProperty(THRESHOLD)
  @IsThreshold()
  threshold: Threshold

  /**
   * http or https, to port 80, 443 or one from 1024 that no other protocol is known for; a full domain name or a public
   * address, unless WEBHOOK_ALLOW_PRIVATE is set
   * @example 'https://example.com/hooks/credits'
   */
  @IsString()
  @MaxLength(2048)
  url: string
}

export class LowBalance {
  @ApiProperty(THRESHOLD)
  threshold: Threshold

  /** @example 'https://example.com/hooks/credits' */
  url: string
}

export class LowBalanceWithSecret extends LowBalance {
  /**
   * Signs the webhooks. It stays while the URL stays; another URL gets another one
   * @example 'whsec_0000000000000000000000000000000000000000000'
   */
  secret: string
}

export class LowBalanceDelivery {
  /**
   * Also in the header `x-countinghouse-delivery`, the same with every try
   * @example '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11'
   */
  id: string

  @ApiProperty({
    enum: DELIVERY_STATUSES,
    example: 'delivered',
    description: 'failed: given up after 24 hours; canceled: the alert was deleted',
  })
  status: DeliveryStatus

  /** @example 1 */
  attempts: number

  /**
   * Of the last try; null when there was no answer
   * @example 200
   */
  responseStatus: number | null

  /** @example null */
  error: string | null

  /** @example 10 */
  balance: number

  /** @example 10 */
  threshold: number

  /**
   * When the balance fell
   * @example '2026-01-31T12:00:00.000Z'
   */
  createdAt: Date

  /** @example null */
  nextAttemptAt: Date | null

  /** @example '2026-01-31T12:00:01.000Z' */
  deliveredAt: Date | null

  static of(row: WebhookDeliveryEntity): LowBalanceDelivery {
    const { id, status, attempts, responseStatus, error, createdAt, nextAttemptAt, deliveredAt } = row
    const { balance, threshold } = row.data as Pick<LowBalanceDelivery, 'balance' | 'threshold'>
    return Object.assign(new LowBalanceDelivery(), {
      ...{ id, status, attempts, responseStatus, error },
      ...{ balance, threshold },
      ...{ createdAt, nextAttemptAt, deliveredAt },
    })
  }
}
