import { Injectable } from '@nestjs/common'
import { newId } from '../../common/new-id.js'
import { Database } from '../../infrastructure/database/database.js'
import { WebhookDeliveryEntity, type DeliveryStatus } from '../webhook-delivery.entity.js'
import type { SecretColumns } from '../webhook-secrets.js'
import type { WebhookKind } from '../webhook.entity.js'

/** A delivery that this process has taken to send. */
export interface DueDelivery extends SecretColumns {
  id: string
  leaseId: string
  webhookId: string
  kind: WebhookKind
  url: string
  /** whether the secret before the current one signs too */
  hasPreviousSecret: boolean
  event: string
  /** JSON text */
  data: string
  createdAt: Date
  /** with this one */
  attempts: number
  /** until it is given up */
  secondsLeft: number
}

/** How a try ended; `retrySeconds` is null when it was the last one. */
export interface DeliveryOutcome {
  status: DeliveryStatus
  responseStatus: number | null
  error: string | null
  retrySeconds: number | null
}

export interface TakeLimits {
  total: number
  /** of each webhook, with what is in flight already */
  perWebhook: number
  /** how many this process is sending now, by webhook */
  inFlight: ReadonlyMap<string, number>
  leaseSeconds: number
}

/** The outbox of webhooks, as whoever sends it sees it. */
@Injectable()
export class DueDeliveriesRepository {
  constructor(private readonly database: Database) {}

  /**
   * Takes due deliveries for this process, each for `leaseSeconds`: whoever dies with one leaves it to the others after
   * that. The try is counted before it is made, so that a delivery that kills its sender is not tried for ever.
   */
  async take({ total, perWebhook, inFlight, leaseSeconds }: TakeLimits): Promise<DueDelivery[]> {
    return this.database.query<DueDelivery>(
      TAKE,
      [total, perWebhook, [...inFlight.keys()], [...inFlight.values()], leaseSeconds, newId()],
      'webhooks-due',
    )
  }

  /** Writes how a try ended; nothing when it was canceled or another process has taken it over meanwhile. */
  async record({ id, leaseId }: DueDelivery, outcome: DeliveryOutcome): Promise<void> {
    const { status, responseStatus, error, retrySeconds } = outcome
    await this.database
      .repository(WebhookDeliveryEntity)
      .createQueryBuilder()
      .update()
      .set({
        status,
        responseStatus,
        error,
        leaseId: null,
        nextAttemptAt:
          retrySeconds === null ? null : () => 'clock_timestamp() + make_interval(secs => :retrySeconds::float8)',
        deliveredAt: status === 'delivered' ? () => 'clock_timestamp()' : null,
      })
      .where({ id, leaseId, status: 'pending' })
      .setParameters({ retrySeconds })
      .execute()
  }
}

/**
 * Hops from webhook to webhook in the index of pending ones: however many one has, the others' are found at once. When
 * none is due, as nearly always, it does not begin.
 */
const TAKE = `
  WITH RECURSIVE waiting AS (
    (SELECT webhook_id FROM webhook_deliveries
     WHERE status = 'pending' AND statement_timestamp() AT TIME ZONE 'UTC' >= (
       SELECT min(next_attempt_at AT TIME ZONE 'UTC') FROM webhook_deliveries WHERE status = 'pending')
     ORDER BY webhook_id LIMIT 1)
    UNION ALL
    SELECT (SELECT webhook_id FROM webhook_deliveries
            WHERE status = 'pending' AND webhook_id > waiting.webhook_id ORDER BY webhook_id LIMIT 1)
    FROM waiting WHERE waiting.webhook_id IS NOT NULL
  ), due AS (
    SELECT d.id FROM waiting
    LEFT JOIN unnest($3::uuid[], $4::integer[]) AS sending (webhook_id, count) USING (webhook_id)
    CROSS JOIN LATERAL (
      SELECT id, next_attempt_at FROM webhook_deliveries
      WHERE webhook_id = waiting.webhook_id AND status = 'pending' AND next_attempt_at <= statement_timestamp()
      ORDER BY next_attempt_at LIMIT greatest(0, $2::integer - coalesce(sending.count, 0)) FOR UPDATE SKIP LOCKED) d
    WHERE waiting.webhook_id IS NOT NULL ORDER BY d.next_attempt_at LIMIT $1
  )
  UPDATE webhook_deliveries d SET attempts = attempts + 1, lease_id = $6::uuid,
    next_attempt_at = clock_timestamp() + make_interval(secs => $5::float8)
  FROM due, webhooks w WHERE d.id = due.id AND w.id = d.webhook_id
  RETURNING d.id, d.lease_id AS "leaseId", d.webhook_id AS "webhookId", w.kind, w.url, w.secret,
    w.secret_ciphertext AS "secretCiphertext",
    coalesce(w.previous_secret_expires_at > clock_timestamp(), false) AS "hasPreviousSecret",
    d.event, d.data::text AS data, d.created_at AS "createdAt", d.attempts,
    extract(epoch FROM d.retry_until - clock_timestamp())::float8 AS "secondsLeft"`
