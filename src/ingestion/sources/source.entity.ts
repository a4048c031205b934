import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm'
import type { SourceLocation, SourceType } from './source.js'

/** Where files of a dataset are pulled from. */
@Entity('dataset_sources')
export class SourceEntity {
  @PrimaryColumn('uuid') id: string
  @Column('text') dataset: string
  @Column('text') name: string
  @Column('text') type: SourceType
  /** cron, UTC */
  @Column('text') schedule: string
  @Column('boolean', { name: 'is_enabled' }) isEnabled: boolean
  /** of the uploads that it makes, as they were given */
  @Column('jsonb') options: Record<string, unknown>
  @Column('jsonb') location: SourceLocation
  /** null where they are sealed or there are none; SourceSecretsCipher reads and writes both */
  @Column('text', { nullable: true }) secrets: string | null
  @Column('bytea', { name: 'secrets_ciphertext', nullable: true }) secretsCiphertext: Buffer | null
  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' }) createdAt: Date

  /** null while it is not enabled */
  @Column('timestamptz', { name: 'next_run_at', nullable: true }) nextRunAt: Date | null
  /** asked for by hand, and not begun yet */
  @Column('timestamptz', { name: 'run_requested_at', nullable: true }) runRequestedAt: Date | null
  @Column('boolean', { name: 'retry_failed' }) retryFailed: boolean = false
  /** the run that looks at it, and until when that is believed without a sign of life */
  @Column('uuid', { name: 'lease_id', nullable: true }) leaseId: string | null
  @Column('timestamptz', { name: 'lease_expires_at', nullable: true }) leaseExpiresAt: Date | null
  @Column('timestamptz', { name: 'run_started_at', nullable: true }) runStartedAt: Date | null
  /** of the last run that ended */
  @Column('timestamptz', { name: 'last_run_at', nullable: true }) lastRunAt: Date | null
  @Column('text', { name: 'last_error', nullable: true }) lastError: string | null
  @Column('integer', { name: 'consecutive_failures' }) consecutiveFailures: number = 0
}
