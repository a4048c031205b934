import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CreditsClock } from '../../src/credits/credits-clock.js'
import type { Database } from '../../src/infrastructure/database/database.js'
import { PlanRenewals } from '../../src/plans/plan-renewals.js'
import { PLAN_PERIODS, type PlanPeriod } from '../../src/plans/plan.entity.js'
import { PlansRepository } from '../../src/plans/plans.repository.js'
import { SeededRandom } from '../../tools/generator/random.js'
import { chargeOf, CreditsFixture, type CreditsInstance } from '../support/credits-fixture.js'
import { periodAt } from '../support/plan-oracle.js'
import { until } from '../support/until.js'

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000_000)
const STEPS = Number(process.env.PLAN_STEPS ?? 250)
const INSTANCES = 3
const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
/** So that a year of it has a February 29. */
const START = Date.parse('2027-08-31T21:30:15.250Z')

let fixture: CreditsFixture

beforeAll(async () => {
  fixture = await CreditsFixture.start()
  fixture.clock.move(START - fixture.clock.now().getTime())
})
afterAll(() => fixture?.stop())

/** The clock of one machine, a little off. */
class SkewedClock extends CreditsClock {
  skewMs = 0

  now(): Date {
    return fixture.clock.in(this.skewMs)
  }
}

/** What one process has of the plans. */
interface Instance {
  clock: SkewedClock
  pool: Database
  credits: CreditsInstance
  plans: PlansRepository
  renewals: PlanRenewals
}

async function startInstance(pool: Database, clock = new SkewedClock()): Promise<Instance> {
  const plans = new PlansRepository(pool)
  const credits = await fixture.startInstance(pool, clock)
  return { clock, pool, credits, plans, renewals: new PlanRenewals(plans, clock) }
}

interface SimulatedPlan {
  id: string
  name: string
  every: PlanPeriod
  rollOver: boolean
  credits: number
}

interface Grant {
  reason: string
  amount: number
  createdAt: string
  expiresAt: string | null
}

interface SimulatedUser {
  id: string
  active: boolean
  plan?: SimulatedPlan
  anchor: Date
  /** the starts of periods that the present assignment was granted */
  granted: Set<number>
  grants: Grant[]
}

async function createPlan(every: PlanPeriod, rollOver: boolean, credits: number): Promise<SimulatedPlan> {
  const plan = { id: uuidv7(), name: `${every} ${rollOver ? 'kept' : 'lost'} ${uuidv7()}`, every, rollOver, credits }
  await fixture.admin.query('INSERT INTO plans (id, name, credits, every, roll_over) VALUES ($1, $2, $3, $4, $5)', [
    ...[plan.id, plan.name, credits, every, rollOver],
  ])
  return plan
}

function grantsOf(userId: string): Promise<(Grant & { id: string })[]> {
  return fixture.admin.query(
    `SELECT id, reason, amount::int, to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "createdAt",
       to_char(expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "expiresAt"
     FROM credit_grants WHERE user_id = $1 AND reason LIKE 'plan %' ORDER BY seq`,
    [userId],
  )
}

/** Random operations on three instances, and beside them what each look at the users should have granted. */
class Simulation {
  readonly users: SimulatedUser[] = []
  private readonly plans: SimulatedPlan[] = []
  private readonly instances: Instance[] = []

  constructor(private readonly random: SeededRandom) {}

  async begin(): Promise<void> {
    for (const every of PLAN_PERIODS)
      for (const rollOver of [false, true])
        this.plans.push(await createPlan(every, rollOver, this.random.integer(1, 40)))
    for (let n = 0; n < INSTANCES; n++) this.instances.push(await startInstance(await fixture.connect()))
    for (let n = 0; n < 8; n++) {
      const id = await fixture.createUser()
      this.users.push({ id, active: true, anchor: new Date(0), granted: new Set(), grants: [] })
      await this.assign(this.users[n]!, this.plans[n % this.plans.length])
    }
  }

  async step(): Promise<void> {
    this.moveClock()
    const user = this.random.pick(this.users)
    const dice = this.random.next()
    if (dice < 0.03) await this.assign(user, this.random.chance(0.2) ? undefined : this.random.pick(this.plans))
    else if (dice < 0.06) await this.setActive(user, !user.active)
    else if (dice < 0.08) await this.changePlan(this.random.pick(this.plans))
    if (this.random.chance(0.4)) await this.chargeSome()
    if (this.random.chance(0.15)) await this.crash()
    if (this.random.chance(0.5)) await this.tickAll()
    else for (const instance of this.random.some(this.instances, INSTANCES, 1)) await this.tickSkewed(instance)
  }

  /** Mostly on by some hours; a standstill of up to three months; back by up to ten days, a second or to the last step. */
  private moveClock(): void {
    const dice = this.random.next()
    if (dice < 0.02) fixture.clock.move(this.random.integer(20, 95) * DAY_MS)
    else if (dice < 0.06) fixture.clock.move(-this.random.integer(1, 10 * 24 * 60) * MINUTE_MS)
    else if (dice < 0.12) fixture.clock.move(-this.random.integer(1, 2_000))
    else if (dice < 0.3) this.moveToEdge()
    else fixture.clock.move(this.random.integer(1, 2 * 24 * 60) * MINUTE_MS + this.random.integer(0, 999))
  }

  /** To the first or the last millisecond of a period. */
  private moveToEdge(): void {
    const user = this.random.pick(this.users)
    const period = user.plan && periodAt(user.anchor, user.plan.every, fixture.clock.now())
    if (!period) return
    const edge = this.random.chance(0.8) ? period.end : period.start
    fixture.clock.move(edge.getTime() - fixture.clock.now().getTime() - (this.random.chance(0.4) ? 1 : 0))
  }

  private async assign(user: SimulatedUser, plan: SimulatedPlan | undefined): Promise<void> {
    const { pool, plans, clock } = this.random.pick(this.instances)
    const at = clock.now()
    await pool.transaction(async () => {
      await pool.query('UPDATE users SET plan_id = $2 WHERE id = $1', [user.id, plan?.id ?? null])
      await plans.assign(user.id, at)
    })
    Object.assign(user, { plan, anchor: at, granted: new Set() })
    this.expectLook([user], at)
  }

  private async setActive(user: SimulatedUser, active: boolean): Promise<void> {
    user.active = active
    await fixture.admin.query('UPDATE users SET status = $2 WHERE id = $1', [user.id, active ? 'active' : 'disabled'])
  }

  private async changePlan(plan: SimulatedPlan): Promise<void> {
    plan.credits = this.random.integer(1, 40)
    await fixture.admin.query('UPDATE plans SET credits = $2 WHERE id = $1', [plan.id, plan.credits])
  }

  /** At one time on all instances; a round of renewals follows at the same time. */
  private async chargeSome(): Promise<void> {
    for (const { clock } of this.instances) clock.skewMs = 0
    const active = this.users.filter((user) => user.active)
    const charges = this.random.some(active, 6).map(async ({ id }) => {
      const { credits } = this.random.pick(this.instances).credits
      const { chargeId } = await credits.charge(chargeOf(id, this.random.integer(1, 5)))
      await (this.random.chance(0.8) ? credits.settle(chargeId) : credits.release(chargeId, 'failed'))
    })
    for (const outcome of await Promise.allSettled(charges))
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'INSUFFICIENT_CREDITS' })
    await this.tickAll()
  }

  /** A process dies in the middle of its round, and another takes its place. */
  private async crash(): Promise<void> {
    const dead = this.random.integer(0, INSTANCES - 1)
    const { renewals, pool } = this.instances[dead]!
    for (const { clock } of this.instances) clock.skewMs = 0
    const round = renewals.renew().catch(() => undefined)
    await fixture.admin.query(
      `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
       WHERE pid <> pg_backend_pid() AND state = 'active' AND query LIKE '%plans_renew_due%'`,
    )
    await round
    // Its connection may have ended behind the round.
    await until(() => pool.query('SELECT 1'))
    this.instances[dead] = await startInstance(pool)
    await this.tickAll()
  }

  /** All at the same time: whoever comes later skips the accounts that another has locked. */
  private async tickAll(): Promise<void> {
    for (const { clock } of this.instances) clock.skewMs = 0
    await Promise.all(this.instances.map(({ renewals }) => renewals.renew()))
    this.expectLook(this.users, fixture.clock.now())
  }

  private async tickSkewed({ clock, renewals }: Instance): Promise<void> {
    clock.skewMs = this.random.integer(-90_000, 90_000)
    await renewals.renew()
    this.expectLook(this.users, clock.now())
    clock.skewMs = 0
  }

  /** The period of `at` is granted, unless it was before. */
  private expectLook(users: SimulatedUser[], at: Date): void {
    for (const { active, plan, anchor, granted, grants } of users) {
      const period = plan && active ? periodAt(anchor, plan.every, at) : undefined
      if (!plan || !period || granted.has(period.start.getTime())) continue
      granted.add(period.start.getTime())
      const expiresAt = plan.rollOver ? null : period.end.toISOString()
      grants.push({ reason: `plan ${plan.name}`, amount: plan.credits, createdAt: at.toISOString(), expiresAt })
    }
  }
}

function daysSince(start: number): number {
  return (fixture.clock.now().getTime() - start) / DAY_MS
}

describe('the periods of plans', () => {
  it(`are granted to the instant over a year of restarts and clock moves on ${INSTANCES} instances (SEED=${SEED})`, async () => {
    console.log(`SEED=${SEED}`)
    const simulation = new Simulation(new SeededRandom(SEED))
    await simulation.begin()
    // The clock goes back as well, so that many steps are less than a year now and then.
    for (let step = 0; step < STEPS || daysSince(START) <= 365; step++) {
      await simulation.step()
      if (step % 25 === 0) await fixture.expectBooksToBalance()
    }
    await fixture.expectBooksToBalance()
    const days = daysSince(START)
    const grants = simulation.users.reduce((sum, user) => sum + user.grants.length, 0)
    console.log(`${Math.round(days)} days, ${grants} grants`)
    for (const { id, grants: expected } of simulation.users)
      expect((await grantsOf(id)).map(({ id: _, ...grant }) => grant)).toEqual(expected)
    const periods = await fixture.admin.query(
      'SELECT grant_id FROM plan_periods p JOIN credit_grants g ON g.id = p.grant_id AND g.user_id = p.user_id',
    )
    expect(periods).toHaveLength(grants)
  })

  it('begin on the last day of a shorter month, counted from the assignment', async () => {
    const { plans, pool, renewals, clock } = await startInstance(await fixture.connect())
    const plan = await createPlan('month', false, 7)
    const user = await fixture.createUser()
    const at = (text: string): void => fixture.clock.move(Date.parse(text) - fixture.clock.now().getTime())
    at('2028-01-31T10:00:00.500Z')
    await pool.query('UPDATE users SET plan_id = $2 WHERE id = $1', [user, plan.id])
    await plans.assign(user, clock.now())
    const starts = ['2028-02-29T10:00:00.500Z', '2028-03-31T10:00:00.500Z', '2028-04-30T10:00:00.500Z']
    for (const start of starts) {
      at(start)
      fixture.clock.move(-1)
      await renewals.renew()
      expect((await grantsOf(user)).at(-1)!.expiresAt).toBe(start)
      fixture.clock.move(1)
      await renewals.renew()
      expect((await grantsOf(user)).at(-1)!.createdAt).toBe(start)
    }
    expect(await grantsOf(user)).toHaveLength(1 + starts.length)
  })

  it('refuse nobody in their first moment, before any round of renewals', async () => {
    const plan = await createPlan('day', false, 5)
    const user = await fixture.createUser()
    const instances = await Promise.all([0, 1, 2].map(async () => startInstance(await fixture.connect())))
    await fixture.admin.query('UPDATE users SET plan_id = $2 WHERE id = $1', [user, plan.id])
    await instances[0]!.plans.assign(user, fixture.clock.now())
    await instances[0]!.credits.credits.charge(chargeOf(user, 5, false))
    fixture.clock.move(DAY_MS - 1)
    const charge = (n: number) => instances[n % 3]!.credits.credits.charge(chargeOf(user, 1, false))
    await expect(charge(0)).rejects.toMatchObject({ code: 'INSUFFICIENT_CREDITS' })
    fixture.clock.move(1)
    const outcomes = await Promise.allSettled(Array.from({ length: 60 }, (_, n) => charge(n)))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
    expect(await grantsOf(user)).toHaveLength(2)
    await fixture.expectBooksToBalance()
  })
})
