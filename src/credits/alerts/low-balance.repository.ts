import { Injectable } from '@nestjs/common'
import { Database } from '../../infrastructure/database/database.js'
import { DEFAULT_THRESHOLD, isPercent, type Threshold } from './low-balance-threshold.js'

interface SettingRow {
  amount: number | null
  percent: number | null
}

/** Thresholds of accounts: they lie where every charge finds them. */
@Injectable()
export class LowBalanceRepository {
  constructor(private readonly database: Database) {}

  /** Reports balances that were left to be evaluated later. */
  async evaluatePending(limit: number): Promise<void> {
    await this.database.query('SELECT credits_evaluate_pending_low_balances($1::integer)', [limit], 'low-balance-due')
  }

  /** Undefined when there is no such user. */
  async find(userId: string): Promise<Threshold | undefined> {
    const [row] = await this.database.query<SettingRow>(
      `SELECT low_threshold::float8 AS amount, low_percent AS percent
       FROM credit_accounts c JOIN users u ON u.id = c.user_id WHERE c.user_id = $1 AND u.deleted_at IS NULL`,
      [userId],
    )
    return row && (row.percent === null ? row.amount! : { percent: row.percent })
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

  /** The next fall to it or below is reported, also when the balance is below it already. */
  async put(userId: string, threshold: Threshold): Promise<void> {
    await this.set(userId, threshold, 'true')
  }

  /** As of an account without an alert of its own: what is low already is not reported. */
  async reset(userId: string): Promise<void> {
    await this.set(userId, DEFAULT_THRESHOLD, 'coalesce(balance > setting.threshold, true)')
  }

  private async set(userId: string, threshold: Threshold, armed: string): Promise<void> {
    const [amount, percent] = isPercent(threshold) ? [null, threshold.percent] : [threshold, null]
    await this.database.query(
      `UPDATE credit_accounts SET low_threshold = setting.threshold, low_percent = $3, low_alert_armed = ${armed},
         low_evaluation_pending = false
       FROM (SELECT coalesce($2::bigint, credits_percent_of_last_grant($1::uuid, $3::smallint)) AS threshold) setting
       WHERE user_id = $1`,
      [userId, amount, percent],
    )
  }
}
