import { Column, Entity, PrimaryColumn } from 'typeorm'
import { wholeNumber } from '../../infrastructure/database/column-transformers.js'

/** UTC days, weeks from Monday, calendar months; or all of the time. */
export const LIMIT_PERIODS = ['day', 'week', 'month', 'total'] as const
export type LimitPeriod = (typeof LIMIT_PERIODS)[number]

/** What a key may spend in each period; a key and those that replaced it by rotation have the same one. */
@Entity('credit_limits')
export class CreditLimitEntity {
  @PrimaryColumn('uuid') id: string
  @Column('bigint', { transformer: wholeNumber }) credits: number
  @Column('text') every: LimitPeriod
}
