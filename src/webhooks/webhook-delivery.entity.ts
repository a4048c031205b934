import { Column, Entity, PrimaryColumn } from 'typeorm'

export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed', 'canceled'] as const
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number]

/** An event on its way to one webhook. The database writes it, in the transaction that it reports. */
@Entity('webhook_deliveries')
export class WebhookDeliveryEntity {
  /** UUIDv7; the receiver sees it with every try */
  @PrimaryColumn('uuid') id: string
  @Column('uuid', { name: 'webhook_id' }) webhookId: string
  @Column('text') event: string
  /** whom the event is about */
  @Column('uuid', { name: 'user_id', nullable: true }) userId: string | null
  @Column('json') data: Record<string, unknown>
  @Column('text') status: DeliveryStatus
  /** since it was written or sent again by hand */
  @Column('integer') attempts: number
  /** of the last try; null when there was no response */
  @Column('smallint', { name: 'response_status', nullable: true }) responseStatus: number | null
  @Column('text', { nullable: true }) error: string | null
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date
  /** of a pending one: when it may be tried; while it is being sent: when the sender counts as dead */
  @Column('timestamptz', { name: 'next_attempt_at', nullable: true }) nextAttemptAt: Date | null
  /** the last try is made by then, but at least one is */
  @Column('timestamptz', { name: 'retry_until' }) retryUntil: Date
  /** of who sends it right now */
  @Column('uuid', { name: 'lease_id', nullable: true }) leaseId: string | null
  @Column('timestamptz', { name: 'delivered_at', nullable: true }) deliveredAt: Date | null
}
