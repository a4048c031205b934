import { Column, CreateDateColumn, DeleteDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm'
import type { AccessPolicy } from '../auth/access/access-policy.js'
import type { Role } from '../common/principal.js'

export const USER_STATUSES = ['active', 'disabled'] as const
export type UserStatus = (typeof USER_STATUSES)[number]

/** An account. Deleting it is soft: its ledger stays, its name becomes free. */
@Entity('users')
export class UserEntity {
  @PrimaryColumn('uuid') id: string
  @Column('text') username: string
  @Column('text', { name: 'first_name', nullable: true }) firstName: string | null
  @Column('text', { name: 'last_name', nullable: true }) lastName: string | null
  /** null where the email is sealed; UserEmails reads and writes the three */
  @Column('text', { nullable: true }) email: string | null
  @Column('bytea', { name: 'email_ciphertext', nullable: true }) emailCiphertext: Buffer | null
  @Column('bytea', { name: 'email_hash', nullable: true }) emailHash: Buffer | null
  @Column('text') role: Role
  @Column('text') status: UserStatus
  @Column('integer', { name: 'rate_limit_per_minute', nullable: true }) rateLimitPerMinute: number | null
  @Column('boolean', { name: 'send_events' }) sendEvents: boolean
  /** null: everything that the role may */
  @Column('jsonb', { nullable: true }) access: AccessPolicy | null = null
  /** of an account that came with a file, the id that it has there */
  @Column('text', { name: 'external_id', nullable: true, select: false }) externalId?: string | null
  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' }) createdAt: Date
  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' }) updatedAt: Date
  @DeleteDateColumn({ name: 'deleted_at', type: 'timestamptz' }) deletedAt: Date | null
}
