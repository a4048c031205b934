import { Injectable } from '@nestjs/common'
import type { Page, PageQuery } from '../../common/pagination.dto.js'
import { Database } from '../../infrastructure/database/database.js'
import { EntityRepository } from '../../infrastructure/database/entity-repository.js'
import { WebhookDeliveryEntity } from './webhook-delivery.entity.js'
import type { SecretColumns } from './webhook-secrets.js'

/** A delivery that this process has taken to send. */
export interface DueDelivery extends SecretColumns {
  id: string
  userId: string
  attempts: number
  balance: number
  threshold: number
  createdAt: Date
  url: string
}

/** How a try ended; `retrySeconds` is null when it was the last one. */
export interface DeliveryOutcome {
  status: WebhookDeliveryEntity['status']
  responseStatus: number | null
  error: string | null
  retrySeconds: number | null
}

const PURGE_ROWS = 5_000

/** The outbox of webhooks. Its rows are made by the functions of migrations/postgres/1700000006000-webhooks.ts. */
@Injectable()
export class WebhookDeliveriesRepository extends EntityRepository<WebhookDeliveryEntity> {
  constructor(database: Database) {
    super(database, WebhookDeliveryEntity)
  }

  /** Newest first. */
  list(userId: string, page: PageQuery): Promise<Page<WebhookDeliveryEntity>> {
    const query = this.rows.createQueryBuilder('delivery').where('delivery.userId = :userId', { userId })
    return this.page(query.orderBy('delivery.createdAt', 'DESC').addOrderBy('delivery.id', 'DESC'), page)
  }

  /** Reports balances that were left to be evaluated later because of what was in flight. */
  async evaluatePending(limit: number): Promise<void> {
    await this.database.query('SELECT credits_evaluate_pending_low_balances($1::integer)', [limit], 'low-balance-due')
  }

  async countPending(): Promise<number> {
    const [row] = await this.database.query<{ rows: number }>(
      `SELECT count(*)::float8 AS rows FROM webhook_deliveries WHERE status = 'pending'`,
    )
    return row!.rows
  }

  /**
   * Takes due deliveries for this process, each for `leaseSeconds`: whoever dies with one leaves it to the others after
   * that. The try is counted before it is made, so that a delivery that kills its sender is not tried for ever.
   */
  async takeDue(limit: number, leaseSeconds: number): Promise<DueDelivery[]> {
    return this.database.query<DueDelivery>(
      `WITH due AS (
         SELECT id FROM webhook_deliveries WHERE status = 'pending' AND next_attempt_at <= clock_timestamp()
         ORDER BY next_attempt_at LIMIT $1 FOR UPDATE SKIP LOCKED)
       UPDATE webhook_deliveries d
       SET attempts = attempts + 1, next_attempt_at = clock_timestamp() + make_interval(secs => $2)
       FROM due, low_balance_alerts a WHERE d.id = due.id AND a.user_id = d.user_id
       RETURNING d.id, d.user_id AS "userId", d.attempts, d.balance::float8 AS balance,
         d.threshold::float8 AS threshold, d.created_at AS "createdAt", a.url, a.secret,
         a.secret_ciphertext AS "secretCiphertext"`,
      [limit, leaseSeconds],
      'webhooks-due',
    )
  }

  /** Writes how a try ended; nothing when another process has taken the delivery over meanwhile. */
  async record({ id, attempts }: DueDelivery, outcome: DeliveryOutcome): Promise<void> {
    const { status, responseStatus, error, retrySeconds } = outcome
    await this.rows
      .createQueryBuilder()
      .update()
      .set({
        status,
        responseStatus,
        error,
        nextAttemptAt:
          retrySeconds === null ? null : () => 'clock_timestamp() + make_interval(secs => :retrySeconds::float8)',
        deliveredAt: status === 'delivered' ? () => 'clock_timestamp()' : null,
      })
      .where({ id, attempts, status: 'pending' })
      .setParameters({ retrySeconds })
      .execute()
  }

  /** What is pending of this user is not sent any more. */
  async cancelPending(userId: string): Promise<void> {
    await this.rows.update({ userId, status: 'pending' }, { status: 'canceled', nextAttemptAt: null })
  }

  /** Deletes a batch of ended deliveries of before that time; true when there may be more. */
  async purge(before: Date): Promise<boolean> {
    const rows = await this.database.query(
      `DELETE FROM webhook_deliveries WHERE id IN (
         SELECT id FROM webhook_deliveries WHERE created_at < $1 AND status <> 'pending'
         LIMIT $2 FOR UPDATE SKIP LOCKED)
       RETURNING 1`,
      [before, PURGE_ROWS],
    )
    return rows.length === PURGE_ROWS
  }
}
