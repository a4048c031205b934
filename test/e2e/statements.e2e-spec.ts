import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SeededRandom } from '../../tools/generator/random.js'
import { chargeReasonOf } from '../../src/credits/charge-reason.js'
import { MonthParam } from '../../src/credits/statements/month.js'
import { linesOf } from '../../src/credits/statements/statement-lines.js'
import { StatementsRepository } from '../../src/credits/statements/statements.repository.js'
import { StatementsService } from '../../src/credits/statements/statements.service.js'
import { CreditsFixture, type CreditsInstance } from '../support/credits-fixture.js'

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000_000)
const HOUR_MS = 3_600_000
/** Steps of some hours each, over a year and more. */
const STEPS = 900
const SUBJECTS = [
  { dataset: 'transactions' },
  { dataset: 'trips' },
  { dataset: 'transactions', endpoint: 'top_products' },
  { dataset: 'trips', endpoint: 'top_products' },
]
const PAGE = { limit: 500, offset: 0 }

/** An entry of the ledger, as the test reads it for itself. */
interface Entry {
  type: string
  amount: number
  reason: string | null
  chargeId: string | null
  at: Date
}

let fixture: CreditsFixture
let statements: StatementsService
let instance: CreditsInstance
let userId: string

beforeAll(async () => {
  console.log(`statements: SEED=${SEED}`)
  fixture = await CreditsFixture.start()
  instance = await fixture.startInstance()
  statements = new StatementsService(new StatementsRepository(fixture.admin), instance.repository, fixture.clock)
  userId = await fixture.createUser()
})
afterAll(() => fixture?.stop())

const statementOf = (month: string, of = userId) => statements.of(of, new MonthParam().transform(month))
const monthsOf = async (of = userId) => (await statements.months(of, PAGE)).data.map(({ month }) => month)

async function ledger(): Promise<Entry[]> {
  return fixture.admin.query<Entry>(
    `SELECT type, amount::float8 AS amount, reason, charge_id AS "chargeId", created_at AS at
     FROM credit_entries WHERE user_id = $1 ORDER BY seq`,
    [userId],
  )
}

/** Grants, charges that stay or come back (some in the next month), voids and expiries, at random moments. */
async function live(random: SeededRandom): Promise<void> {
  const grants: string[] = []
  const charges: string[] = []
  const { credits } = instance
  for (let step = 0; step < STEPS; step++) {
    fixture.clock.move(random.integer(1, 20) * HOUR_MS)
    const dice = random.next()
    if (dice < 0.2) {
      const expiresAt = random.chance(0.5) ? fixture.clock.in(random.integer(1, 60) * 24 * HOUR_MS) : null
      const reason = random.pick(['plan basic', 'invoice', null])
      const { grantId } = await credits.grant({ userId, amount: random.integer(1, 5000), reason, expiresAt })
      grants.push(grantId)
    } else if (dice < 0.75) {
      const reason = random.chance(0.1) ? 'query' : chargeReasonOf(random.pick(SUBJECTS))
      const input = { userId, cost: random.integer(1, 300), requestId: `r${step}`, reason, reserve: true }
      const charge = await credits.charge(input).catch(() => undefined)
      if (charge) charges.push(charge.chargeId)
    } else if (dice < 0.9 && charges.length > 0) {
      await credits.release(charges.splice(random.integer(0, charges.length - 1), 1)[0]!, 'the request failed')
    } else if (dice < 0.93 && grants.length > 0) {
      await credits.voidGrant(grants.splice(random.integer(0, grants.length - 1), 1)[0]!)
    } else await instance.repository.expireDue(100, fixture.clock.now())
  }
}

/** What a statement says, told again from the entries one by one. */
function recomputed(entries: Entry[], month: string) {
  const monthOf = ({ at }: Entry) => at.toISOString().slice(0, 7)
  const sum = (some: Entry[]) => some.reduce((total, { amount }) => total + amount, 0)
  const own = entries.filter((entry) => monthOf(entry) === month)
  const of = (type: string) => sum(own.filter((entry) => entry.type === type))
  const reasons = new Map(
    entries.filter(({ type }) => type === 'charge').map(({ chargeId, reason }) => [chargeId, reason]),
  )
  const charged: Record<string, { charged: number; released: number; requests: Set<unknown> }> = {}
  for (const entry of own) {
    if (entry.type !== 'charge' && entry.type !== 'release') continue
    const line = (charged[reasons.get(entry.chargeId)!] ??= { charged: 0, released: 0, requests: new Set() })
    line[entry.type === 'charge' ? 'charged' : 'released'] += entry.amount
    if (entry.type === 'charge') line.requests.add(entry.chargeId)
  }
  return {
    opening: sum(entries.filter((entry) => monthOf(entry) < month)),
    granted: of('grant'),
    charged: of('charge'),
    released: of('release'),
    expired: of('expire'),
    voided: of('void'),
    closing: sum(entries.filter((entry) => monthOf(entry) <= month)),
    usage: Object.fromEntries(
      Object.entries(charged).map(([reason, { requests, ...line }]) => [reason, { ...line, requests: requests.size }]),
    ),
  }
}

describe('monthly statements of a random year', () => {
  it('say what the ledger says, month for month', { timeout: 180_000 }, async () => {
    await live(new SeededRandom(SEED))
    const months = await monthsOf()
    expect(months.length).toBeGreaterThan(9)
    expect(months.at(-1)).toBe('2026-01')
    let closing: number | undefined
    for (const month of months) {
      const { grants, usage, ...statement } = await statementOf(month)
      const { usage: expectedUsage, ...expected } = recomputed(await ledger(), month)
      expect(statement).toMatchObject(expected)
      const { opening, granted, charged, released, expired, voided } = statement
      expect(opening + granted + charged + released + expired + voided).toBe(statement.closing)
      // Newest first: a month begins with what the one before it ended with.
      if (closing !== undefined) expect(statement.closing).toBe(closing)
      closing = opening
      expect(grants.reduce((sum, { amount }) => sum + amount, 0)).toBe(granted)
      const told = usage.map(({ dataset, endpoint, ...line }) => [
        dataset === null ? 'query' : chargeReasonOf({ dataset, endpoint }),
        line,
      ])
      expect(Object.fromEntries(told)).toEqual(expectedUsage)
    }
    expect(closing).toBe(0)
    const [current] = months
    expect((await statementOf(current!)).closing).toBe(await instance.credits.balance(userId))
    await fixture.expectBooksToBalance()
  })

  it('add up line by line too', async () => {
    for (const month of await monthsOf()) {
      const lines = linesOf(await statementOf(month))
      const moved = lines.slice(0, -1).reduce((sum, { amount }) => sum + amount, 0)
      expect(lines.at(-1)).toMatchObject({ line: 'closing', amount: moved })
    }
  })

  it('are final from the moment on at which the next month begins', async () => {
    const [current, last] = (await statements.months(userId, PAGE)).data
    expect([current!.isFinal, last!.isFinal]).toEqual([false, true])
    fixture.clock.move(new Date(current!.to).getTime() - fixture.clock.now().getTime())
    expect((await statementOf(current!.month)).isFinal).toBe(true)
    expect((await monthsOf()).slice(0, 2)).toEqual([current!.to.slice(0, 7), current!.month])
    await instance.credits.grant({ userId, amount: 7 })
    expect((await statementOf(current!.to.slice(0, 7))).granted).toBe(7)
  })

  it('exist from the month of the first entry until the current one', async () => {
    const [current] = await monthsOf()
    await expect(statementOf('2025-12')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'There is no statement of 2025-12: the first one is of 2026-01.',
    })
    const next = new Date(`${current}-15T00:00:00Z`)
    next.setUTCMonth(next.getUTCMonth() + 1)
    await expect(statementOf(next.toISOString().slice(0, 7))).rejects.toMatchObject({ code: 'NOT_FOUND' })
    for (const month of ['2026-13', '2026-00', '2026-1', '26-01', '2026-01-01', 'now']) {
      expect(() => new MonthParam().transform(month), month).toThrow('must end in a month such as 2026-11')
    }
    const idle = await fixture.createUser()
    expect(await monthsOf(idle)).toEqual([current])
    expect(await statementOf(current!, idle)).toMatchObject({ opening: 0, closing: 0, grants: [], usage: [] })
  })
})
