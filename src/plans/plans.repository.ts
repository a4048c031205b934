import { Injectable } from '@nestjs/common'
import type { Page, PageQuery } from '../common/pagination.dto.js'
import { creditsGranted } from '../credits/credits-metrics.js'
import { Database } from '../infrastructure/database/database.js'
import { EntityRepository } from '../infrastructure/database/entity-repository.js'
import { PlanEntity } from './plan.entity.js'

/** Where a user stands in the current period of a plan. */
export interface PlanStanding {
  planId: string
  periodStart: Date
  periodEnd: Date
  /** credits; 0 where the period was not granted, because the user is disabled */
  granted: number
}

/** Plans, and the functions of migrations/postgres/*-plans.ts that grant their periods. `now` null is the database's clock. */
@Injectable()
export class PlansRepository extends EntityRepository<PlanEntity> {
  constructor(database: Database) {
    super(database, PlanEntity)
  }

  /** By name, ignoring case. */
  list(page: PageQuery): Promise<Page<PlanEntity>> {
    const query = this.rows.createQueryBuilder('plan').orderBy('lower(plan.name)').addOrderBy('plan.id')
    return this.page(query, page)
  }

  /** The plan, which nobody can be given, changed or deleted by another until the transaction ends. */
  lock(id: string): Promise<PlanEntity | null> {
    return this.rows.findOne({ where: { id }, lock: { mode: 'pessimistic_write' } })
  }

  /** How many users have each of these plans; one that nobody has is not in the map. */
  async userCounts(planIds: string[]): Promise<Map<string, number>> {
    const rows = await this.database.query<{ planId: string; users: number }>(
      `SELECT plan_id AS "planId", count(*)::int AS users FROM users
       WHERE plan_id = ANY ($1::uuid[]) AND deleted_at IS NULL GROUP BY plan_id`,
      [planIds],
    )
    return new Map(rows.map(({ planId, users }) => [planId, users]))
  }

  /** Counts the periods of the plan that the user has from now on, and grants the first of them. */
  async assign(userId: string, now: Date | null): Promise<void> {
    const [row] = await this.database.query<{ credits: number }>(
      'SELECT plan_assign($1::uuid, $2::timestamptz)::float8 AS credits',
      [userId, now],
    )
    await this.database.afterCommit(() => creditsGranted.inc(row!.credits))
  }

  /** Grants the periods of at most `limit` users that are due; gives how many there were. */
  async renewDue(limit: number, now: Date | null): Promise<number> {
    const [row] = await this.database.query<{ users: number; credits: number }>(
      'SELECT users, credits::float8 AS credits FROM plans_renew_due($1::integer, $2::timestamptz)',
      [limit, now],
    )
    creditsGranted.inc(row!.credits)
    return row!.users
  }

  /** Grants the period of this user that is due, if one is. */
  async renewUser(userId: string, now: Date | null): Promise<void> {
    const [row] = await this.database.query<{ credits: number | null }>(
      `SELECT plans_renew(array_agg(user_id), coalesce($2::timestamptz, clock_timestamp()))::float8 AS credits
       FROM (SELECT user_id FROM credit_accounts WHERE user_id = $1 FOR UPDATE) a`,
      [userId, now],
    )
    creditsGranted.inc(row!.credits ?? 0)
  }

  /** Undefined for a user without a plan. */
  async standing(userId: string): Promise<PlanStanding | undefined> {
    const [row] = await this.database.query<PlanStanding>(
      `SELECT u.plan_id AS "planId", a.period_start AS "periodStart", a.period_end AS "periodEnd",
         coalesce(p.credits, 0)::float8 AS granted
       FROM plan_assignments a JOIN users u ON u.id = a.user_id
       LEFT JOIN plan_periods p
         ON p.user_id = a.user_id AND p.assignment_id = a.id AND p.period_start = a.period_start AND p.grant_id IS NOT NULL
       WHERE a.user_id = $1 AND u.plan_id IS NOT NULL`,
      [userId],
    )
    return row
  }
}
