import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm'
import type { CreditLimitUsage } from '../../credits/limits/credit-limits.repository.js'
import { hex } from '../../infrastructure/database/column-transformers.js'
import type { AccessPolicy } from '../access/access-policy.js'

export type ApiKeyStatus = 'active' | 'disabled' | 'expired' | 'revoked'

/** A user's key; of the secret only the hash is kept. */
@Entity('api_keys')
export class ApiKeyEntity {
  @PrimaryColumn('uuid') id: string
  @Column('uuid', { name: 'user_id' }) userId: string
  @Column('text', { nullable: true }) name: string | null = null
  @Column('text') prefix: string
  /** SHA-256 in hex */
  @Column('bytea', { transformer: hex }) hash: string
  @Column('integer', { name: 'rate_limit_per_minute', nullable: true }) rateLimitPerMinute: number | null = null
  @Column('text', { name: 'allowed_cidrs', array: true, nullable: true }) allowedCidrs: string[] | null = null
  @Column('boolean', { name: 'send_events' }) sendEvents: boolean = false
  /** narrows what the user may see; null: the same */
  @Column('jsonb', { nullable: true }) access: AccessPolicy | null = null
  @Column('uuid', { name: 'credit_limit_id', nullable: true }) creditLimitId: string | null = null
  /** the key whose rate limit its requests count against too; null: its own alone */
  @Column('uuid', { name: 'counted_with', nullable: true }) countedWith: string | null = null
  /** the key that made it, with which it ends; null: an admin did */
  @Column('uuid', { name: 'made_by', nullable: true }) madeBy: string | null = null
  @Column('timestamptz', { name: 'expires_at', nullable: true }) expiresAt: Date | null = null
  @Column('timestamptz', { name: 'disabled_at', nullable: true }) disabledAt: Date | null = null
  @Column('timestamptz', { name: 'revoked_at', nullable: true }) revokedAt: Date | null = null
  @Column('timestamptz', { name: 'last_used_at', nullable: true }) lastUsedAt: Date | null = null
  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' }) createdAt: Date

  /** set by KeysService where the key has a limit: what it may spend, and what it has spent in this period */
  creditLimit?: CreditLimitUsage

  get status(): ApiKeyStatus {
    if (this.revokedAt) return 'revoked'
    if (this.disabledAt) return 'disabled'
    return this.expiresAt && this.expiresAt <= new Date() ? 'expired' : 'active'
  }
}
