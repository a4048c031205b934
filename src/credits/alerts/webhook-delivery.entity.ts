import { Column, Entity, PrimaryColumn } from 'typeorm'
import { wholeNumber } from '../../infrastructure/database/column-transformers.js'
import type { DeliveryStatus } from './low-balance.dto.js'

/** A webhook that is to be sent or was. The database writes it, in the transaction that made the balance low. */
@Entity('webhook_deliveries')
export class WebhookDeliveryEntity {
  @PrimaryColumn('uuid') id: string
  @Column('uuid', { name: 'user_id', select: false }) userId: string
  @Column('text') status: DeliveryStatus
  @Column('integer') attempts: number
  /** of the last try; null when there was no answer */
  @Column('smallint', { name: 'response_status', nullable: true }) responseStatus: number | null
  @Column('text', { nullable: true }) error: string | null
  @Column('bigint', { transformer: wholeNumber }) balance: number
  @Column('bigint', { transformer: wholeNumber }) threshold: number
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date
  /** of a pending one: when it may be tried; while it is being sent: when the sender counts as dead */
  @Column('timestamptz', { name: 'next_attempt_at', nullable: true }) nextAttemptAt: Date | null
  @Column('timestamptz', { name: 'delivered_at', nullable: true }) deliveredAt: Date | null
}
