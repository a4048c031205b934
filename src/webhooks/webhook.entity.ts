import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm'
import type { WebhookEvent } from './webhook-events.js'

/** How deliveries are written and signed: by Standard Webhooks, or as the alerts of a low balance always were. */
export type WebhookKind = 'standard' | 'low-balance'

/** A URL that is told of events. The low-balance alert of a user is one, under the user's id. */
@Entity('webhooks')
export class WebhookEntity {
  @PrimaryColumn('uuid') id: string
  @Column('text') kind: WebhookKind
  @Column('text') url: string
  @Column('text', { array: true }) events: WebhookEvent[]
  /** only what happens to this user; null for all */
  @Column('uuid', { name: 'user_id', nullable: true }) userId: string | null
  /** null where the secrets are sealed; WebhookSecrets reads and writes both */
  @Column('text', { nullable: true }) secret: string | null
  @Column('bytea', { name: 'secret_ciphertext', nullable: true }) secretCiphertext: Buffer | null
  /** until then deliveries are also signed with the secret before the current one */
  @Column('timestamptz', { name: 'previous_secret_expires_at', nullable: true }) previousSecretExpiresAt: Date | null
  /** while it is set nothing is sent */
  @Column('timestamptz', { name: 'disabled_at', nullable: true }) disabledAt: Date | null
  @Column('text', { name: 'disabled_reason', nullable: true }) disabledReason: string | null
  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' }) createdAt: Date
}
