import { Injectable } from '@nestjs/common'
import { Database } from '../infrastructure/database/database.js'

/** An item of an order on its way into the dataset, as JSON; its number is its version there. */
export interface OutboxRow {
  seq: string
  json: string
}

@Injectable()
export class OutboxRepository {
  constructor(private readonly database: Database) {}

  /** The oldest rows, locked until the transaction ends. Rows that another instance is sending are its own. */
  lockOldest(limit: number): Promise<OutboxRow[]> {
    return this.database.query<OutboxRow>(
      `SELECT seq, (item || jsonb_build_object('_version', seq))::text AS json FROM outbox
       ORDER BY seq LIMIT $1 FOR UPDATE SKIP LOCKED`,
      [limit],
    )
  }

  async count(): Promise<number> {
    const [row] = await this.database.query<{ rows: number }>('SELECT count(*)::float8 AS rows FROM outbox')
    return row!.rows
  }

  async remove(rows: OutboxRow[]): Promise<void> {
    await this.database.query('DELETE FROM outbox WHERE seq = ANY ($1)', [rows.map(({ seq }) => seq)])
  }
}
