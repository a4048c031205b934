import { createHash, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Customer } from '../support/customer.js'
import { TestEngines } from '../support/engines.js'
import { startServer, type TestServer } from '../support/server.js'

const INSTANCES = 3
const ROOT_KEY = `ch_${'0123456789'.repeat(5).slice(0, 43)}`
const QUERY = { dataset: 'transactions', measures: ['transactions'] }

let engines: TestEngines
let apis: TestServer[] = []
let api: TestServer

beforeAll(async () => {
  engines = await TestEngines.start()
  const env = {
    QUERIES_IN_FLIGHT_PER_USER: '1000',
    ...engines.urls,
    ADMIN_API_KEY: createHash('sha256').update(ROOT_KEY).digest('hex'),
    RATE_LIMIT_PER_MINUTE: '100000',
    QUERY_TIMEOUT_SECONDS: '60',
  }
  const start = (): Promise<TestServer> => startServer({ env, dataDir: engines.dataDir, rootKey: ROOT_KEY })
  apis = await Promise.all(Array.from({ length: INSTANCES }, start))
  api = apis[0]!
})
afterAll(async () => {
  await Promise.all(apis.map((each) => each.stop({ keepData: true })))
  await engines?.stop()
})

const keysOf = ({ id }: Customer): string => `/v1/admin/users/${id}/keys`

async function limitedKey(customer: Customer, creditLimit: object): Promise<{ id: string; apiKey: string }> {
  const { status, body } = await api.json('POST', keysOf(customer), { creditLimit })
  expect([status, body.key]).toMatchObject([201, { creditLimit, creditUsage: { used: 0 } }])
  return { id: body.key.id, apiKey: body.apiKey }
}

async function keyOf(customer: Customer, keyId: string): Promise<any> {
  return (await api.json('GET', keysOf(customer))).body.data.find(({ id }: { id: string }) => id === keyId)
}

/** A query that no cache knows. */
const uncached = (): object => ({
  ...QUERY,
  filters: [{ member: 'product_id', operator: 'equals', values: [randomUUID()] }],
})

const execute = (apiKey: string, query: object = QUERY, server = api) => server.json('POST', '/v1/query', query, apiKey)

describe('a limit on what a key may spend', () => {
  it('admits exactly 50 of 500 parallel queries over three instances, of a user with 10,000 credits', async () => {
    const customer = await Customer.create(api, 10_000)
    const key = await limitedKey(customer, { credits: 50, every: 'month' })
    await Promise.all(apis.map((each) => customer.execute(QUERY).then(() => each)))
    const before = await customer.credits()
    const responses = await Promise.all(
      Array.from({ length: 500 }, (_, n) => execute(key.apiKey, n % 5 ? QUERY : uncached(), apis[n % INSTANCES])),
    )
    const refused = responses.filter(({ status }) => status === 402)
    expect(responses.filter(({ status }) => status === 200)).toHaveLength(50)
    expect(refused).toHaveLength(450)
    const nextMonth = new Date(Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth() + 1, 1)).toISOString()
    for (const { body } of refused)
      expect(body).toMatchObject({ code: 'KEY_CREDIT_LIMIT', status: 402, limit: 50, resetsAt: nextMonth })
    expect(before - (await customer.credits())).toBe(50)
    expect(await keyOf(customer, key.id)).toMatchObject({ creditUsage: { used: 50, resetsAt: nextMonth } })
    const { body: ledger } = await api.json('GET', `/v1/admin/users/${customer.id}/ledger?limit=500`)
    const sum = ledger.data.reduce((total: number, { amount }: { amount: number }) => total + amount, 0)
    expect(sum).toBe(await customer.credits())
    // The user's other keys are not limited by it.
    expect((await execute(customer.key)).status).toBe(200)
  })

  it('is shared by the key that replaces it, changed, and taken away', async () => {
    const customer = await Customer.create(api, 100)
    const { id, apiKey } = await limitedKey(customer, { credits: 2, every: 'total' })
    expect((await execute(apiKey)).status).toBe(200)
    const rotated = await api.json('POST', `${keysOf(customer)}/${id}/rotate`, { overlapSeconds: 600 })
    expect(rotated.body.key).toMatchObject({ creditLimit: { credits: 2, every: 'total' }, creditUsage: { used: 1 } })
    expect((await execute(rotated.body.apiKey)).status).toBe(200)
    for (const each of [apiKey, rotated.body.apiKey])
      expect((await execute(each)).body).toMatchObject({ code: 'KEY_CREDIT_LIMIT', limit: 2, resetsAt: null })
    const change = (creditLimit: unknown) => api.json('PATCH', `${keysOf(customer)}/${id}`, { creditLimit })
    expect((await change({ credits: 3, every: 'total' })).body).toMatchObject({ creditUsage: { used: 2 } })
    expect((await execute(apiKey)).status).toBe(200)
    expect((await execute(apiKey)).status).toBe(402)
    expect((await change(null)).body).toMatchObject({ creditLimit: null, creditUsage: null })
    expect((await execute(apiKey)).status).toBe(200)
    // The other key has it still.
    expect((await execute(rotated.body.apiKey)).status).toBe(402)
  })

  it('says which limits there are', async () => {
    const customer = await Customer.create(api, 1)
    for (const creditLimit of [{ credits: 0, every: 'day' }, { credits: 1.5, every: 'day' }, { credits: 1 }, 5, 'day'])
      expect((await api.json('POST', keysOf(customer), { creditLimit })).status).toBe(400)
    const { body } = await api.json('POST', keysOf(customer), { creditLimit: { credits: 1, every: 'year' } })
    expect(body.errors[0]).toMatchObject({ path: 'creditLimit.every', message: expect.stringContaining('day') })
  })
})

describe('a plan', () => {
  const create = (body: object) => api.json('POST', '/v1/admin/plans', body)
  const grantsOf = async (userId: string) => (await api.json('GET', `/v1/admin/users/${userId}/grants`)).body.data

  it('grants its credits with the account, once, and holds its users to its rate limit', async () => {
    const { status, body: plan } = await create({
      name: 'Starter',
      credits: 30,
      every: 'month',
      rateLimitPerMinute: 77,
    })
    expect([status, plan]).toMatchObject([
      201,
      { name: 'Starter', credits: 30, every: 'month', rollOver: false, rateLimitPerMinute: 77, users: 0 },
    ])
    const username = `planned-${randomUUID()}`
    const { body } = await api.json('POST', '/v1/admin/create-user', { username, credits: 5, planId: plan.id })
    expect(body.user).toMatchObject({ credits: 35, planId: plan.id })
    const me = await apis[1]!.json('GET', '/v1/me', undefined, body.apiKey)
    expect(me.body).toMatchObject({ credits: 35, limits: { rateLimitPerMinute: 77 }, user: { planId: plan.id } })
    const [grant, first] = await grantsOf(body.user.id)
    expect([grant.reason, grant.amount, first.reason]).toEqual(['plan Starter', 30, 'granted with the account'])
    const created = new Date(grant.createdAt)
    const days = (Date.parse(grant.expiresAt) - Date.parse(grant.createdAt)) / 86_400_000
    expect(days).toBeGreaterThan(27.9)
    expect(days).toBeLessThan(31.1)
    expect(new Date(grant.expiresAt).toISOString().slice(11)).toBe(created.toISOString().slice(11))
    // The same plan again changes nothing; the user's own limit takes the place of the plan's.
    const patch = (changes: object) => api.json('PATCH', `/v1/admin/users/${body.user.id}`, changes)
    expect((await patch({ planId: plan.id, rateLimitPerMinute: 88 })).body).toMatchObject({ credits: 35 })
    expect((await api.json('GET', '/v1/me', undefined, body.apiKey)).body.limits.rateLimitPerMinute).toBe(88)
    expect(await grantsOf(body.user.id)).toHaveLength(2)
    expect((await api.json('GET', `/v1/admin/plans/${plan.id}`)).body.users).toBe(1)
    expect((await patch({ planId: null })).body).toMatchObject({ credits: 35, planId: null })
  })

  it('keeps what it granted when another takes its place, which grants at once', async () => {
    const [small, large] = await Promise.all([
      create({ name: `small ${randomUUID()}`, credits: 10, every: 'week' }),
      create({ name: `large ${randomUUID()}`, credits: 100, every: 'week', rollOver: true }),
    ])
    const customer = await Customer.create(api, 0, { planId: small.body.id })
    const { body } = await api.json('PATCH', `/v1/admin/users/${customer.id}`, { planId: large.body.id })
    expect(body).toMatchObject({ credits: 110, planId: large.body.id })
    const grants = await grantsOf(customer.id)
    expect(grants.map(({ amount, expiresAt }: any) => [amount, expiresAt === null])).toEqual([
      [10, false],
      [100, true],
    ])
  })

  it('is not deleted, and counts no other periods, while users have it', async () => {
    const { body: plan } = await create({ name: `used ${randomUUID()}`, credits: 1, every: 'day' })
    const path = `/v1/admin/plans/${plan.id}`
    const customer = await Customer.create(api, 0, { planId: plan.id })
    const refused = await api.json('DELETE', path)
    expect([refused.status, refused.body]).toMatchObject([409, { detail: expect.stringContaining('1 user has') }])
    expect((await api.json('PATCH', path, { every: 'week' })).status).toBe(409)
    expect((await api.json('PATCH', path, { credits: 9, every: 'day' })).body).toMatchObject({ credits: 9, users: 1 })
    await api.json('DELETE', `/v1/admin/users/${customer.id}`)
    expect((await api.json('PATCH', path, { every: 'week' })).body).toMatchObject({ every: 'week', users: 0 })
    expect((await api.json('DELETE', path)).status).toBe(204)
    for (const method of ['GET', 'DELETE']) expect((await api.json(method, path)).status).toBe(404)
    const gone = await api.json('POST', '/v1/admin/create-user', { username: 'nobody', planId: plan.id })
    expect([gone.status, gone.body.errors[0].path]).toEqual([400, 'planId'])
  })

  it('has a name of its own, and fields that are checked', async () => {
    const name = `Only ${randomUUID()}`
    const body = { name, credits: 1, every: 'day' }
    expect((await create(body)).status).toBe(201)
    expect((await create({ ...body, name: name.toUpperCase() })).status).toBe(409)
    for (const wrong of [
      { credits: 0 },
      { credits: 1.5 },
      { every: 'year' },
      { name: '' },
      { rollOver: null },
      { x: 1 },
    ])
      expect([wrong, (await create({ ...body, ...wrong })).status]).toEqual([wrong, 400])
    const { body: list } = await api.json('GET', '/v1/admin/plans?limit=500')
    const names = list.data.map((plan: { name: string }) => plan.name.toLowerCase())
    expect(names).toEqual(names.toSorted())
  })

  it('grants a disabled user nothing until it is active again', async () => {
    const { body: plan } = await create({ name: `paused ${randomUUID()}`, credits: 4, every: 'day' })
    const customer = await Customer.create(api, 0)
    const patch = (changes: object) => api.json('PATCH', `/v1/admin/users/${customer.id}`, changes)
    expect((await patch({ status: 'disabled', planId: plan.id })).body).toMatchObject({ credits: 0 })
    await patch({ status: 'active' })
    await expect.poll(async () => (await grantsOf(customer.id)).length, { timeout: 60_000 }).toBe(1)
  })
})
