import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../../src/infrastructure/database/database.js'
import { chargeOf, CreditsFixture, type CreditsInstance } from '../support/credits-fixture.js'
import { SeededRandom } from '../../tools/generator/random.js'

const STEPS = Number(process.env.SIMULATION_STEPS ?? 1500)
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000_000)

type Outcome = 'open' | 'settled' | 'released'

interface Known {
  chargeId: string
  cost: number
  owner: number
  reserve: boolean
  outcome: Outcome
}

let fixture: CreditsFixture

beforeAll(async () => {
  fixture = await CreditsFixture.start()
})
afterAll(() => fixture?.stop())

/** Random operations on two instances, either of which may die at any moment. */
class Simulation {
  private readonly users: string[] = []
  /** of each user, one that may spend some credits a day */
  private readonly keys = new Map<string, string>()
  limited = 0
  private readonly grants: string[] = []
  private readonly pools: Database[] = []
  private readonly instances: CreditsInstance[] = []
  readonly charges: Known[] = []
  /** requests whose process died before it knew whether they were charged */
  readonly interrupted: string[] = []

  constructor(private readonly random: SeededRandom) {}

  async begin(): Promise<void> {
    for (let n = 0; n < 4; n++) {
      const user = await fixture.createUser()
      this.users.push(user)
      this.keys.set(user, await fixture.createLimitedKey(user, this.random.integer(20, 200), 'day'))
    }
    for (const n of [0, 1]) {
      this.pools[n] = await fixture.connect()
      this.instances[n] = await fixture.startInstance(this.pools[n])
    }
  }

  async step(): Promise<void> {
    const dice = this.random.next()
    if (dice < 0.12) return this.grant()
    if (dice < 0.55) return this.chargeSome()
    if (dice < 0.7) return this.end('settled')
    if (dice < 0.85) return this.end('released')
    if (dice < 0.88) return this.voidGrant()
    if (dice < 0.9) return this.crash()
    fixture.clock.move(this.random.integer(1, 8000))
    for (const { reconciler } of this.instances) await reconciler.tick()
  }

  /** Time passes until everything that nobody ended was given back. */
  async finish(): Promise<void> {
    await this.crash()
    await this.crash()
    for (let n = 0; n < 15; n++) {
      fixture.clock.move(5000)
      for (const { reconciler } of this.instances) await reconciler.tick()
    }
  }

  private async grant(): Promise<void> {
    const lifetimeMs = this.random.chance(0.5) ? this.random.integer(1, 60_000) : undefined
    const { grantId } = await this.anyInstance().credits.grant({
      userId: this.random.pick(this.users),
      amount: this.random.integer(1, 20),
      priority: this.random.integer(0, 3) * 25,
      expiresAt: lifetimeMs === undefined ? null : fixture.clock.in(lifetimeMs),
    })
    this.grants.push(grantId)
  }

  private async chargeSome(): Promise<void> {
    const attempts = Array.from({ length: this.random.integer(1, 8) }, async () => {
      const owner = this.random.integer(0, 1)
      const cost = this.random.integer(1, 9)
      const reserve = this.random.chance(0.7)
      const user = this.random.pick(this.users)
      const keyId = this.random.chance(0.6) ? this.keys.get(user) : null
      const charge = { ...chargeOf(user, cost, reserve), keyId }
      const { chargeId } = await this.instances[owner]!.credits.charge(charge)
      this.charges.push({ chargeId, cost, owner, reserve, outcome: 'open' })
    })
    for (const outcome of await Promise.allSettled(attempts)) {
      if (outcome.status === 'fulfilled') continue
      expect(['INSUFFICIENT_CREDITS', 'KEY_CREDIT_LIMIT']).toContain(outcome.reason.code)
      if (outcome.reason.code === 'KEY_CREDIT_LIMIT') this.limited++
    }
  }

  private async end(outcome: 'settled' | 'released'): Promise<void> {
    const open = this.charges.filter((charge) => charge.outcome === 'open')
    await Promise.all(
      this.random.some(open, 4).map(async (charge) => {
        charge.outcome = outcome
        const { credits } = this.instances[charge.owner]!
        if (outcome === 'settled') await credits.settle(charge.chargeId)
        else await credits.release(charge.chargeId, 'failed')
      }),
    )
  }

  private async voidGrant(): Promise<void> {
    if (this.grants.length > 0) await this.anyInstance().credits.voidGrant(this.random.pick(this.grants))
  }

  /** The process is gone with all that it knew, in the middle of its charges; another one takes its place. */
  private async crash(): Promise<void> {
    const dead = this.random.integer(0, 1)
    const cut = Array.from({ length: this.random.integer(0, 4) }, () => chargeOf(this.random.pick(this.users)))
    for (const charge of cut) this.instances[dead]!.credits.charge(charge).catch(() => undefined)
    this.interrupted.push(...cut.map(({ requestId }) => requestId))
    for (const charge of this.charges) {
      // Without a reservation it was final when it was made.
      if (charge.owner === dead && charge.outcome === 'open') charge.outcome = charge.reserve ? 'released' : 'settled'
    }
    this.instances[dead] = await fixture.startInstance(this.pools[dead])
  }

  private anyInstance(): CreditsInstance {
    return this.random.pick(this.instances)
  }
}

describe('a simulation of random operations, crashes and clock moves on two instances', () => {
  it(`keeps the books balanced after each of ${STEPS} steps (SEED=${SEED})`, async () => {
    console.log(`SEED=${SEED}`)
    const simulation = new Simulation(new SeededRandom(SEED))
    // A day ends on the way.
    fixture.clock.move(86_400_000 - 200_000)
    await simulation.begin()
    for (let step = 0; step < STEPS; step++) {
      await simulation.step()
      await fixture.expectBooksToBalance()
    }
    await simulation.finish()
    await fixture.expectBooksToBalance()

    const moved = await movedBy('charge_id')
    for (const { chargeId, cost, outcome } of simulation.charges) {
      // What is still open was made after the last crash.
      const expected = outcome === 'released' ? 0 : -cost
      expect([chargeId, outcome, moved.get(chargeId)]).toEqual([chargeId, outcome, expected])
    }
    const byRequest = await movedBy('request_id')
    for (const requestId of simulation.interrupted) expect(byRequest.get(requestId) ?? 0).toBe(0)
    // Nothing else was ever charged: not a refused request, and none twice.
    expect(byRequest.size).toBeLessThanOrEqual(simulation.charges.length + simulation.interrupted.length)
    expect(moved.size).toBe(byRequest.size)
    console.log(`${simulation.limited} charges were refused by the limit of a key`)
  })
})

/** What charges and releases took from (below 0) or left with the accounts in the end. */
async function movedBy(column: 'charge_id' | 'request_id'): Promise<Map<string, number>> {
  const rows = await fixture.admin.query<{ id: string; moved: number }>(
    `SELECT ${column} AS id, sum(amount)::float8 AS moved FROM credit_entries
     WHERE type IN ('charge', 'release') GROUP BY ${column}`,
  )
  return new Map(rows.map(({ id, moved }) => [id, moved]))
}
