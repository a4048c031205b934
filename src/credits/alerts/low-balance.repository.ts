import { Injectable } from '@nestjs/common'
import type { Repository } from 'typeorm'
import { Database } from '../../infrastructure/database/database.js'
import { LowBalanceAlertEntity } from './low-balance-alert.entity.js'
import type { SecretColumns } from './webhook-secrets.js'

export interface AlertRow extends SecretColumns {
  threshold: number
  url: string
}

/** Alerts with their thresholds, which lie with the account. */
@Injectable()
export class LowBalanceRepository {
  constructor(private readonly database: Database) {}

  async find(userId: string): Promise<AlertRow | undefined> {
    const [row] = await this.database.query<AlertRow>(
      `SELECT c.low_threshold::float8 AS threshold, a.url, a.secret, a.secret_ciphertext AS "secretCiphertext"
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
  async put(userId: string, { threshold, url, secret, secretCiphertext }: AlertRow): Promise<void> {
    await this.alerts.upsert({ userId, url, secret, secretCiphertext }, ['userId'])
    await this.database.query(
      `UPDATE credit_accounts SET low_alert_armed = low_threshold IS DISTINCT FROM $2::bigint OR low_alert_armed,
         low_evaluation_pending = low_evaluation_pending AND low_threshold IS NOT DISTINCT FROM $2::bigint, low_threshold = $2
       WHERE user_id = $1`,
      [userId, threshold],
    )
  }

  /** False when there was no alert. */
  async remove(userId: string): Promise<boolean> {
    await this.database.query(
      'UPDATE credit_accounts SET low_threshold = NULL, low_alert_armed = NULL, low_evaluation_pending = false WHERE user_id = $1',
      [userId],
    )
    const { affected } = await this.alerts.delete({ userId })
    return affected === 1
  }

  async userExists(userId: string): Promise<boolean> {
    const rows = await this.database.query('SELECT 1 FROM users WHERE id = $1 AND deleted_at IS NULL', [userId])
    return rows.length > 0
  }

  private get alerts(): Repository<LowBalanceAlertEntity> {
    return this.database.repository(LowBalanceAlertEntity)
  }
}
