import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startCluster, type TestCluster } from '../support/cluster.js'
import { Customer } from '../support/customer.js'
import type { TestServer } from '../support/server.js'

const HEADER =
  'TransactionId,TransactionDate,UserId,Country,Region,ProductId,ProductName,Category,Price,Quantity,TotalPrice,StockQuantity,AddedDate'
const QUERY = { measures: ['transactions', 'revenue'], dimensions: ['country'] }
/** The same form of result, asked for in other words. */
const ACCEPT_JSON = { accept: 'application/json;q=1' }

let cluster: TestCluster
let server: TestServer
let other: TestServer

beforeAll(async () => {
  cluster = await startCluster()
  ;[server, other] = await Promise.all([cluster.start(), cluster.start()])
  await load(server, 'A', 'Côte d’Ivoire')
})
afterAll(() => cluster?.stop())

async function load(on: TestServer, id: string, country: string): Promise<void> {
  const row = `${id},2024-01-15,u1,${country},North,p1,Robot,Toys,10,2,20,7,2023-05-01`
  const response = await on.fetch('/v1/ingestions?wait=true&format=csv', {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: `${HEADER}\n${row}\n`,
  })
  expect(await response.json()).toMatchObject({ status: 'succeeded', rowsAccepted: 1 })
}

async function isCached(response: Response): Promise<boolean> {
  return ((await response.clone().json()) as any).query.cached
}

/** The body as text and the headers, without what differs from one response to the next. */
async function formOf(response: Response): Promise<{ status: number; body: string; headers: [string, string][] }> {
  const body = (await response.clone().text())
    .replace(/"id":"[^"]+"/, '"id":""')
    .replace(/"elapsedMs":[\d.]+/, '"elapsedMs":0')
    .replace(/"remaining":\d+/, '"remaining":0')
  const differs = /^(x-request-id|x-credits-remaining|ratelimit-(remaining|reset)|content-length|date)$/
  const headers = [...response.headers].map(([name, value]): [string, string] => [
    name,
    differs.test(name) ? '' : value,
  ])
  return { status: response.status, body, headers: headers.sort() }
}

describe('a query whose result is cached', () => {
  it('gets the same response each time, for the same price', async () => {
    const customer = await Customer.create(server, 10)
    await customer.execute(QUERY)
    const first = await customer.query(QUERY)
    const second = await customer.query(QUERY, ACCEPT_JSON)
    expect([await isCached(first), await isCached(second)]).toEqual([true, true])
    expect(await formOf(first)).toEqual(await formOf(second))
    expect(await first.clone().json()).toMatchObject({
      data: [{ country: 'Côte d’Ivoire', transactions: 1, revenue: 20 }],
      query: { cached: true, rowsRead: 0 },
      credits: { charged: 1, remaining: 8 },
    })
    expect(first.headers.get('x-credits-charged')).toBe('1')
    expect(first.headers.get('x-credits-remaining')).toBe('8')
    expect(first.headers.get('cache-control')).toBe('no-store')
    expect(second.headers.get('ratelimit-remaining')).toBe(String(Number(first.headers.get('ratelimit-remaining')) - 1))
  })

  it.each<[string, Record<string, string>, boolean | undefined]>([
    ['an Idempotency-Key', { 'idempotency-key': 'once' }, true],
    ['Cache-Control: no-cache', { 'cache-control': 'no-cache' }, false],
    ['another form', { accept: 'text/csv' }, undefined],
  ])('costs the same with %s', async (_what, headers, cached) => {
    const customer = await Customer.create(server, 10)
    await customer.execute(QUERY)
    expect(await isCached(await customer.query(QUERY))).toBe(true)
    const response = await customer.query(QUERY, headers)
    expect(response.status).toBe(200)
    if (cached !== undefined) expect(await isCached(response)).toBe(cached)
    expect(await customer.credits()).toBe(7)
  })

  it('is refused in the order 401, 400, 429, 402, with what is left of the limit', async () => {
    const customer = await Customer.create(server, 2, { rateLimitPerMinute: 3 })
    await customer.execute(QUERY)
    expect(await isCached(await customer.query(QUERY))).toBe(true)
    const poor = await customer.query(QUERY)
    expect(poor.status).toBe(402)
    expect(await poor.json()).toMatchObject({ code: 'INSUFFICIENT_CREDITS', required: 1, balance: 0 })
    expect(poor.headers.get('ratelimit-remaining')).toBe('0')
    const limited = await customer.query(QUERY)
    expect(limited.status).toBe(429)
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    expect((await customer.query({ measures: ['nonsense'] })).status).toBe(400)
    expect((await customer.query(QUERY, { 'x-api-key': 'ch_wrong' })).status).toBe(401)
  })

  it('is never answered from before an ingestion that another instance has finished', async () => {
    const customer = await Customer.create(server, 100)
    await customer.execute(QUERY)
    for (let round = 1; round <= 3; round++) {
      expect(await isCached(await customer.query(QUERY))).toBe(true)
      await load(other, `B${round}`, 'Spain')
      const { data, query } = await customer.execute(QUERY)
      expect(data).toContainEqual({ country: 'Spain', transactions: round, revenue: round * 20 })
      expect(query.cached).toBe(false)
    }
    expect(await customer.credits()).toBe(93)
    const { body } = await server.json('GET', `/v1/admin/users/${customer.id}/ledger?limit=100`)
    const types = body.data.map(({ type }: { type: string }) => type)
    expect(types.filter((type: string) => type === 'charge')).toHaveLength(7)
    expect(types).not.toContain('release')
  })

  it('is counted once against the limit of its key, also when the dataset has changed', async () => {
    const customer = await Customer.create(server, 10, { rateLimitPerMinute: 3 })
    await customer.execute(QUERY)
    await load(other, 'C', 'Norway')
    const response = await customer.query(QUERY)
    expect(response.headers.get('ratelimit-remaining')).toBe('1')
    expect(((await response.json()) as any).data).toContainEqual({ country: 'Norway', transactions: 1, revenue: 20 })
  })

  it('is in the log with its price', async () => {
    const customer = await Customer.create(server, 10)
    await customer.execute(QUERY)
    const cached = await customer.query(QUERY)
    expect(await isCached(cached)).toBe(true)
    await expect
      .poll(async () => (await server.json('GET', `/v1/admin/logs?userId=${customer.id}`)).body.data)
      .toEqual([
        expect.objectContaining({
          requestId: cached.headers.get('x-request-id'),
          endpoint: '/v1/query',
          status: 200,
          creditsCharged: 1,
        }),
        expect.objectContaining({ endpoint: '/v1/query', creditsCharged: 1 }),
      ])
  })

  it('costs nothing when its client leaves before it is charged', async () => {
    const customer = await Customer.create(server, 1000)
    await customer.execute(QUERY)
    // No charge gets through meanwhile, so that the client is gone when it does.
    const session = await cluster.session()
    await session.query('BEGIN')
    await session.query('SELECT FROM credit_accounts WHERE user_id = $1 FOR UPDATE', [customer.id])
    const leaving = httpRequest(`${server.url}/v1/query`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': customer.key },
    })
    leaving.on('error', () => undefined)
    const body = JSON.stringify({ dataset: 'transactions', ...QUERY })
    leaving.setHeader('content-length', body.length)
    leaving.end(body)
    await expect.poll(() => cluster.sql(`SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'`)).toHaveLength(1)
    leaving.destroy()
    const gone = `SELECT FROM request_logs WHERE user_id = $1 AND status = 499`
    await expect.poll(() => cluster.sql(gone, [customer.id])).toHaveLength(1)
    await session.query('COMMIT')
    await session.end()
    await expect.poll(() => customer.credits()).toBe(999)
  })
})
