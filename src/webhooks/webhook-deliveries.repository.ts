import { Injectable } from '@nestjs/common'
import { v7 as uuidv7 } from 'uuid'
import type { Page, PageQuery } from '../common/pagination.dto.js'
import { Database } from '../infrastructure/database/database.js'
import { EntityRepository } from '../infrastructure/database/entity-repository.js'
import { WebhookDeliveryEntity } from './webhook-delivery.entity.js'

/** A day, as webhooks_enqueue gives the others. */
const RETRY_SECONDS = 24 * 3600
const PURGE_ROWS = 5_000

/** The outbox of webhooks, as admins see it. The database's function webhooks_enqueue makes its rows. */
@Injectable()
export class WebhookDeliveriesRepository extends EntityRepository<WebhookDeliveryEntity> {
  constructor(database: Database) {
    super(database, WebhookDeliveryEntity)
  }

  /** Newest first. */
  list(webhookId: string, page: PageQuery): Promise<Page<WebhookDeliveryEntity>> {
    const query = this.rows.createQueryBuilder('delivery').where('delivery.webhookId = :webhookId', { webhookId })
    return this.page(query.orderBy('delivery.createdAt', 'DESC').addOrderBy('delivery.id', 'DESC'), page)
  }

  findOf(webhookId: string, id: string): Promise<WebhookDeliveryEntity | null> {
    return this.rows.findOneBy({ webhookId, id })
  }

  /** A delivery of this webhook's own, which gets one try. */
  async addOnce(webhookId: string, event: string, data: Record<string, unknown>): Promise<WebhookDeliveryEntity> {
    const id = uuidv7()
    await this.database.query(
      `INSERT INTO webhook_deliveries (id, webhook_id, event, data, created_at, next_attempt_at, retry_until)
       SELECT $1, $2, $3, $4, now.now, now.now, now.now FROM clock_timestamp() AS now (now)`,
      [id, webhookId, event, JSON.stringify(data)],
    )
    return (await this.find(id))!
  }

  /** Due at once, with the same id and body, for another day; what is being sent right now is left to that try. */
  async sendAgain(webhookId: string, id: string): Promise<WebhookDeliveryEntity | null> {
    await this.database.query(
      `UPDATE webhook_deliveries SET status = 'pending', attempts = 0, delivered_at = NULL, lease_id = NULL,
         next_attempt_at = clock_timestamp(), retry_until = clock_timestamp() + make_interval(secs => $3)
       WHERE webhook_id = $1 AND id = $2 AND (lease_id IS NULL OR next_attempt_at < clock_timestamp())`,
      [webhookId, id, RETRY_SECONDS],
    )
    return this.findOf(webhookId, id)
  }

  /** What is pending of this webhook is not sent any more. */
  async cancelPending(webhookId: string): Promise<void> {
    await this.rows.update({ webhookId, status: 'pending' }, { status: 'canceled', nextAttemptAt: null, leaseId: null })
  }

  async countPending(): Promise<number> {
    const [row] = await this.database.query<{ rows: number }>(
      `SELECT count(*)::float8 AS rows FROM webhook_deliveries WHERE status = 'pending'`,
    )
    return row!.rows
  }

  /** Since the event, or since it was asked to be sent again; 0 while none waits. */
  async oldestPendingSeconds(): Promise<number> {
    const [row] = await this.database.query<{ seconds: number }>(
      `SELECT coalesce(extract(epoch FROM
         clock_timestamp() - min(greatest(created_at, retry_until - make_interval(secs => $1)))), 0)::float8 AS seconds
       FROM webhook_deliveries WHERE status = 'pending'`,
      [RETRY_SECONDS],
    )
    return row!.seconds
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
