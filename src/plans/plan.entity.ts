import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm'
import type { AccessPolicy } from '../auth/access/access-policy.js'
import { wholeNumber } from '../infrastructure/database/column-transformers.js'

export const PLAN_PERIODS = ['day', 'week', 'month'] as const
export type PlanPeriod = (typeof PLAN_PERIODS)[number]

/** What users are granted at the start of each period, and what holds for them while they have it. */
@Entity('plans')
export class PlanEntity {
  @PrimaryColumn('uuid') id: string
  @Column('text') name: string
  @Column('bigint', { transformer: wholeNumber }) credits: number
  @Column('text') every: PlanPeriod
  /** what is left of a period's credits stays when it ends */
  @Column('boolean', { name: 'roll_over' }) rollOver: boolean
  /** queries a minute with all keys of a user who has no limit of its own */
  @Column('integer', { name: 'rate_limit_per_minute', nullable: true }) rateLimitPerMinute: number | null
  /** null: everything that the role may */
  @Column('jsonb', { nullable: true }) access: AccessPolicy | null = null
  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' }) createdAt: Date
}
