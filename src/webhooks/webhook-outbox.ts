import { Injectable } from '@nestjs/common'
import { Database } from '../infrastructure/database/database.js'
import type { WebhookEvent } from './webhook-events.js'

/**
 * Where modules say what happened. Events of credits and of ingestions come from triggers (migrations/postgres,
 * 1700000022000), which call the same function of the database.
 */
@Injectable()
export class WebhookOutbox {
  constructor(private readonly database: Database) {}

  /**
   * Writes a delivery for each webhook that is to hear of the event, in the transaction around: it is sent if that is
   * committed, and only then. `data` becomes the body's `data`; `userId` is whom it is about.
   */
  async add(event: WebhookEvent, { userId, data }: { userId: string | null; data: object }): Promise<void> {
    await this.database.query('SELECT webhooks_enqueue($1::text, $2::uuid, $3::json)', [
      event,
      userId,
      JSON.stringify(data),
    ])
  }
}
