import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OutdatedQuoteError } from '../../src/credits/credits.errors.js'
import { CreditsFixture, chargeOf } from '../support/credits-fixture.js'

let fixture: CreditsFixture

beforeAll(async () => {
  fixture = await CreditsFixture.start()
})
afterAll(() => fixture?.stop())

describe('charging', () => {
  it('sells exactly what there is to hundreds of parallel requests on two instances', async () => {
    const [one, two] = [await fixture.startInstance(), await fixture.startInstance()]
    const user = await fixture.createUser()
    await one.credits.grant({ userId: user, amount: 7 })
    await two.credits.grant({ userId: user, amount: 93 })

    const outcomes = await Promise.allSettled(
      Array.from({ length: 500 }, (_, n) => (n % 2 ? one : two).credits.charge(chargeOf(user))),
    )

    const sold = outcomes.filter((outcome) => outcome.status === 'fulfilled')
    expect(sold).toHaveLength(100)
    expect(new Set(sold.map(({ value }) => value.balance)).size).toBe(100)
    for (const outcome of outcomes.filter((each) => each.status === 'rejected')) {
      expect(outcome.reason).toMatchObject({ code: 'INSUFFICIENT_CREDITS', options: { extra: { required: 1 } } })
    }
    expect(await one.credits.balance(user)).toBe(0)
    await fixture.expectBooksToBalance()
  })

  it('serves many customers on two instances at once without a deadlock', async () => {
    const [one, two] = [await fixture.startInstance(), await fixture.startInstance()]
    const users = await Promise.all(Array.from({ length: 30 }, () => fixture.createUser()))
    for (const user of users) await one.credits.grant({ userId: user, amount: 10 })

    const outcomes = await Promise.allSettled(
      Array.from({ length: 900 }, (_, n) =>
        (n % 2 ? one : two).credits.charge(chargeOf(users[(n * 7) % users.length]!)),
      ),
    )

    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(300)
    await fixture.expectBooksToBalance()
  })

  it('takes a batch of several customers from several grants each, and refuses in between', async () => {
    const { credits } = await fixture.startInstance()
    const [rich, poor] = [await fixture.createUser(), await fixture.createUser()]
    for (const amount of [5, 4, 3]) await credits.grant({ userId: rich, amount })
    await credits.grant({ userId: poor, amount: 2 })
    const asked = [chargeOf(rich, 7), chargeOf(poor, 3), chargeOf(rich, 6), chargeOf(poor, 2, false), chargeOf(rich, 5)]
    const outcomes = await Promise.allSettled(asked.map((charge) => credits.charge(charge)))
    expect(outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.balance : 'refused'))).toEqual([
      5,
      'refused',
      'refused',
      0,
      0,
    ])
    const { data } = await credits.ledger(rich, { limit: 10, offset: 0 })
    const charges = data.toReversed().filter(({ type }) => type === 'charge')
    expect(charges.map(({ amount, balanceAfter }) => [amount, balanceAfter])).toEqual([
      [-5, 7],
      [-2, 5],
      [-2, 3],
      [-3, 0],
    ])
    await fixture.expectBooksToBalance()
  })

  it('answers a batch in the order of arrival', async () => {
    const { credits } = await fixture.startInstance()
    const user = await fixture.createUser()
    await credits.grant({ userId: user, amount: 10 })
    const outcomes = await Promise.allSettled([4, 5, 2, 1, 1].map((cost) => credits.charge(chargeOf(user, cost))))
    expect(outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.balance : 'refused'))).toEqual([
      6,
      1,
      'refused',
      0,
      'refused',
    ])
  })

  it('burns by priority, then expiry (never last), then age, with one entry for each grant touched', async () => {
    const { credits } = await fixture.startInstance()
    const user = await fixture.createUser()
    const inDays = (days: number) => fixture.clock.in(days * 86_400_000)
    const grants = {
      last: await credits.grant({ userId: user, amount: 10, priority: 60 }),
      never: await credits.grant({ userId: user, amount: 10 }),
      younger: await credits.grant({ userId: user, amount: 10 }),
      late: await credits.grant({ userId: user, amount: 10, expiresAt: inDays(9) }),
      soon: await credits.grant({ userId: user, amount: 10, expiresAt: inDays(1) }),
      first: await credits.grant({ userId: user, amount: 10, priority: 0 }),
    }
    await credits.charge(chargeOf(user, 55))
    const { data } = await credits.ledger(user, { limit: 6, offset: 0 })
    const names = Object.entries(grants).map(([name, { grantId }]) => [grantId, name] as const)
    expect(data.toReversed().map((entry) => [new Map(names).get(entry.grantId), entry.amount])).toEqual([
      ['first', -10],
      ['soon', -10],
      ['late', -10],
      ['never', -10],
      ['younger', -10],
      ['last', -5],
    ])
    const listed = await credits.grants(user, { limit: 10, offset: 0 })
    expect(listed.data.map(({ id }) => new Map(names).get(id))).toEqual([
      'first',
      'soon',
      'late',
      'never',
      'younger',
      'last',
    ])
  })

  it('does not see a credit one millisecond after it expired', async () => {
    const { credits } = await fixture.startInstance()
    const user = await fixture.createUser()
    await credits.grant({ userId: user, amount: 5, expiresAt: fixture.clock.in(1000) })
    fixture.clock.move(999)
    expect((await credits.charge(chargeOf(user))).balance).toBe(4)
    fixture.clock.move(1)
    expect(await credits.balance(user)).toBe(0)
    await expect(credits.charge(chargeOf(user))).rejects.toMatchObject({ code: 'INSUFFICIENT_CREDITS' })
    const { data } = await credits.ledger(user, { limit: 1, offset: 0 })
    expect(data[0]).toMatchObject({ type: 'expire', amount: -4, balanceAfter: 0 })
  })

  it('charges nothing for a cost of 0, and nobody without an account', async () => {
    const { credits } = await fixture.startInstance()
    const user = await fixture.createUser()
    expect((await credits.charge(chargeOf(user, 0))).balance).toBe(0)
    await expect(credits.charge(chargeOf(uuidv7()))).rejects.toMatchObject({ code: 'INSUFFICIENT_CREDITS' })
  })
})

describe('release and settle', () => {
  it('gives a charge back once, however often and wherever it is released', async () => {
    const [one, two] = [await fixture.startInstance(), await fixture.startInstance()]
    const user = await fixture.createUser()
    await one.credits.grant({ userId: user, amount: 3 })
    const { chargeId } = await one.credits.charge(chargeOf(user, 2))
    await Promise.all([
      one.credits.release(chargeId, 'failed'),
      one.credits.release(chargeId, 'failed again'),
      two.credits.release(chargeId, 'failed elsewhere'),
    ])
    expect(await one.credits.release(chargeId, 'late')).toEqual({ balance: 3 })
    const { data } = await one.credits.ledger(user, { limit: 10, offset: 0 })
    expect(data.map(({ type, amount }) => [type, amount])).toEqual([
      ['release', 2],
      ['charge', -2],
      ['grant', 3],
    ])
    await fixture.expectBooksToBalance()
  })

  it('gives a charge without a reservation back to each of its grants, once', async () => {
    const { credits, repository } = await fixture.startInstance()
    const user = await fixture.createUser()
    for (const amount of [2, 3]) await credits.grant({ userId: user, amount })
    const { chargeId } = await credits.charge(chargeOf(user, 4, false))
    expect(await repository.reservation(chargeId)).toBeUndefined()
    expect(await credits.release(chargeId, 'gone')).toEqual({ balance: 5 })
    const again = { id: chargeId, userId: user, reason: 'again', reserved: false }
    expect(await repository.release([again, again], fixture.clock.now())).toEqual([
      { released: false, balance: 5 },
      { released: false, balance: 5 },
    ])
    const { data } = await credits.grants(user, { limit: 2, offset: 0 })
    expect(data.map(({ remaining }) => remaining)).toEqual([2, 3])
    await fixture.expectBooksToBalance()
  })

  it('does not give back what is settled', async () => {
    const { credits, repository } = await fixture.startInstance()
    const user = await fixture.createUser()
    await credits.grant({ userId: user, amount: 3 })
    const { chargeId } = await credits.charge(chargeOf(user))
    await credits.settle(chargeId)
    expect(await repository.reservation(chargeId)).toBeUndefined()
    expect(await credits.release(chargeId, 'too late')).toEqual({ balance: null })
    expect(await credits.balance(user)).toBe(2)
  })

  it('takes out again at once what came back to an expired or void grant', async () => {
    const { credits } = await fixture.startInstance()
    const user = await fixture.createUser()
    const { grantId } = await credits.grant({ userId: user, amount: 2, priority: 1 })
    await credits.grant({ userId: user, amount: 2, priority: 2, expiresAt: fixture.clock.in(1000) })
    await credits.grant({ userId: user, amount: 2, priority: 3 })
    const { chargeId } = await credits.charge(chargeOf(user, 5))
    await credits.voidGrant(grantId)
    fixture.clock.move(1000)
    expect(await credits.release(chargeId, 'failed')).toEqual({ balance: 2 })
    const { data } = await credits.ledger(user, { limit: 5, offset: 0 })
    expect(data.toReversed().map(({ type, amount }) => [type, amount])).toEqual([
      ['release', 2],
      ['void', -2],
      ['release', 2],
      ['expire', -2],
      ['release', 1],
    ])
    await fixture.expectBooksToBalance()
  })

  it('refuses to change or delete a ledger entry', async () => {
    await expect(fixture.admin.query('UPDATE credit_entries SET amount = 1')).rejects.toThrow('append-only')
    await expect(fixture.admin.query('DELETE FROM credit_entries')).rejects.toThrow('append-only')
    await expect(fixture.admin.query('TRUNCATE credit_entries')).rejects.toThrow('append-only')
  })
})

describe('the limit of a key', () => {
  const DAY_MS = 86_400_000
  const untilMidnight = (): number => DAY_MS - (fixture.clock.now().getTime() % DAY_MS)

  it('is never exceeded by many charges at once, and passes smaller ones that it covers', async () => {
    const instances = await Promise.all([0, 1, 2].map(() => fixture.startInstance()))
    const user = await fixture.createUser()
    await instances[0]!.credits.grant({ userId: user, amount: 1000 })
    const keyId = await fixture.createLimitedKey(user, 50, 'month')
    const outcomes = await Promise.allSettled(
      Array.from({ length: 300 }, (_, n) =>
        instances[n % 3]!.credits.charge({ ...chargeOf(user, 1 + (n % 7), n % 2 === 0), keyId }),
      ),
    )
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'KEY_CREDIT_LIMIT' })
    // What is left is less than the cheapest of them would have cost.
    expect(await fixture.usedOf(keyId)).toEqual([50])
    expect(await instances[0]!.credits.balance(user)).toBe(950)
    await fixture.expectBooksToBalance()
  })

  it('gets back what comes back, in the period that it was charged in', async () => {
    const [dead, { credits, reconciler }] = [await fixture.startInstance(), await fixture.startInstance()]
    const user = await fixture.createUser()
    await credits.grant({ userId: user, amount: 100 })
    const keyId = await fixture.createLimitedKey(user, 10, 'day')
    fixture.clock.move(untilMidnight() - 5_000)
    const first = await credits.charge({ ...chargeOf(user, 4), keyId })
    const { chargeId: settled } = await credits.charge({ ...chargeOf(user, 3), keyId })
    await credits.settle(settled)
    await dead.credits.charge({ ...chargeOf(user, 2), keyId })
    const resetsAt = fixture.clock.in(untilMidnight())
    await expect(credits.charge({ ...chargeOf(user, 2), keyId })).rejects.toMatchObject({
      options: { extra: { required: 2, limit: 10, used: 9, resetsAt } },
    })
    fixture.clock.move(5_000)
    await credits.charge({ ...chargeOf(user, 10), keyId })
    await credits.release(first.chargeId, 'failed')
    await credits.refund(settled, user, 'failed late')
    expect(await fixture.usedOf(keyId)).toEqual([2, 10])
    await expect(credits.charge({ ...chargeOf(user, 1), keyId })).rejects.toMatchObject({ code: 'KEY_CREDIT_LIMIT' })
    for (let tick = 0; tick < 8; tick++) {
      fixture.clock.move(5_000)
      await reconciler.tick()
    }
    expect((await fixture.usedOf(keyId))[0]).toBe(0)
    await fixture.expectBooksToBalance()
  })

  it('holds beside one more limit that a charge counts in', async () => {
    const { credits } = await fixture.startInstance()
    const user = await fixture.createUser()
    await credits.grant({ userId: user, amount: 100 })
    const [keyId, other] = [
      await fixture.createLimitedKey(user, 4, 'day'),
      await fixture.createLimitedKey(user, 3, 'total'),
    ]
    const [{ limitId }] = (await fixture.admin.query<{ limitId: string }>(
      'SELECT credit_limit_id AS "limitId" FROM api_keys WHERE id = $1',
      [other],
    )) as [{ limitId: string }]
    const { chargeId } = await credits.charge({ ...chargeOf(user, 2), keyId, limitId })
    const charge = (cost: number, limit?: string) =>
      credits.charge({ ...chargeOf(user, cost, false), keyId, limitId: limit }).then(
        () => 'charged',
        (error) => error.options.extra.limit,
      )
    expect(await Promise.all([charge(2, limitId), charge(1), charge(1, limitId), charge(1)])).toEqual([
      3,
      'charged',
      'charged',
      4,
    ])
    expect([await fixture.usedOf(keyId), await fixture.usedOf(other)]).toEqual([[4], [3]])
    await credits.release(chargeId, 'failed')
    expect([await fixture.usedOf(keyId), await fixture.usedOf(other)]).toEqual([[2], [1]])
    await fixture.expectBooksToBalance()
  })

  it('counts for each unit of time apart, and nothing of other keys', async () => {
    const { credits } = await fixture.startInstance()
    const user = await fixture.createUser()
    await credits.grant({ userId: user, amount: 100 })
    const keyId = await fixture.createLimitedKey(user, 5, 'total')
    await credits.charge({ ...chargeOf(user, 5), keyId })
    await credits.charge(chargeOf(user, 20))
    fixture.clock.move(400 * DAY_MS)
    await expect(credits.charge({ ...chargeOf(user), keyId })).rejects.toMatchObject({
      options: { extra: { resetsAt: null } },
    })
    await fixture.admin.query(
      `UPDATE credit_limits SET every = 'week' WHERE id = (SELECT credit_limit_id FROM api_keys WHERE id = $1)`,
      [keyId],
    )
    await credits.charge({ ...chargeOf(user), keyId })
    expect((await fixture.usedOf(keyId)).toSorted()).toEqual([1, 5])
  })
})

describe('the reconciler', () => {
  it('gives back the charges of a process that died, and only those', async () => {
    const [dead, alive] = [await fixture.startInstance(), await fixture.startInstance()]
    const user = await fixture.createUser()
    await alive.credits.grant({ userId: user, amount: 10 })
    await dead.credits.charge(chargeOf(user, 3))
    const { chargeId } = await dead.credits.charge(chargeOf(user, 1))
    await dead.credits.settle(chargeId)
    await alive.credits.charge(chargeOf(user, 4))

    fixture.clock.move(20_000)
    await alive.reconciler.tick()
    expect(await alive.credits.balance(user)).toBe(2)
    fixture.clock.move(20_000)
    await alive.reconciler.tick()
    expect(await alive.credits.balance(user)).toBe(5)
    await fixture.expectBooksToBalance()
  })

  it('charges nothing when the dataset has moved on, and everything beside it that sets no condition', async () => {
    const { credits } = await fixture.startInstance()
    const user = await fixture.createUser()
    await credits.grant({ userId: user, amount: 5 })
    const at = (version: number) => ({ ...chargeOf(user, 1, false), condition: { dataset: 'never_filled', version } })
    const outcomes = await Promise.allSettled([at(7), chargeOf(user, 1, false)].map((each) => credits.charge(each)))
    expect(outcomes).toMatchObject([
      { status: 'rejected', reason: expect.any(OutdatedQuoteError) },
      { status: 'fulfilled', value: { balance: 4 } },
    ])
    expect(await credits.charge(at(0))).toMatchObject({ balance: 3 })
    await fixture.expectBooksToBalance()
  })

  it('gives back its own charge whose statement was committed but whose answer got lost', async () => {
    const { credits, repository, reconciler, instance } = await fixture.startInstance()
    const user = await fixture.createUser()
    await credits.grant({ userId: user, amount: 1 })
    const lost = { ...chargeOf(user), chargeId: uuidv7() }
    await repository.charge([lost], [], instance.uuid, fixture.clock.now())
    fixture.clock.move(16_000)
    await reconciler.tick()
    expect(await credits.balance(user)).toBe(1)
  })

  it('writes the expire entry of a user who does nothing', async () => {
    const { credits, reconciler } = await fixture.startInstance()
    const user = await fixture.createUser()
    await credits.grant({ userId: user, amount: 5, expiresAt: fixture.clock.in(1000) })
    fixture.clock.move(1000)
    await reconciler.tick()
    const { data } = await credits.ledger(user, { limit: 1, offset: 0 })
    expect(data[0]).toMatchObject({ type: 'expire', amount: -5 })
  })
})
