import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Customer } from '../support/customer.js'
import { EXPORT_READERS } from '../support/export-readers.js'
import { startServer, type TestServer } from '../support/server.js'
import { until } from '../support/until.js'

const EVENT = { source: 'shop', type: 'access', values: { amount: 1 } }
const QUERY = { dataset: 'transactions', measures: ['transactions', 'revenue'] }
/** A key is remembered for less than this. */
const WITHIN_MS = 2_000

let server: TestServer
let member: Customer
let viewer: Customer
let admin: Customer

beforeAll(async () => {
  server = await startServer({ env: { RATE_LIMIT_PER_MINUTE: '100000' } })
  member = await Customer.create(server, 10)
  viewer = await Customer.create(server, 10, { role: 'viewer' })
  admin = await Customer.create(server, 10, { role: 'admin' })
})
afterAll(() => server?.stop())

async function made(path: string, body: object, key?: string): Promise<any> {
  const answer = await server.json('POST', path, body, key)
  expect([200, 201], JSON.stringify(answer.body)).toContain(answer.status)
  return answer.body
}

describe('customers and orders, which hold personal data', () => {
  let customer: { id: string }
  let order: { id: string }

  beforeAll(async () => {
    const category = await made('/v1/categories', { name: 'Toys' })
    const product = await made('/v1/products', { name: 'Robot', price: 5, categoryId: category.id, stockQuantity: 10 })
    customer = await made('/v1/customers', { name: 'Ada Buyer', email: 'ada@example.com' })
    order = await made('/v1/orders', { customerId: customer.id, items: [{ productId: product.id, quantity: 2 }] })
  })

  it('are read by admins and viewers, and by nobody else', async () => {
    const paths = ['/v1/customers', `/v1/customers/${customer.id}`, '/v1/orders', `/v1/orders/${order.id}`]
    for (const path of [...paths, '/v1/customers?email=ada@example.com', `/v1/orders?customerId=${customer.id}`]) {
      for (const { key } of [admin, viewer]) expect((await server.json('GET', path, undefined, key)).status).toBe(200)
      const refused = await server.json('GET', path, undefined, member.key)
      expect([refused.status, refused.body.code], path).toEqual([403, 'FORBIDDEN'])
      expect(JSON.stringify(refused.body)).not.toContain('Ada')
    }
    for (const path of ['/v1/products', '/v1/categories'])
      expect((await server.json('GET', path, undefined, member.key)).status).toBe(200)
  })
})

describe('sending events', () => {
  const statuses = async (key: string) => [
    (await server.json('POST', '/api/ingest', EVENT, key)).status,
    (await server.json('POST', '/api/ingest/batch', [EVENT], key)).status,
  ]
  const soon = (key: string, status: number) =>
    until(async () => expect(await statuses(key)).toEqual([status, status]), WITHIN_MS)

  it('is for admins and the root key, and for nobody else by role', async () => {
    expect(await statuses(admin.key)).toEqual([200, 200])
    expect(await statuses(server.rootKey)).toEqual([200, 200])
    for (const { key } of [viewer, member]) expect(await statuses(key)).toEqual([403, 403])
    const { body } = await server.json('POST', '/api/ingest', EVENT, member.key)
    expect(body).toMatchObject({ code: 'FORBIDDEN', detail: expect.stringContaining('"sendEvents": true') })
  })

  it('is allowed to a user, and taken back', async () => {
    const sender = await Customer.create(server, 0, { sendEvents: true })
    expect(await statuses(sender.key)).toEqual([200, 200])
    expect((await server.json('GET', '/v1/me', undefined, sender.key)).body.user.sendEvents).toBe(true)
    const path = `/v1/admin/users/${sender.id}`
    expect((await server.json('PATCH', path, { sendEvents: false })).body).toMatchObject({ sendEvents: false })
    await soon(sender.key, 403)
    expect((await server.json('PATCH', path, { firstName: 'Ada' })).body).toMatchObject({ sendEvents: false })
    expect((await server.json('PATCH', path, { sendEvents: true })).body).toMatchObject({ sendEvents: true })
    await soon(sender.key, 200)
    expect((await server.json('GET', path)).body.sendEvents).toBe(true)
  })

  it('is allowed to one key of a user, also after it is rotated, and opens nothing else', async () => {
    const owner = await Customer.create(server, 0)
    const keys = `/v1/admin/users/${owner.id}/keys`
    const { key, apiKey } = await made(keys, { name: 'till', sendEvents: true })
    expect(key).toMatchObject({ name: 'till', sendEvents: true })
    expect(await statuses(apiKey)).toEqual([200, 200])
    expect(await statuses(owner.key)).toEqual([403, 403])
    for (const path of ['/v1/customers', '/v1/admin/users', '/v1/ingestions'])
      expect((await server.json('GET', path, undefined, apiKey)).status).toBe(403)
    const successor = await made(`${keys}/${key.id}/rotate`, {})
    expect(successor.key).toMatchObject({ name: 'till', sendEvents: true })
    expect(await statuses(successor.apiKey)).toEqual([200, 200])
    const changed = await server.json('PATCH', `${keys}/${successor.key.id}`, { sendEvents: false })
    expect(changed.body).toMatchObject({ name: 'till', sendEvents: false })
    await soon(successor.apiKey, 403)
    const { data } = (await server.json('GET', keys)).body
    expect(data.map(({ sendEvents }: any) => sendEvents)).toEqual([false, true, false])
  })

  it('takes true and false alone', async () => {
    const { id } = await Customer.create(server, 0)
    for (const sendEvents of [null, 'true', 1, 'yes', {}]) {
      const attempts = [
        server.json('POST', '/v1/admin/create-user', { username: `u${Math.random()}`, sendEvents }),
        server.json('PATCH', `/v1/admin/users/${id}`, { sendEvents }),
        server.json('POST', `/v1/admin/users/${id}/keys`, { sendEvents }),
      ]
      for (const { status, body } of await Promise.all(attempts))
        expect([status, body.errors?.[0]?.path], JSON.stringify(sendEvents)).toEqual([400, 'sendEvents'])
    }
  })
})

describe('the root key', () => {
  const execute = (headers: Record<string, string> = {}, body: object = QUERY) =>
    server.fetch('/v1/query', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })

  it('asks without an account and is charged nothing', async () => {
    for (const cached of [false, true]) {
      const response = await execute()
      expect(response.status).toBe(200)
      expect(response.headers.get('x-credits-charged')).toBe('0')
      expect(await response.json()).toMatchObject({
        data: [{ revenue: expect.any(Number) }],
        query: { cached },
        credits: { charged: 0, remaining: 0 },
      })
    }
    const dry = await server.json('POST', '/v1/query/dry-run', QUERY)
    expect(dry.body).toMatchObject({ costCredits: 1, sql: expect.stringContaining('SELECT') })
    expect((await server.json('POST', '/v1/query/dry-run', QUERY, member.key)).body.costCredits).toBe(1)
  })

  it('is answered what members are, who still pay', async () => {
    const before = await member.credits()
    const ofMember = await (await member.query(QUERY)).json()
    expect(ofMember).toMatchObject({ credits: { charged: 1, remaining: before - 1 } })
    expect((await (await execute()).json()) as any).toMatchObject({ data: (ofMember as any).data })
    expect(await member.credits()).toBe(before - 1)
  })

  it.each(Object.entries(EXPORT_READERS))('exports %s', async (accept, read) => {
    const response = await execute({ accept }, { ...QUERY, measures: ['transactions'] })
    expect([response.status, response.headers.get('x-credits-charged')]).toEqual([200, '0'])
    const [[count]] = (await read(Buffer.from(await response.arrayBuffer()))) as [[string]]
    expect(Number(count.replace('#', ''))).toBeGreaterThanOrEqual(0)
  })

  it('is held to the rest: what is wrong, and an answer once for a key', async () => {
    expect((await execute({}, { ...QUERY, measures: ['profit'] })).status).toBe(400)
    const headers = { 'idempotency-key': `root-${process.pid}` }
    const first = await execute(headers)
    const again = await execute(headers)
    expect([first.status, again.status, again.headers.get('idempotent-replayed')]).toEqual([200, 200, 'true'])
    expect(await again.text()).toBe(await first.text())
    expect((await execute(headers, { ...QUERY, limit: 5 })).status).toBe(422)
  })

  it('leaves lines in the log that cost nothing, and has no usage of its own', async () => {
    const requestId = (await execute()).headers.get('x-request-id')
    await until(async () => {
      const { body } = await server.json('GET', '/v1/admin/logs?endpoint=/v1/query&limit=500')
      const line = body.data.find((each: any) => each.requestId === requestId)
      expect(line).toMatchObject({ userId: null, status: 200, creditsCharged: 0 })
    }, 10_000)
    expect((await server.json('GET', '/v1/me')).body).toMatchObject({
      user: { id: null, username: 'root', role: 'admin', sendEvents: true, credits: 0 },
      credits: 0,
      limits: { rateLimitPerMinute: null },
    })
    const { data } = (await server.json('GET', '/v1/me/usage?days=3')).body
    expect(data.map(({ requests, creditsUsed, errors }: any) => [requests, creditsUsed, errors])).toEqual(
      Array(3).fill([0, 0, 0]),
    )
  })
})
