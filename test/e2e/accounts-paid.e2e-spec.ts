import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Customer } from '../support/customer.js'
import { startServer, type TestServer } from '../support/server.js'
import { until } from '../support/until.js'

const QUERY = { measures: ['transactions'] }

let server: TestServer

beforeAll(async () => {
  server = await startServer({ env: { RATE_LIMIT_PER_MINUTE: '1000' } })
})
afterAll(async () => {
  await server?.stop()
})

/** The log is written in batches, in order: when this request is in it, those before are. */
async function untilLogged(): Promise<void> {
  const requestId = (await server.json('GET', '/v1/me')).headers.get('x-request-id')
  await until(async () => {
    const { data } = (await server.json('GET', '/v1/admin/logs?limit=500')).body
    expect(data.map((row: { requestId: string }) => row.requestId)).toContain(requestId)
  })
}

const ledgerOf = async ({ id }: Customer) =>
  (await server.json('GET', `/v1/admin/users/${id}/ledger?limit=500`)).body.data as { type: string; amount: number }[]

describe('paid queries', () => {
  it('answers three queries for three credits, then 402, and goes on after add-credits', async () => {
    const customer = await Customer.create(server, 3)
    for (const left of [2, 1, 0]) {
      const response = await customer.query(QUERY)
      expect(response.status).toBe(200)
      expect(response.headers.get('x-credits-remaining')).toBe(String(left))
    }
    const refused = await customer.query(QUERY)
    expect(refused.status).toBe(402)
    expect(await refused.json()).toMatchObject({
      title: 'Insufficient Credits',
      code: 'INSUFFICIENT_CREDITS',
      required: 1,
      balance: 0,
    })
    await server.json('POST', '/v1/admin/add-credits', { userId: customer.id, amount: 1 })
    expect((await customer.query(QUERY)).status).toBe(200)
  })

  it('sells ten of fifty parallel queries on ten credits', async () => {
    const customer = await Customer.create(server, 10)
    const statuses = await Promise.all(Array.from({ length: 50 }, async () => (await customer.query(QUERY)).status))
    expect(statuses.filter((status) => status === 200)).toHaveLength(10)
    expect(statuses.filter((status) => status === 402)).toHaveLength(40)
    const entries = await ledgerOf(customer)
    expect(entries).toHaveLength(11)
    expect(entries.reduce((sum, { amount }) => sum + amount, 0)).toBe(0)
  })

  it('takes nothing for a query that is refused', async () => {
    const customer = await Customer.create(server, 2)
    expect((await customer.query({ measures: ['nonsense'] })).status).toBe(400)
    expect(await customer.credits()).toBe(2)
    expect(await ledgerOf(customer)).toHaveLength(1)
  })

  it('refuses with 400 before 429, and with 429 before 402', async () => {
    const customer = await Customer.create(server, 1, { rateLimitPerMinute: 2 })
    expect((await customer.query({ measures: [] })).status).toBe(400)
    const first = await customer.query(QUERY)
    expect(first.status).toBe(200)
    expect(first.headers.get('ratelimit-limit')).toBe('2')
    expect(first.headers.get('ratelimit-remaining')).toBe('1')
    expect((await customer.query(QUERY)).status).toBe(402)
    const limited = await customer.query(QUERY)
    expect(limited.status).toBe(429)
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    expect((await customer.query({ measures: ['nonsense'] })).status).toBe(400)
    await server.json('POST', '/v1/admin/add-credits', { userId: customer.id, amount: 5 })
    expect((await customer.query(QUERY)).status).toBe(429)
  })

  it('shows what was paid in the log, the usage and the stats', async () => {
    await untilLogged()
    const before = (await server.json('GET', '/v1/admin/stats')).body
    const customer = await Customer.create(server, 2)
    await customer.execute(QUERY)
    await customer.query({ measures: ['nonsense'] })
    await untilLogged()
    const logs = (await server.json('GET', `/v1/admin/requests?userId=${customer.id}`)).body.data
    expect(logs.map((row: Record<string, unknown>) => [row.endpoint, row.status, row.creditsCharged])).toEqual([
      ['/v1/query', 400, 0],
      ['/v1/query', 200, 1],
    ])
    expect(logs[0]).toMatchObject({ errorCode: 'VALIDATION_FAILED', fromConsole: false, keyId: expect.any(String) })
    expect(logs[0].errorDetail).toContain('Unknown measure "nonsense"')
    const refused = (await server.json('GET', `/v1/admin/logs?userId=${customer.id}&error=true&console=false`)).body
    expect(refused).toMatchObject({ data: [{ status: 400 }], pagination: { total: 1, totalIsExact: true } })
    expect((await server.json('GET', `/v1/admin/logs?userId=${customer.id}&console=true`)).body.data).toEqual([])
    const usage = (await server.json('GET', '/v1/me/usage', undefined, customer.key)).body.data
    expect(usage).toHaveLength(30)
    expect(usage.at(-1)).toMatchObject({ requests: 2, creditsUsed: 1, errors: 1 })
    const after = (await server.json('GET', '/v1/admin/stats')).body
    expect(after.creditsUsed).toBe(before.creditsUsed + 1)
    expect(after.creditsUsedToday).toBe(before.creditsUsedToday + 1)
  })
})
