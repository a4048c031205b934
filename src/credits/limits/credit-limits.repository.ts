import { Injectable } from '@nestjs/common'
import { Database } from '../../infrastructure/database/database.js'
import { EntityRepository } from '../../infrastructure/database/entity-repository.js'
import { CreditLimitEntity, type LimitPeriod } from './credit-limit.entity.js'

/** A limit, and how much of it is used in the current period. */
export interface CreditLimitUsage {
  id: string
  credits: number
  every: LimitPeriod
  used: number
  /** when the next period begins; null: never */
  resetsAt: Date | null
}

/** The limits; what is used of them is written by credits_charge and credits_release (migrations/postgres/*-credit-limits.ts). */
@Injectable()
export class CreditLimitsRepository extends EntityRepository<CreditLimitEntity> {
  constructor(database: Database) {
    super(database, CreditLimitEntity)
  }

  /** `now` null is the database's clock. */
  usages(ids: string[], now: Date | null): Promise<CreditLimitUsage[]> {
    return this.database.query(
      `SELECT l.id, l.credits::float8 AS credits, l.every, coalesce(p.used, 0)::float8 AS used,
         plan_period_start(current.period_start, l.every, 1) AS "resetsAt"
       FROM credit_limits l
       CROSS JOIN LATERAL (
         SELECT credit_limit_start(l.every, coalesce($2::timestamptz, clock_timestamp())) AS period_start) current
       LEFT JOIN credit_limit_periods p
         ON p.limit_id = l.id AND p.every = l.every AND p.period_start = current.period_start
       WHERE l.id = ANY ($1::uuid[])`,
      [ids, now],
    )
  }
}
