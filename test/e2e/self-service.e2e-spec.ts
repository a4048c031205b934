import Papa from 'papaparse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Customer } from '../support/customer.js'
import { startServer, type TestServer } from '../support/server.js'
import { until } from '../support/until.js'

const COUNT = { measures: ['transactions'] }

let server: TestServer

beforeAll(async () => {
  server = await startServer({
    env: { RATE_LIMIT_PER_MINUTE: '60', TOP_UP_URL: 'https://pay.example/{username}?user={userId}&email={email}' },
  })
})
afterAll(async () => {
  await server?.stop()
})

const get = async (path: string, key: string | null) => (await server.json('GET', path, undefined, key)).body
const post = (path: string, body: unknown, key: string) => server.json('POST', path, body, key)
const works = async (key: string) => (await server.json('GET', '/v1/me', undefined, key)).status === 200
const keysOf = async (key: string) => (await get('/v1/me/keys?limit=500', key)).data
const newKey = async (key: string, body: object = {}) => (await post('/v1/me/keys', body, key)).body
const idOf = async (key: string): Promise<string> =>
  (await keysOf(key)).find(({ prefix }: { prefix: string }) => key.startsWith(prefix)).id

/** A key of the user with these settings, issued by the operator. */
async function issued(userId: string, settings: object): Promise<{ key: any; apiKey: string }> {
  const { status, body } = await server.json('POST', `/v1/admin/users/${userId}/keys`, settings)
  expect(status, JSON.stringify(body)).toBe(201)
  return body
}

async function csv(path: string, key: string, headers = {}): Promise<Record<string, string>[]> {
  const response = await server.fetch(path, { key, headers })
  expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8')
  return Papa.parse<Record<string, string>>(await response.text(), { header: true, skipEmptyLines: true }).data
}

describe('own keys', () => {
  it('are made with the reach of the key that asks, shown once, and audited as the deed of their user', async () => {
    const customer = await Customer.create(server, 5)
    const narrow = { expiresAt: '2090-01-01T00:00:00.000Z', rateLimitPerMinute: 30, allowedCidrs: ['127.0.0.0/8'] }
    const asking = await issued(customer.id, { name: 'asking', ...narrow })
    const { status, body } = await post('/v1/me/keys', { name: 'made' }, asking.apiKey)
    expect(status).toBe(201)
    expect(body.key).toMatchObject({ name: 'made', ...narrow, sendEvents: false, status: 'active' })
    expect(await works(body.apiKey)).toBe(true)
    expect(await get('/v1/me', body.apiKey)).toMatchObject({ limits: { rateLimitPerMinute: 30 } })
    expect(JSON.stringify(await keysOf(customer.key))).not.toContain(body.apiKey)
    const audit = await get(`/v1/admin/audit?target=${body.key.id}`, server.rootKey)
    expect(audit.data).toMatchObject([
      { actor: customer.id, action: 'key.create', details: { byKey: asking.key.id, name: 'made' } },
    ])
  })

  it.each([
    ['a longer life', { expiresAt: '2090-01-01T00:00:00.001Z' }, 'expiresAt'],
    ['a life without end', { expiresAt: null }, 'expiresAt'],
    ['a higher rate limit', { rateLimitPerMinute: 31 }, 'rateLimitPerMinute'],
    ["the server's rate limit", { rateLimitPerMinute: null }, 'rateLimitPerMinute'],
    ['more networks', { allowedCidrs: ['127.0.0.0/8', '192.0.2.0/24'] }, 'allowedCidrs'],
    ['a wider network', { allowedCidrs: ['126.0.0.0/7'] }, 'allowedCidrs'],
    ['all networks', { allowedCidrs: null }, 'allowedCidrs'],
    ['the right to send events', { sendEvents: true }, 'sendEvents'],
  ])('do not get %s', async (_what, wanted, path) => {
    const { id } = await Customer.create(server, 0)
    const narrow = { expiresAt: '2090-01-01T00:00:00.000Z', rateLimitPerMinute: 30, allowedCidrs: ['127.0.0.0/8'] }
    const { apiKey } = await issued(id, narrow)
    const { status, body } = await post('/v1/me/keys', wanted, apiKey)
    expect(status).toBe(403)
    expect(body).toMatchObject({ code: 'FORBIDDEN', errors: [{ path }] })
    expect(await keysOf(apiKey)).toHaveLength(2)
  })

  it('may reach less far', async () => {
    const { key } = await Customer.create(server, 0)
    const less = { expiresAt: '2050-01-01T00:00:00.000Z', rateLimitPerMinute: 5, allowedCidrs: ['127.0.0.1'] }
    const made = await newKey(key, less)
    expect(made.key).toMatchObject(less)
    // And what it makes, reaches as far as it does.
    expect((await newKey(made.apiKey)).key).toMatchObject(less)
    expect((await post('/v1/me/keys', { rateLimitPerMinute: 6 }, made.apiKey)).status).toBe(403)
  })

  it('count together against the rate limit, so that nobody gets around it by making more', async () => {
    const customer = await Customer.create(server, 100)
    const { apiKey } = await issued(customer.id, { rateLimitPerMinute: 3 })
    const others = [await newKey(apiKey), await newKey(apiKey)]
    const keys = [apiKey, ...others.map((each) => each.apiKey), (await newKey(others[0].apiKey)).apiKey]
    const statuses: number[] = []
    for (const key of keys) {
      const query = { dataset: 'transactions', ...COUNT }
      statuses.push((await post('/v1/query', query, key)).status)
    }
    expect(statuses).toEqual([200, 200, 200, 429])
    // The first key of the account has its own count.
    expect((await customer.query(COUNT)).status).toBe(200)
  })

  it('are rotated, also the one that asks, which goes on for the overlap', async () => {
    const { key } = await Customer.create(server, 0)
    const id = await idOf(key)
    const { status, body } = await post(`/v1/me/keys/${id}/rotate`, { overlapSeconds: 60 }, key)
    expect(status).toBe(201)
    expect([await works(key), await works(body.apiKey)]).toEqual([true, true])
    const again = await post(`/v1/me/keys/${body.key.id}/rotate`, undefined, body.apiKey)
    expect(again.status).toBe(201)
    await until(async () => expect(await works(body.apiKey)).toBe(false))
    expect(await works(again.body.apiKey)).toBe(true)
    expect((await post(`/v1/me/keys/${body.key.id}/rotate`, {}, again.body.apiKey)).status).toBe(409)
  })

  it('are neither rotated nor revoked by a key that reaches less far', async () => {
    const { key } = await Customer.create(server, 0)
    const id = await idOf(key)
    const narrow = await newKey(key, { expiresAt: '2090-01-01T00:00:00Z' })
    const rotation = await post(`/v1/me/keys/${id}/rotate`, {}, narrow.apiKey)
    expect([rotation.status, rotation.body.errors[0].path]).toEqual([403, 'expiresAt'])
    expect((await server.json('DELETE', `/v1/me/keys/${id}`, undefined, narrow.apiKey)).status).toBe(403)
    expect(await works(key)).toBe(true)
    expect((await server.json('DELETE', `/v1/me/keys/${narrow.key.id}`, undefined, key)).status).toBe(204)
    await until(async () => expect(await works(narrow.apiKey)).toBe(false))
  })

  it('are revoked but for the last one that works', async () => {
    const { id: userId, key } = await Customer.create(server, 0)
    const id = await idOf(key)
    const last = await server.json('DELETE', `/v1/me/keys/${id}`, undefined, key)
    expect(last.status).toBe(409)
    expect(last.body.detail).toBe('This is the last key that works. Issue another one first, or rotate this one.')
    const keys = [key, (await issued(userId, {})).apiKey]
    const revoke = async (each: string) =>
      (await server.json('DELETE', `/v1/me/keys/${await idOf(each)}`, undefined, each)).status
    // Each of the two revokes itself at the same moment: one of them stays.
    const statuses = await Promise.all(keys.map(revoke))
    expect(statuses.sort()).toEqual([204, 409])
    await until(async () => expect((await Promise.all(keys.map(works))).filter(Boolean)).toHaveLength(1))
  })

  it('end with the key that made them, and are handed over when it is rotated', async () => {
    const customer = await Customer.create(server, 0)
    const admin = `/v1/admin/users/${customer.id}/keys`
    const maker = await issued(customer.id, {})
    const made = await newKey(maker.apiKey)
    const second = await newKey(made.apiKey)
    expect([made.key.madeBy, second.key.madeBy]).toEqual([maker.key.id, made.key.id])
    const rotated = await post(`/v1/me/keys/${maker.key.id}/rotate`, {}, maker.apiKey)
    const successor = rotated.body.key.id
    await until(async () => expect(await works(maker.apiKey)).toBe(false))
    expect([await works(made.apiKey), await works(second.apiKey)]).toEqual([true, true])
    const expiresAt = '2090-01-01T00:00:00.000Z'
    await server.json('PATCH', `${admin}/${successor}`, { expiresAt })
    await server.json('PATCH', `${admin}/${successor}`, { expiresAt: null })
    expect((await keysOf(customer.key)).map((key: any) => key.expiresAt).filter(Boolean)).toEqual([
      expiresAt,
      expiresAt,
    ])
    await server.json('PATCH', `${admin}/${successor}`, { status: 'disabled' })
    await until(async () => expect(await works(second.apiKey)).toBe(false))
    await server.json('PATCH', `${admin}/${successor}`, { status: 'active' })
    expect(await works(second.apiKey)).toBe(false)
    expect((await server.json('DELETE', `${admin}/${successor}`)).status).toBe(204)
    const statuses = new Map((await keysOf(customer.key)).map(({ id, status }: any) => [id, status]))
    expect([made.key.id, second.key.id].map((id) => statuses.get(id))).toEqual(['revoked', 'revoked'])
    expect(await works(customer.key)).toBe(true)
    const audit = await get(`/v1/admin/audit?target=${second.key.id}`, server.rootKey)
    expect(audit.data.map(({ actor, action, details }: any) => [actor, action, details.madeBy])).toEqual([
      ['root', 'key.revoke', successor],
      ['root', 'key.update', successor],
      ['root', 'key.update', successor],
      [customer.id, 'key.create', undefined],
    ])
  })

  it('lose what the key that made them loses, and get nothing that it gets', async () => {
    const customer = await Customer.create(server, 10)
    const admin = `/v1/admin/users/${customer.id}/keys`
    const maker = await issued(customer.id, { sendEvents: true })
    const made = await newKey(maker.apiKey)
    const second = await newKey(made.apiKey)
    const change = async (body: object) => {
      expect((await server.json('PATCH', `${admin}/${maker.key.id}`, body)).status).toBe(200)
    }
    const access = { datasets: { transactions: { members: ['transactions'] } } }
    await change({ access, sendEvents: false, rateLimitPerMinute: 50, creditLimit: { credits: 2, every: 'total' } })
    const query = (key: string) => post('/v1/query', { dataset: 'transactions', measures: ['transactions'] }, key)
    const secret = { dataset: 'transactions', measures: ['revenue'] }
    await until(async () => expect((await post('/v1/query', secret, second.apiKey)).status).toBe(400))
    expect((await query(second.apiKey)).status).toBe(200)
    expect((await query(maker.apiKey)).status).toBe(200)
    const over = await query(made.apiKey)
    expect([over.status, over.body.code]).toEqual([402, 'KEY_CREDIT_LIMIT'])
    await change({ access: null, sendEvents: true, rateLimitPerMinute: null, allowedCidrs: ['10.9.9.9/32'] })
    await until(async () => expect((await query(second.apiKey)).status).toBe(403))
    const keys = new Map<string, any>((await keysOf(customer.key)).map((key: any) => [key.id, key]))
    for (const { key } of [made, second])
      expect(keys.get(key.id)).toMatchObject({
        ...{ sendEvents: false, rateLimitPerMinute: 50, allowedCidrs: ['10.9.9.9/32'] },
        creditUsage: { used: 2 },
      })
  })

  it('outlive the key that made them where one of them revokes it, or it revokes itself', async () => {
    const { key } = await Customer.create(server, 0)
    const child = await newKey(key)
    const grandchild = await newKey(child.apiKey)
    const revoke = async (id: string, by: string) =>
      (await server.json('DELETE', `/v1/me/keys/${id}`, undefined, by)).status
    expect(await revoke(await idOf(key), grandchild.apiKey)).toBe(204)
    expect(await revoke(child.key.id, child.apiKey)).toBe(204)
    await until(async () => expect([await works(key), await works(child.apiKey)]).toEqual([false, false]))
    expect(await works(grandchild.apiKey)).toBe(true)
    expect((await keysOf(grandchild.apiKey)).map(({ madeBy }: any) => madeBy)).toEqual([null, null, null])
  })

  it('do not count as working when they are disabled, expired or revoked', async () => {
    const customer = await Customer.create(server, 0)
    const admin = `/v1/admin/users/${customer.id}/keys`
    const disabled = await issued(customer.id, {})
    await server.json('PATCH', `${admin}/${disabled.key.id}`, { status: 'disabled' })
    const revoked = await issued(customer.id, {})
    await server.json('DELETE', `${admin}/${revoked.key.id}`)
    const id = await idOf(customer.key)
    expect((await server.json('DELETE', `/v1/me/keys/${id}`, undefined, customer.key)).status).toBe(409)
    expect((await server.json('DELETE', `/v1/me/keys/${disabled.key.id}`, undefined, customer.key)).status).toBe(204)
  })

  it('of others do not exist', async () => {
    const [one, other] = [await Customer.create(server, 0), await Customer.create(server, 0)]
    const id = await idOf(other.key)
    await newKey(one.key)
    for (const path of [id, '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11', 'none']) {
      expect((await post(`/v1/me/keys/${path}/rotate`, {}, one.key)).status, path).toBe(404)
      expect((await server.json('DELETE', `/v1/me/keys/${path}`, undefined, one.key)).status, path).toBe(404)
    }
    expect((await keysOf(one.key)).map((key: { id: string }) => key.id)).not.toContain(id)
    expect(await works(other.key)).toBe(true)
  })

  it('end at a hundred of one account', { timeout: 60_000 }, async () => {
    const { key } = await Customer.create(server, 0, { rateLimitPerMinute: 100_000 })
    const statuses: number[] = []
    for (let n = 0; n < 21; n++) {
      const five = Array.from({ length: 5 }, async () => (await post('/v1/me/keys', {}, key)).status)
      statuses.push(...(await Promise.all(five)))
    }
    expect(statuses.filter((status) => status === 201)).toHaveLength(99)
    expect(statuses.filter((status) => status === 409)).toHaveLength(6)
  })

  it('take the root key nowhere: it has no account', async () => {
    for (const [method, path] of [
      ['POST', '/v1/me/keys'],
      ['POST', '/v1/me/keys/019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11/rotate'],
      ['DELETE', '/v1/me/keys/019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11'],
      ['GET', '/v1/me/requests'],
      ['GET', '/v1/me/statements'],
      ['GET', '/v1/me/statements/2026-01'],
    ] as const) {
      const { status, body } = await server.json(method, path, method === 'POST' ? {} : undefined)
      expect([status, body.detail], path).toEqual([
        404,
        'The root key belongs to no account. Use the routes below /v1/admin/users/:id.',
      ])
    }
  })
})

describe('own use', () => {
  it('is told by key and by dataset, and adds up to that by day', async () => {
    const customer = await Customer.create(server, 20)
    const second = await newKey(customer.key, { name: 'second' })
    await customer.execute(COUNT)
    await customer.execute(COUNT)
    for (const dataset of ['transactions', 'events']) {
      const measures = [dataset]
      expect((await post('/v1/query', { dataset, measures }, second.apiKey)).status).toBe(200)
    }
    await post('/v1/query', { dataset: 'nothing', measures: [] }, second.apiKey)
    const used = async (query: string) => (await get(`/v1/me/usage?days=2${query}`, customer.key)).data
    await until(async () => expect((await used('')).at(-1)).toMatchObject({ creditsUsed: 4, errors: 1 }))
    expect(await used('&by=dataset')).toEqual([
      { dataset: 'transactions', requests: 3, creditsUsed: 3, errors: 0 },
      { dataset: 'events', requests: 1, creditsUsed: 1, errors: 0 },
      { dataset: null, requests: expect.any(Number), creditsUsed: 0, errors: 1 },
    ])
    const byKey = await used('&by=key')
    expect(byKey).toMatchObject([
      { creditsUsed: 2, errors: 0 },
      { keyId: second.key.id, name: 'second', prefix: second.key.prefix, requests: 3, creditsUsed: 2, errors: 1 },
    ])
    const usage = `/v1/admin/users/${customer.id}/usage?days=2`
    // Asking is a request of the customer as well, and may be written down between the two.
    for (const by of ['', '&by=dataset', '&by=key'])
      await until(async () => expect((await get(`${usage}${by}`, server.rootKey)).data, by).toEqual(await used(by)))
    expect((await get('/v1/me/usage?by=user', customer.key)).code).toBe('VALIDATION_FAILED')
  })

  it('is listed request by request, without those of others', async () => {
    const [customer, other] = [await Customer.create(server, 5), await Customer.create(server, 5)]
    await customer.execute(COUNT)
    await other.execute(COUNT)
    const path = '/v1/me/requests?endpoint=/v1/query'
    await until(async () => expect((await get(path, customer.key)).data).toHaveLength(1))
    const { data, pagination } = await get(path, customer.key)
    expect(pagination).toMatchObject({ total: 1, totalIsExact: true, nextCursor: null })
    const { keyId, dataset } = data[0]
    const entry = { ...data[0], errorDetail: null, fromConsole: false }
    expect([keyId, dataset]).toEqual([await idOf(customer.key), 'transactions'])
    const admin = await get(`/v1/admin/requests?endpoint=/v1/query&userId=${customer.id}`, server.rootKey)
    expect(admin.data).toEqual([entry])
    const brief = (await get(`/v1/admin/logs?dataset=transactions&keyId=${keyId}`, server.rootKey)).data
    expect(brief).toEqual([{ ...data[0], keyId: undefined, dataset: undefined, errorCode: undefined }])
    expect(await get(`/v1/me/requests?userId=${other.id}`, customer.key)).toMatchObject({ code: 'VALIDATION_FAILED' })
    expect(await csv(path, customer.key, { accept: 'text/csv' })).toMatchObject([{ id: entry.id, keyId, dataset }])
  })

  it('moves the ledger, which is a file too', async () => {
    const customer = await Customer.create(server, 5)
    await customer.execute(COUNT)
    const { data } = await get('/v1/me/ledger', customer.key)
    expect(data[0]).toMatchObject({ type: 'charge', amount: -1, reason: 'query transactions' })
    const rows = await csv('/v1/me/ledger?format=csv', customer.key)
    expect(rows.map(({ id }) => id)).toEqual(data.map(({ id }: { id: string }) => id))
    expect(await csv('/v1/me/ledger', customer.key, { accept: 'text/csv' })).toEqual(rows)
    expect(await get('/v1/me/ledger?format=xml', customer.key)).toMatchObject({ code: 'VALIDATION_FAILED' })
  })

  it('has a statement a month: JSON, CSV and a page to print', async () => {
    const customer = await Customer.create(server, 5)
    const reason = `<img src=x onerror=alert(1)> & "co"`
    await server.json('POST', '/v1/admin/add-credits', { userId: customer.id, amount: 40, reason })
    await customer.execute(COUNT)
    const [current] = (await get('/v1/me/statements', customer.key)).data
    const path = `/v1/me/statements/${current.month}`
    const statement = await get(path, customer.key)
    expect(statement).toMatchObject({
      ...{ ...current, isFinal: false, userId: customer.id },
      ...{ opening: 0, granted: 45, charged: -1, released: 0, expired: 0, voided: 0, closing: 44 },
      grants: [
        { reason, count: 1, amount: 40 },
        { reason: 'granted with the account', count: 1, amount: 5 },
      ],
      usage: [{ dataset: 'transactions', endpoint: null, requests: 1, charged: -1, released: 0 }],
    })
    expect(await get(`/v1/admin/users/${customer.id}/statements/${current.month}`, server.rootKey)).toEqual(statement)
    const rows = await csv(`${path}?format=csv`, customer.key)
    expect(rows.map(({ line, amount }) => `${line} ${amount}`)).toEqual([
      ...['opening 0', 'grant 40', 'grant 5', 'charge -1', 'expire 0', 'void 0', 'closing 44'],
    ])
    const page = await server.fetch(path, { key: customer.key, headers: { accept: 'text/html,*/*;q=0.8' } })
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    const text = await page.text()
    expect(text).toContain('&lt;img src=x onerror=alert(1)&gt; &amp; &quot;co&quot;')
    expect(text).not.toContain('<img')
    const policy = page.headers.get('content-security-policy')!
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]+'; /)
    expect(policy).not.toContain('unsafe')
  })

  it('has no statement of what is no month, or of one to come', async () => {
    const { key } = await Customer.create(server, 0)
    for (const [month, status] of [
      ['2026-13', 404],
      ['november', 404],
      ['9999-12', 404],
      ['2001-01', 404],
    ] as const) {
      const { status: got, body } = await server.json('GET', `/v1/me/statements/${month}`, undefined, key)
      expect([got, body.detail], month).toEqual([status, expect.stringMatching(/There is no (such )?statement/)])
    }
  })
})

describe('where credits are bought', () => {
  it('is told by /v1/me and by a refusal for want of them, for this user', async () => {
    const customer = await Customer.create(server, 0, { email: 'a+b&c@example.com' })
    const { user, topUpUrl } = await get('/v1/me', customer.key)
    const expected = `https://pay.example/${user.username}?user=${customer.id}&email=a%2Bb%26c%40example.com`
    expect(topUpUrl).toBe(expected)
    const refused = await customer.query(COUNT)
    expect(refused.status).toBe(402)
    expect(await refused.json()).toMatchObject({
      ...{ code: 'INSUFFICIENT_CREDITS', required: 1, balance: 0, topUpUrl: expected },
      detail: 'This request costs 1 credit and the balance is 0. Buy more credits at topUpUrl.',
    })
    expect(await get('/v1/me', server.rootKey)).not.toHaveProperty('topUpUrl')
  })
})
