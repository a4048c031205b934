import { Injectable } from '@nestjs/common'
import { Database } from '../../infrastructure/database/database.js'
import type { EntryType } from '../credits.types.js'
import type { Month } from './month.js'

/** The entries of one type and reason in a month, in one sum; `opening` is all that was before. */
export interface Movement {
  type: EntryType | 'opening'
  /** of a release that of its charge */
  reason: string | null
  /** grants, charges, ...: what was taken from several grants counts once */
  count: number
  /** signed, as in the ledger */
  amount: number
}

export interface AccountAge {
  username: string
  /** of the ledger; null while it is empty */
  firstEntryAt: Date | null
}

/** Sums of the ledger by month. Entries belong to the month of their time: what is over does not change any more. */
@Injectable()
export class StatementsRepository {
  constructor(private readonly database: Database) {}

  /** Undefined where there is no such account; deleted users keep theirs. */
  async ageOf(userId: string): Promise<AccountAge | undefined> {
    const rows = await this.database.query<AccountAge>(
      `SELECT u.username, (SELECT created_at FROM credit_entries WHERE user_id = u.id ORDER BY seq LIMIT 1) AS "firstEntryAt"
       FROM credit_accounts a JOIN users u ON u.id = a.user_id WHERE a.user_id = $1`,
      [userId],
    )
    return rows[0]
  }

  /** One statement, so one state of the ledger: the opening balance and what moved it belong together. */
  movements(userId: string, { from, to }: Month): Promise<Movement[]> {
    return this.database.query(
      `SELECT 'opening' AS type, NULL AS reason, 0 AS count, coalesce(sum(amount), 0)::float8 AS amount
       FROM credit_entries WHERE user_id = $1 AND created_at < $2
       UNION ALL
       SELECT type, reason, count(DISTINCT coalesce(charge_id, id))::float8, sum(amount)::float8 FROM (
         SELECT e.type, e.id, e.charge_id, e.amount, CASE e.type
             WHEN 'release' THEN (SELECT c.reason FROM credit_entries c
               WHERE c.charge_id = e.charge_id AND c.type = 'charge' AND c.grant_id = e.grant_id)
             ELSE e.reason END AS reason
         FROM credit_entries e WHERE e.user_id = $1 AND e.created_at >= $2 AND e.created_at < $3
       ) month GROUP BY type, reason ORDER BY type, reason`,
      [userId, from, to],
    )
  }
}
