import { IsInt, IsString, Max, MaxLength, Min } from 'class-validator'
import { MAX_GRANT_CREDITS } from '../credits.types.js'

export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed', 'canceled'] as const
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number]

export class LowBalanceBody {
  /**
   * Whole credits; a webhook is sent when the balance falls to this or below
   * @example 10
   */
  @IsInt()
  @Min(0)
  @Max(MAX_GRANT_CREDITS)
  threshold: number

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
  /** @example 10 */
  threshold: number

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

export class WebhookDelivery {
  /**
   * Also in the header `x-countinghouse-delivery`, the same with every try
   * @example '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11'
   */
  id: string

  /** failed: given up after 12 tries; canceled: the alert was deleted */
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
}
