import { Injectable } from '@nestjs/common'
import type { PageQuery } from '../common/pagination.dto.js'
import { Database } from '../database/database.js'
import type { WebhookDelivery } from './low-balance.dto.js'

export interface AlertRow {
  threshold: number
  url: string
  /** as WebhookSecrets stores it */
  secret: string
}

/** A delivery that this process has taken to send. */
export interface DueDelivery {
  id: string
  userId: string
  attempts: number
  balance: number
  threshold: number
  createdAt: Date
  url: string
  secret: string
}

const PURGE_ROWS = 5_000

/** The SQL of alerts. The deliveries themselves are made by the functions of migration 1700000000095. */
@Injectable()
export class LowBalanceRepository {
  constructor(private readonly database: Database) {}

  async find(userId: string): Promise<AlertRow | undefined> {
    const [row] = await this.database.query<AlertRow>(
      `SELECT c.low_threshold::float8 AS threshold, a.url, a.secret
       FROM low_balance_alerts a JOIN credit_accounts c USING (user_id) JOIN users u ON u.id = a.user_id
       WHERE a.user_id = $1 AND u.deleted_at IS NULL`,
      [userId],
    )
    return row
  }

  /** Locks the account, so that what is read and written next is one step. False when there is no such user. */
  async lockAccount(userId: string): Promise<boolean> {
    const rows = await this.database.query(
      `SELECT 1 FROM credit_accounts c JOIN users u ON u.id = c.user_id
       WHERE c.user_id = $1 AND u.deleted_at IS NULL FOR UPDATE OF c`,
      [userId],
    )
    return rows.length > 0
  }

  /** A new threshold reports the next fall to it or below, also when the balance is below it already. */
  async put(userId: string, { threshold, url, secret }: AlertRow): Promise<void> {
    await this.database.query(
      `INSERT INTO low_balance_alerts (user_id, url, secret) VALUES ($1, $2, $3)
       ON CONFLICT (user_id) DO UPDATE SET url = excluded.url, secret = excluded.secret`,
      [userId, url, secret],
    )
    await this.database.query(
      `UPDATE credit_accounts SET low_armed = low_threshold IS DISTINCT FROM $2::bigint OR low_armed,
         low_due = low_due AND low_threshold IS NOT DISTINCT FROM $2::bigint, low_threshold = $2
       WHERE user_id = $1`,
      [userId, threshold],
    )
  }

  /** False when there was no alert. */
  async remove(userId: string): Promise<boolean> {
    await this.database.query(
      'UPDATE credit_accounts SET low_threshold = NULL, low_armed = NULL, low_due = false WHERE user_id = $1',
      [userId],
    )
    const rows = await this.database.query('DELETE FROM low_balance_alerts WHERE user_id = $1 RETURNING 1', [userId])
    await this.database.query(
      `UPDATE webhook_deliveries SET status = 'canceled', next_attempt_at = NULL WHERE user_id = $1 AND status = 'pending'`,
      [userId],
    )
    return rows.length > 0
  }

  async userExists(userId: string): Promise<boolean> {
    const rows = await this.database.query('SELECT 1 FROM users WHERE id = $1 AND deleted_at IS NULL', [userId])
    return rows.length > 0
  }

  /** Newest first. */
  async deliveries(userId: string, { limit, offset }: PageQuery): Promise<{ rows: WebhookDelivery[]; total: number }> {
    const [rows, [count]] = await Promise.all([
      this.database.query<WebhookDelivery>(
        `SELECT id, status, attempts, response_status AS "responseStatus", error, balance::float8 AS balance,
                threshold::float8 AS threshold, created_at AS "createdAt", next_attempt_at AS "nextAttemptAt",
                delivered_at AS "deliveredAt"
         FROM webhook_deliveries WHERE user_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2 OFFSET $3`,
        [userId, limit, offset],
      ),
      this.database.query<{ total: number }>(
        'SELECT count(*)::float8 AS total FROM webhook_deliveries WHERE user_id = $1',
        [userId],
      ),
    ])
    return { rows, total: count!.total }
  }

  /** Reports balances that were left to be judged later because of what was in flight. */
  async judgeDue(limit: number): Promise<void> {
    await this.database.query('SELECT credits_judge_due($1::integer)', [limit], 'low-balance-due')
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
         d.threshold::float8 AS threshold, d.created_at AS "createdAt", a.url, a.secret`,
      [limit, leaseSeconds],
      'webhooks-due',
    )
  }

  /** Writes how a try ended; nothing when another process has taken the delivery over meanwhile. */
  async record(
    { id, attempts }: DueDelivery,
    outcome: {
      status: WebhookDelivery['status']
      responseStatus: number | null
      error: string | null
      retrySeconds: number | null
    },
  ): Promise<void> {
    await this.database.query(
      `UPDATE webhook_deliveries
       SET status = $3, response_status = $4, error = $5,
           next_attempt_at = clock_timestamp() + make_interval(secs => $6::float8),
           delivered_at = CASE WHEN $3 = 'delivered' THEN clock_timestamp() END
       WHERE id = $1 AND attempts = $2 AND status = 'pending'`,
      [id, attempts, outcome.status, outcome.responseStatus, outcome.error, outcome.retrySeconds],
    )
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
