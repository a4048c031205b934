import { SignJWT } from 'jose'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { postgresMigrations } from '../../migrations/postgres/index.js'
import { hashOfKey } from '../../src/auth/api-keys/api-key.js'
import type { Database } from '../../src/infrastructure/database/database.js'
import { Customer } from '../support/customer.js'
import { startPostgres, type TestPostgres } from '../support/postgres.js'
import { randomTransactions, toCsv } from '../support/random-transactions.js'
import { startServer, type TestServer } from '../support/server.js'
import { until } from '../support/until.js'
import { upload } from '../support/upload.js'
import { SeededRandom } from '../../tools/generator/random.js'

const ROOT_KEY = `ch_${'r'.repeat(43)}`
const ENCRYPTION_KEY = Buffer.alloc(32, 5).toString('base64')
const ENDED_WITHIN_MS = 1000
/** The time is promised for a machine that is not overloaded. */
const AGAIN_WHEN_LATE = { retry: 3 }
const QUERY = { dataset: 'transactions', measures: ['revenue'], dimensions: ['country'] }

/** Two instances on one PostgreSQL. */
describe('browser tokens', () => {
  let postgres: TestPostgres
  let database: Database
  let one: TestServer
  let two: TestServer

  beforeAll(async () => {
    postgres = await startPostgres(postgresMigrations)
    const options = {
      rootKey: ROOT_KEY,
      env: { POSTGRES_URL: postgres.url, ADMIN_API_KEY: hashOfKey(ROOT_KEY), ENCRYPTION_KEY, LOG_LEVEL: 'verbose' },
    }
    ;[one, two] = await Promise.all([startServer(options), startServer(options)])
    database = await postgres.connect()
    await upload(one, toCsv(randomTransactions(new SeededRandom(1), 50)))
  })
  afterAll(async () => {
    await Promise.all([one?.stop(), two?.stop()])
    await postgres?.stop()
  })

  const issue = async (key: string, body: object = {}): Promise<{ token: string; expiresAt: string }> => {
    const issued = await one.json('POST', '/v1/me/tokens', { expiresInSeconds: 600, ...body }, key)
    expect(issued.status, JSON.stringify(issued.body)).toBe(201)
    return issued.body
  }
  const statusOf = async (server: TestServer, token: string): Promise<number> =>
    (await server.json('GET', '/v1/me', undefined, token)).status
  const query = (server: TestServer, token: string, body: object = QUERY) =>
    server.json('POST', '/v1/query', body, token)

  it('stand for their key on every instance, in both headers, and pay from its account', async () => {
    const customer = await Customer.create(one, 10)
    const { token, expiresAt } = await issue(customer.key)
    const [, claims] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString())
    expect(new Date(JSON.parse(claims!).exp * 1000).toISOString()).toBe(expiresAt)
    expect(Math.abs(Date.parse(expiresAt) - Date.now() - 600_000)).toBeLessThan(60_000)
    for (const server of [one, two]) {
      const { status, headers, body } = await query(server, token)
      expect([status, headers.get('x-credits-charged')], JSON.stringify(body)).toEqual([200, '1'])
    }
    const bearer = await two.fetch('/v1/me', { key: null, headers: { authorization: `Bearer ${token}` } })
    expect(await bearer.json()).toMatchObject({ user: { id: customer.id, email: null }, credits: 8 })
    await until(async () => {
      const { body } = await one.json('GET', `/v1/admin/logs?userId=${customer.id}&endpoint=/v1/query`)
      expect(body.data).toHaveLength(2)
    })
  })

  it('open what is theirs to open, and nothing else', async () => {
    const admin = await Customer.create(one, 10, { role: 'admin', sendEvents: true })
    const { token } = await issue(admin.key)
    const call = async (method: string, path: string, body?: object) =>
      (await one.json(method, path, body, token)).status
    for (const path of ['/v1/me', '/v1/me/usage', '/v1/datasets', '/v1/datasets/transactions'])
      expect(await call('GET', path), path).toBe(200)
    expect(await call('GET', '/v1/datasets/transactions/values/country')).toBe(200)
    expect(await call('POST', '/v1/query/dry-run', QUERY)).toBe(200)
    const document = (await one.json('GET', '/swagger-json')).body
    const others = Object.entries<Record<string, any>>(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, operation]) => !operation['x-token'] && operation['x-access'] !== 'public')
        .map(([method]) => [method.toUpperCase(), path.replace(/\{\w+\}/g, admin.id)] as const),
    )
    expect(others.length).toBeGreaterThan(80)
    for (const [method, path] of others) {
      const { status, body } = await one.json(method, path, method === 'GET' ? undefined : {}, token)
      expect([status, body.code], `${method} ${path}`).toEqual([403, 'FORBIDDEN'])
    }
    // The console takes keys alone.
    const signIn = await one.json('POST', '/v1/session', { apiKey: token }, null)
    expect([400, 403]).toContain(signIn.status)
  })

  it('are not made by the root key, and last an hour at most and no longer than their key', async () => {
    const { status, body } = await one.json('POST', '/v1/me/tokens', { expiresInSeconds: 60 })
    expect([status, body.detail]).toEqual([403, expect.stringContaining('has no account')])
    const customer = await Customer.create(one, 1)
    for (const wrong of [{}, { expiresInSeconds: 0 }, { expiresInSeconds: 3601 }, { expiresInSeconds: 1.5 }])
      expect((await one.json('POST', '/v1/me/tokens', wrong, customer.key)).status).toBe(400)
    for (const wrong of [{ maxCredits: 0 }, { maxCredits: 1.5 }, { role: 'admin' }])
      expect((await one.json('POST', '/v1/me/tokens', { expiresInSeconds: 9, ...wrong }, customer.key)).status).toBe(
        400,
      )
    const expiresAt = new Date(Date.now() + 4_000).toISOString()
    const { apiKey } = (await one.json('POST', `/v1/admin/users/${customer.id}/keys`, { expiresAt })).body
    const issued = await issue(apiKey)
    expect(Date.parse(issued.expiresAt)).toBeLessThanOrEqual(Date.parse(expiresAt))
    expect(await statusOf(two, issued.token)).toBe(200)
    await until(async () => expect(await statusOf(two, issued.token)).toBe(401))
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(issued.expiresAt))
  })

  it.each<[string, (userId: string, keyId: string) => [string, string, object?]]>([
    ['is revoked', (id, keyId) => ['DELETE', `/v1/admin/users/${id}/keys/${keyId}`]],
    ['is disabled', (id, keyId) => ['PATCH', `/v1/admin/users/${id}/keys/${keyId}`, { status: 'disabled' }]],
    ['belongs to a user who is disabled', (id) => ['PATCH', `/v1/admin/users/${id}`, { status: 'disabled' }]],
    ['belongs to a user who is deleted', (id) => ['DELETE', `/v1/admin/users/${id}`]],
  ])('end on every instance within a second when their key %s', AGAIN_WHEN_LATE, async (_name, change) => {
    const { id } = await Customer.create(one, 1)
    const { key, apiKey } = (await one.json('POST', `/v1/admin/users/${id}/keys`, {})).body
    const { token } = await issue(apiKey)
    // Both instances use it all the time, so that both remember it.
    const use = async (server: TestServer) => {
      while ((await statusOf(server, token)) === 200) await sleep(10)
    }
    const users = [use(one), use(two)]
    await sleep(300)
    const [method, path, body] = change(id, key.id)
    expect((await one.json(method, path, body)).status).toBeLessThan(300)
    const changedAt = Date.now()
    expect(await statusOf(one, token)).toBe(401)
    await until(async () => expect(await statusOf(two, token)).toBe(401), ENDED_WITHIN_MS)
    expect(Date.now() - changedAt).toBeLessThan(ENDED_WITHIN_MS)
    await Promise.all(users)
  })

  it('see what their key sees now, and of that what they name', async () => {
    const customer = await Customer.create(one, 100)
    const keys = `/v1/admin/users/${customer.id}/keys`
    const policy = { datasets: { transactions: { members: ['country', 'revenue', 'transactions'] } } }
    const { key, apiKey } = (await one.json('POST', keys, { access: policy })).body
    const wide = await issue(apiKey)
    const narrow = await issue(apiKey, { access: { datasets: { transactions: { members: ['country', 'revenue'] } } } })
    const counts = { dataset: 'transactions', measures: ['transactions'] }
    expect([(await query(two, wide.token, counts)).status, (await query(two, narrow.token, counts)).status]).toEqual([
      200, 400,
    ])
    expect((await query(two, narrow.token)).status).toBe(200)
    // What its key cannot see does not exist for whoever asks for a token.
    const asked = {
      expiresInSeconds: 60,
      access: { datasets: { transactions: { members: ['category'] }, events: {} } },
    }
    const refused = await one.json('POST', '/v1/me/tokens', asked, apiKey)
    expect([refused.status, refused.body.errors.map(({ path }: any) => path).sort()]).toEqual([
      400,
      ['access.datasets.events', 'access.datasets.transactions.members[0]'],
    ])
    await one.json('PATCH', `${keys}/${key.id}`, {
      access: { datasets: { transactions: { members: ['transactions'] } } },
    })
    await until(async () => expect((await query(two, narrow.token)).status).toBe(400), 5_000)
    await until(async () => expect((await query(two, wide.token)).status).toBe(400), 5_000)
    expect((await query(two, wide.token, counts)).status).toBe(200)
  })

  it('spend at most what they may, over all instances, and have back what failed', async () => {
    const customer = await Customer.create(one, 1_000, { rateLimitPerMinute: 10_000 })
    const { token } = await issue(customer.key, { maxCredits: 25 })
    const all = await Promise.all(Array.from({ length: 100 }, (_, at) => query(at % 2 ? one : two, token)))
    const refused = all.filter(({ status }) => status !== 200)
    expect(all.length - refused.length).toBe(25)
    for (const { status, body } of refused)
      expect([status, body]).toMatchObject([402, { code: 'KEY_CREDIT_LIMIT', required: 1, limit: 25, resetsAt: null }])
    expect(await customer.credits()).toBe(975)
    // A refusal of the account is counted for no token.
    const poor = await Customer.create(one, 0)
    const second = await issue(poor.key, { maxCredits: 1 })
    for (let n = 0; n < 3; n++) expect((await query(one, second.token)).body.code).toBe('INSUFFICIENT_CREDITS')
    await one.json('POST', '/v1/admin/add-credits', { userId: poor.id, amount: 10 })
    expect((await query(one, second.token)).status).toBe(200)
    expect((await query(two, second.token)).body).toMatchObject({ code: 'KEY_CREDIT_LIMIT', used: 1 })
  })

  it('are limited to the addresses of their key', async () => {
    const { id } = await Customer.create(one, 1)
    const { key, apiKey } = (await one.json('POST', `/v1/admin/users/${id}/keys`, {})).body
    const { token } = await issue(apiKey)
    await one.json('PATCH', `/v1/admin/users/${id}/keys/${key.id}`, { allowedCidrs: ['192.0.2.0/24'] })
    expect(await statusOf(one, token)).toBe(403)
  })

  it('share the rate limit of their key, and have half of it each', async () => {
    const customer = await Customer.create(one, 100)
    const rateLimitPerMinute = 24
    const { apiKey } = (await one.json('POST', `/v1/admin/users/${customer.id}/keys`, { rateLimitPerMinute })).body
    const [first, second] = [await issue(apiKey), await issue(apiKey)]
    const statuses = async (key: string, count: number) => {
      const all = await Promise.all(Array.from({ length: count }, () => query(one, key)))
      return all.map(({ status }) => status).sort()
    }
    const passed = (count: number) => Array<number>(count).fill(200)
    expect(await statuses(first.token, 13)).toEqual([...passed(12), 429])
    expect((await one.json('POST', '/v1/query', QUERY, first.token)).body.detail).toMatch(
      /^This token may send 12 queries/,
    )
    expect((await one.json('GET', '/v1/me', undefined, first.token)).body.limits).toEqual({ rateLimitPerMinute: 12 })
    // Refused requests count with the key too, so that 24 - 14 are left to the others.
    expect(await statuses(second.token, 8)).toEqual(passed(8))
    expect(await statuses(apiKey, 3)).toEqual([...passed(2), 429])
    expect((await query(one, second.token)).body.detail).toMatch(/^This key may send 24 queries/)
  })

  it('that are forged, foreign or changed are failed keys', async () => {
    const customer = await Customer.create(one, 1)
    const { token } = await issue(customer.key)
    const [head, claims, signature] = token.split('.') as [string, string, string]
    const { kid } = JSON.parse(Buffer.from(head, 'base64url').toString())
    const claimed = JSON.parse(Buffer.from(claims, 'base64url').toString())
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const foreign = await new SignJWT(claimed)
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid })
      .sign(Buffer.from(ROOT_KEY))
    const unsigned = `${encode({ alg: 'none', typ: 'JWT', kid })}.${claims}.`
    const longer = `${head}.${encode({ ...claimed, exp: claimed.exp + 999 })}.${signature}`
    for (const forged of [foreign, unsigned, `${unsigned}${signature}`, longer, `${token}x`, token.slice(0, -1)]) {
      const { status, body } = await two.json('GET', '/v1/me', undefined, forged)
      expect([status, body.code], forged).toEqual([401, 'UNAUTHENTICATED'])
    }
    await database.query('DELETE FROM browser_tokens WHERE id = $1', [claimed.jti])
    await until(async () => expect(await statusOf(two, token)).toBe(401), 2_000)
  })

  it('and what they are signed with are in no log, path or table', async () => {
    const customer = await Customer.create(one, 1)
    const { token } = await issue(customer.key)
    await one.fetch(`/v1/query/${token}`, { key: token })
    await one.fetch(`/v1/datasets/${encodeURIComponent(token)}`, { key: token })
    const unknown = await query(one, token, { ...QUERY, dataset: token })
    expect(unknown.status).toBe(400)
    expect(JSON.stringify(unknown.body)).not.toContain(token)
    await until(async () => {
      const { body } = await one.json('GET', '/v1/admin/logs?status=404&limit=500')
      expect(JSON.stringify(body)).toContain('/v1/query/(hidden token)')
      expect(JSON.stringify(body)).not.toContain(token.slice(0, 40))
    })
    const keys = await database.query<{ secret: string | null; sealed: boolean }>(
      'SELECT secret, secret_ciphertext IS NOT NULL AS sealed FROM token_signing_keys',
    )
    expect(keys.length).toBeGreaterThan(0)
    for (const key of keys) expect(key).toEqual({ secret: null, sealed: true })
    for (const server of [one, two]) expect(server.output()).not.toContain(token.slice(0, 40))
  })
})
