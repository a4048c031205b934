import { Injectable } from '@nestjs/common'
import { Database } from '../infrastructure/database/database.js'

export interface Payment {
  provider: 'stripe'
  /** the provider's own id of what was paid */
  reference: string
  userId: string
  /** what it bought */
  credits: number
}

/** Payments that became credits. */
@Injectable()
export class PaymentsRepository {
  constructor(private readonly database: Database) {}

  /**
   * False when it is there already. In the transaction of its grant: another instance with the same payment waits for that
   * to end, and inserts only where it was rolled back.
   */
  async insert({ provider, reference, userId, credits }: Payment): Promise<boolean> {
    const rows = await this.database.query(
      `INSERT INTO payments (provider, reference, user_id, credits) VALUES ($1, $2, $3, $4)
       ON CONFLICT (provider, reference) DO NOTHING RETURNING 1`,
      [provider, reference, userId, credits],
    )
    return rows.length > 0
  }
}
