import { Injectable } from '@nestjs/common'
import type { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity.js'
import { v7 as uuidv7 } from 'uuid'
import { AccessPoliciesService } from '../auth/access/access-policies.service.js'
import { KeysService } from '../auth/api-keys/keys.service.js'
import { AppError, NotFoundError } from '../common/errors/app-error.js'
import { pageOf, type Page, type PageQuery } from '../common/pagination.dto.js'
import { CreditsClock } from '../credits/credits-clock.js'
import { Database } from '../infrastructure/database/database.js'
import { uniqueViolation } from '../infrastructure/database/database-errors.js'
import type { PlanEntity } from './plan.entity.js'
import { Plan, type CreatePlanBody, type UpdatePlanBody } from './plans.dto.js'
import { PlanInUseError } from './plans.errors.js'
import { PlansRepository } from './plans.repository.js'

/** The plan of a user and where they stand in it. */
export interface CurrentPlan {
  plan: PlanEntity
  periodStart: Date
  /** when the next period begins, which is granted then */
  periodEnd: Date
  /** credits of this period */
  granted: number
}

/** Plans, and who is granted what by them and when. */
@Injectable()
export class PlansService {
  constructor(
    private readonly plans: PlansRepository,
    private readonly keys: KeysService,
    private readonly policies: AccessPoliciesService,
    private readonly clock: CreditsClock,
    private readonly database: Database,
  ) {}

  async create({ rollOver = false, rateLimitPerMinute = null, access, ...body }: CreatePlanBody): Promise<Plan> {
    const policy = this.policies.checked(access) ?? null
    const values = { ...body, rollOver, rateLimitPerMinute, access: policy, id: uuidv7() }
    return Plan.of(await withFreeName(() => this.plans.insert(values)), 0)
  }

  async list(page: PageQuery): Promise<Page<Plan>> {
    const { data, pagination } = await this.plans.list(page)
    const counts = await this.plans.userCounts(data.map(({ id }) => id))
    const plans = data.map((entity) => Plan.of(entity, counts.get(entity.id) ?? 0))
    return pageOf(plans, page, pagination.total)
  }

  async get(id: string): Promise<Plan> {
    const plan = found(await this.plans.find(id))
    return Plan.of(plan, await this.usersOf(id))
  }

  /** Credits, name and rollOver count from the next period on, the rate limit and access at once. */
  async update(id: string, { access, ...body }: UpdatePlanBody): Promise<Plan> {
    const columns = { ...body, access: this.policies.checked(access) } as QueryDeepPartialEntity<PlanEntity>
    const plan = await withFreeName(() =>
      this.database.transaction(async () => {
        const old = found(await this.plans.lock(id))
        const users = await this.usersOf(id)
        // Which periods were granted would no longer say which are due.
        if (users > 0 && body.every !== undefined && body.every !== old.every)
          throw new PlanInUseError(users, `Make another plan for every ${body.every}, and give it to them.`)
        return Plan.of(found(await this.plans.update(id, columns)), users)
      }),
    )
    this.keys.changed()
    return plan
  }

  /** One that users have stays. */
  async remove(id: string): Promise<void> {
    await this.database.transaction(async () => {
      found(await this.plans.lock(id))
      const users = await this.usersOf(id)
      if (users > 0)
        throw new PlanInUseError(users, 'Give them another one or none (planId of PATCH /v1/admin/users/:id) first.')
      await this.plans.remove(id)
    })
  }

  /**
   * The plan of this user has changed (users.plan_id), in the transaction around: its periods begin now, with the first
   * grant. What the plan before has granted stays until it expires.
   */
  async assign(userId: string): Promise<void> {
    await this.plans.assign(userId, this.clock.now())
  }

  /** Undefined for a user without a plan. */
  async currentOf(userId: string): Promise<CurrentPlan | undefined> {
    await this.plans.renewUser(userId, this.clock.now())
    const standing = await this.plans.standing(userId)
    if (!standing) return undefined
    const { planId, ...period } = standing
    return { plan: found(await this.plans.find(planId)), ...period }
  }

  private async usersOf(planId: string): Promise<number> {
    return (await this.plans.userCounts([planId])).get(planId) ?? 0
  }
}

async function withFreeName<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (uniqueViolation(error) !== 'plans_name_unique') throw error
    throw new AppError('CONFLICT', 'A plan with this name already exists.', {
      errors: [{ path: 'name', message: 'is taken' }],
    })
  }
}

function found(plan: PlanEntity | null): PlanEntity {
  if (!plan) throw new NotFoundError('The plan')
  return plan
}
