import { ApiProperty } from '@nestjs/swagger'
import { DELIVERY_STATUSES, type DeliveryStatus, type WebhookDeliveryEntity } from './webhook-delivery.entity.js'

export class WebhookDelivery {
  /**
   * Also in the header `webhook-id`, the same with every try
   * @example '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11'
   */
  id: string

  /** @example 'credits.low' */
  event: string

  @ApiProperty({
    enum: DELIVERY_STATUSES,
    example: 'delivered',
    description: 'failed: given up after 24 hours; canceled: the webhook was disabled before it was delivered',
  })
  status: DeliveryStatus

  /**
   * Tries since it was written or sent again
   * @example 1
   */
  attempts: number

  /**
   * HTTP status of the last try; null when there was no response
   * @example 200
   */
  lastStatus: number | null

  /** @example null */
  lastError: string | null

  /**
   * When it happened
   * @example '2026-01-31T12:00:00.000Z'
   */
  createdAt: Date

  /** @example '2026-01-31T12:00:01.000Z' */
  deliveredAt: Date | null

  /** @example null */
  nextAttemptAt: Date | null

  static of(row: WebhookDeliveryEntity): WebhookDelivery {
    const { id, event, status, attempts, createdAt, deliveredAt, nextAttemptAt } = row
    const last = { lastStatus: row.responseStatus, lastError: row.error }
    return Object.assign(new WebhookDelivery(), {
      ...{ id, event, status, attempts },
      ...last,
      ...{ createdAt, deliveredAt, nextAttemptAt },
    })
  }
}
