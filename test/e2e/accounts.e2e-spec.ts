import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { v7 as uuidv7 } from 'uuid'
import { startServer, type TestServer } from '../support/server.js'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const KEY = /^ch_[0-9A-Za-z]{43}$/
const UNKNOWN_KEY = `ch_${'0'.repeat(43)}`

let server: TestServer
let names = 0

const newName = (): string => `user-${process.pid}-${++names}`
const admin = '/v1/admin'

async function createUser(more: Record<string, unknown> = {}): Promise<{ id: string; key: string; username: string }> {
  const username = newName()
  const { status, body } = await server.json('POST', `${admin}/create-user`, { username, ...more })
  expect(status, JSON.stringify(body)).toBe(201)
  return { id: body.user.id, key: body.apiKey, username }
}

/** Until the condition holds; fails with what it says when it does not within `ms`. */
async function within<T>(ms: number, work: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  for (const endsAt = Date.now() + ms; ;) {
    const value = await work()
    if (holds(value)) return value
    if (Date.now() > endsAt) throw new Error(`not within ${ms} ms: ${JSON.stringify(value)}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

beforeAll(async () => {
  server = await startServer({ env: { METRICS_TOKEN: 'scrape-me' } })
})
afterAll(async () => {
  await server?.stop()
})

describe('who may call what', () => {
  it('prints the root key once, on the first start', () => {
    expect(server.rootKey).toMatch(KEY)
    expect(server.output().split(server.rootKey)).toHaveLength(2)
  })

  it.each([
    ['no key', {}],
    ['an unknown key', { 'x-api-key': UNKNOWN_KEY }],
    ['nonsense', { 'x-api-key': "' OR 1=1 --" }],
    ['a basic login', { authorization: 'Basic YTpi' }],
    ['an unknown bearer', { authorization: `Bearer ${UNKNOWN_KEY}` }],
  ])('answers %s with one and the same 401', async (_name, headers) => {
    const response = await server.fetch('/v1/me', { key: null, headers })
    expect(response.status).toBe(401)
    expect(response.headers.get('content-type')).toContain('application/problem+json')
    expect(response.headers.get('www-authenticate')).toContain('Bearer')
    expect(await response.json()).toMatchObject({
      title: 'Unauthenticated',
      status: 401,
      code: 'UNAUTHENTICATED',
      detail: 'Send a valid API key in the header x-api-key, or as Authorization: Bearer KEY.',
      requestId: response.headers.get('x-request-id'),
      errors: [],
    })
  })

  it('takes a key in either header', async () => {
    const { key, username } = await createUser()
    const { body } = await server.json('GET', '/v1/me', undefined, key)
    expect(body.user.username).toBe(username)
    const bearer = await server.fetch('/v1/me', { key: null, headers: { authorization: `Bearer ${key}` } })
    expect(bearer.status).toBe(200)
    expect(bearer.headers.get('cache-control')).toBe('no-store')
  })

  it('lets admins do all, viewers read, and members neither', async () => {
    const roles = {
      admin: (await createUser({ role: 'admin' })).key,
      viewer: (await createUser({ role: 'viewer' })).key,
      member: (await createUser()).key,
    }
    const read = async (key: string) => (await server.json('GET', `${admin}/users`, undefined, key)).status
    const write = async (key: string) =>
      (await server.json('POST', `${admin}/create-user`, { username: newName() }, key)).status
    expect([await read(roles.admin), await write(roles.admin)]).toEqual([200, 201])
    expect([await read(roles.viewer), await write(roles.viewer)]).toEqual([200, 403])
    expect([await read(roles.member), await write(roles.member)]).toEqual([403, 403])
    for (const key of Object.values(roles))
      expect((await server.json('GET', '/v1/me', undefined, key)).status).toBe(200)
  })

  it('refuses before it has read the body', async () => {
    const { port } = new URL(server.url)
    const socket = connect(Number(port), '127.0.0.1')
    // A body is announced and never sent.
    socket.write(
      'POST /v1/admin/create-user HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n',
    )
    const answer = await new Promise<string>((resolve) => socket.once('data', (data) => resolve(data.toString())))
    socket.destroy()
    expect(answer).toMatch(/^HTTP\/1\.1 401 /)
  })

  it('answers an unknown path with 404 and a problem', async () => {
    const { status, headers, body } = await server.json('GET', '/v1/nothing/here')
    expect(status).toBe(404)
    expect(headers.get('content-type')).toContain('application/problem+json')
    expect(body.code).toBe('NOT_FOUND')
  })

  it('lets the scraper read the metrics and nothing else', async () => {
    const request = async (path: string, token: string) =>
      (await server.fetch(path, { key: null, headers: { authorization: `Bearer ${token}` } })).status
    expect(await request('/metrics', 'scrape-me')).toBe(200)
    expect(await request('/metrics', 'scrape-you')).toBe(401)
    expect(await request('/v1/admin/users', 'scrape-me')).toBe(401)
  })

  it('slows down an address that keeps failing, and still serves its good keys', async () => {
    // Another address than the rest of this file: the loopback network is wide.
    const { port } = new URL(server.url)
    const request = (key: string) =>
      new Promise<number>((resolve, reject) => {
        const socket = connect({ port: Number(port), host: '127.0.0.1', localAddress: '127.0.0.77' })
        socket.on('error', reject)
        socket.write(`GET /v1/me HTTP/1.1\r\nhost: x\r\nx-api-key: ${key}\r\nconnection: close\r\n\r\n`)
        socket.once('data', (data) => resolve(Number(/ (\d+) /.exec(data.toString())?.[1])))
      })
    const { key } = await createUser()
    const statuses: number[] = []
    for (let n = 0; n < 62; n++) statuses.push(await request(UNKNOWN_KEY))
    expect(statuses.filter((status) => status === 401)).toHaveLength(60)
    expect(statuses.at(-1)).toBe(429)
    expect(await request(key)).toBe(200)
  })
})

describe('users', () => {
  it('creates one with a key and credits, in the documented shape', async () => {
    const username = newName()
    const { status, body } = await server.json('POST', `${admin}/create-user`, {
      username,
      firstName: 'Ada',
      lastName: 'Lovelace',
      email: 'ada@example.com',
      credits: 25,
      rateLimitPerMinute: 7,
    })
    expect(status).toBe(201)
    expect(body).toEqual({
      user: {
        id: expect.stringMatching(UUID),
        username,
        firstName: 'Ada',
        lastName: 'Lovelace',
        email: 'ada@example.com',
        role: 'member',
        status: 'active',
        credits: 25,
        rateLimitPerMinute: 7,
        sendEvents: false,
        access: null,
        planId: null,
        createdAt: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/),
      },
      apiKey: expect.stringMatching(KEY),
    })
    expect((await server.json('GET', `${admin}/users/${body.user.id}`)).body).toEqual(body.user)
    const { access: _, ...shown } = body.user
    expect((await server.json('GET', '/v1/me', undefined, body.apiKey)).body).toEqual({
      user: shown,
      credits: 25,
      limits: { rateLimitPerMinute: 7 },
    })
  })

  it('gives a name to one of many who want it at once, whatever its case', async () => {
    const username = newName()
    const wanted = [username, username.toUpperCase(), username, username.toUpperCase()]
    const answers = await Promise.all(
      wanted.map((name) => server.json('POST', `${admin}/create-user`, { username: name })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409])
    expect(answers.find(({ status }) => status === 409)!.body.code).toBe('CONFLICT')
  })

  it.each([
    ['no body', undefined, ''],
    ['no username', {}, 'username'],
    ['an empty username', { username: '' }, 'username'],
    ['a long username', { username: 'x'.repeat(65) }, 'username'],
    ['a NUL', { username: 'a', firstName: 'a\u0000b' }, 'firstName'],
    ['an email that is none', { username: 'a', email: 'nobody' }, 'email'],
    ['an unknown role', { username: 'a', role: 'root' }, 'role'],
    ['half a credit', { username: 'a', credits: 0.5 }, 'credits'],
    ['negative credits', { username: 'a', credits: -1 }, 'credits'],
    ['too many credits', { username: 'a', credits: 1e12 + 1 }, 'credits'],
    ['credits as text', { username: 'a', credits: '5' }, 'credits'],
    ['an unknown field', { username: 'a', admin: true }, 'admin'],
    ['an array', [], ''],
    ['an object as a name', { username: { $ne: 1 } }, 'username'],
  ])('refuses %s with 400', async (_name, body, path) => {
    const answer = await server.json('POST', `${admin}/create-user`, body)
    expect(answer.status, JSON.stringify(answer.body)).toBe(400)
    expect(answer.body.code).toBe('VALIDATION_FAILED')
    if (path) expect(answer.body.errors.map((error: { path: string }) => error.path)).toContain(path)
  })

  it('finds users by part of a name, role and status, page by page', async () => {
    const mark = `zz${process.pid}`
    for (const role of ['member', 'member', 'viewer']) await createUser({ role, lastName: `${mark}%_` })
    const found = async (query: string) => (await server.json('GET', `${admin}/users?${query}`)).body
    expect((await found(`search=${mark.toUpperCase()}`)).pagination).toEqual({ limit: 50, offset: 0, total: 3 })
    expect((await found(`search=${encodeURIComponent(`${mark}%_`)}`)).pagination.total).toBe(3)
    expect((await found(`search=${encodeURIComponent('%')}&role=viewer`)).data).toHaveLength(1)
    const page = await found(`search=${mark}&role=member&limit=1&offset=1`)
    expect(page.data).toHaveLength(1)
    expect(page.pagination).toEqual({ limit: 1, offset: 1, total: 2 })
    for (const query of ['limit=0', 'limit=501', 'offset=-1', 'role=x', 'status=x', 'nonsense=1', 'search=%00']) {
      expect((await server.json('GET', `${admin}/users?${query}`)).status, query).toBe(400)
    }
  })

  it('changes what is given and leaves the rest', async () => {
    const { id } = await createUser({ firstName: 'Ada', email: 'ada@example.com', rateLimitPerMinute: 5 })
    const { status, body } = await server.json('PATCH', `${admin}/users/${id}`, {
      lastName: 'King',
      email: null,
      role: 'viewer',
      rateLimitPerMinute: null,
    })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      firstName: 'Ada',
      lastName: 'King',
      email: null,
      role: 'viewer',
      rateLimitPerMinute: null,
    })
    for (const bad of [{ username: null }, { status: 'gone' }, { credits: 5 }, { id: uuidv7() }]) {
      expect((await server.json('PATCH', `${admin}/users/${id}`, bad)).status, JSON.stringify(bad)).toBe(400)
    }
    const other = await createUser()
    const taken = await server.json('PATCH', `${admin}/users/${id}`, { username: other.username.toUpperCase() })
    expect(taken.status).toBe(409)
  })

  it('disables a user within a second, and lets it in again', async () => {
    const { id, key } = await createUser()
    const me = async () => (await server.json('GET', '/v1/me', undefined, key)).status
    expect(await me()).toBe(200)
    await server.json('PATCH', `${admin}/users/${id}`, { status: 'disabled' })
    expect(await me()).toBe(401)
    await server.json('PATCH', `${admin}/users/${id}`, { status: 'active' })
    expect(await me()).toBe(200)
  })

  it('deletes a user: the keys end, the name is free, the ledger stays', async () => {
    const { id, key, username } = await createUser({ credits: 5 })
    expect((await server.fetch(`${admin}/users/${id}`, { method: 'DELETE' })).status).toBe(204)
    expect((await server.json('GET', '/v1/me', undefined, key)).status).toBe(401)
    expect((await server.json('GET', `${admin}/users/${id}`)).status).toBe(404)
    expect((await server.json('GET', `${admin}/users?search=${username}`)).body.data).toEqual([])
    expect((await server.json('DELETE', `${admin}/users/${id}`)).status).toBe(404)
    expect((await server.json('POST', `${admin}/add-credits`, { userId: id, amount: 1 })).status).toBe(404)
    expect((await server.json('POST', `${admin}/users/${id}/keys`, {})).status).toBe(404)
    expect((await server.json('GET', `${admin}/users/${id}/ledger`)).body.pagination.total).toBe(1)
    expect((await server.json('POST', `${admin}/create-user`, { username })).status).toBe(201)
  })

  it('answers ids that are none or nobody’s cleanly', async () => {
    for (const path of ['', '/keys', '/ledger', '/grants']) {
      expect((await server.json('GET', `${admin}/users/not-a-uuid${path}`)).status, path).toBe(404)
      expect((await server.json('GET', `${admin}/users/${uuidv7()}${path}`)).status, path).toBe(404)
    }
    expect((await server.json('POST', `${admin}/grants/${uuidv7()}/void`)).status).toBe(404)
    expect((await server.json('PATCH', `${admin}/users/${uuidv7()}`, { firstName: 'x' })).status).toBe(404)
  })

  it('refuses names, texts and numbers that the database cannot hold', async () => {
    for (const path of ['/v1/admin/datasets/a%00b', '/v1/admin/endpoints/%00'])
      for (const method of ['GET', 'DELETE']) expect((await server.json(method, path)).status).toBe(404)
    expect((await server.json('GET', '/v1/admin/users?maxCredits=9300000000000000000')).status).toBe(400)
    const halved = { username: 'halved', email: 'a\ud800@example.com' }
    const { status, body } = await server.json('POST', '/v1/admin/create-user', halved)
    expect([status, body.errors.map(({ path }: any) => path)]).toEqual([400, ['email']])
    expect((await server.json('POST', '/v1/customers', { name: 'halved', email: '\ud800' })).status).toBe(400)
  })

  it('shows the root key as root', async () => {
    const { body } = await server.json('GET', '/v1/me')
    expect(body).toMatchObject({
      user: { id: null, username: 'root', role: 'admin', credits: 0 },
      credits: 0,
      limits: { rateLimitPerMinute: null },
    })
  })
})

describe('keys', () => {
  it('issues several, lists them without secrets, and revokes one', async () => {
    const { id, key } = await createUser()
    const issued = await server.json('POST', `${admin}/users/${id}/keys`, {
      name: 'report',
      expiresAt: '2099-01-01T00:00:00Z',
      rateLimitPerMinute: 3,
    })
    expect(issued.status).toBe(201)
    expect(issued.body.apiKey).toMatch(KEY)
    expect(issued.body.key).toMatchObject({
      id: expect.stringMatching(UUID),
      name: 'report',
      prefix: issued.body.apiKey.slice(0, 9),
      expiresAt: '2099-01-01T00:00:00.000Z',
      lastUsedAt: null,
      status: 'active',
    })
    expect((await server.json('GET', '/v1/me', undefined, issued.body.apiKey)).body.limits.rateLimitPerMinute).toBe(3)

    const list = await server.fetch(`${admin}/users/${id}/keys`)
    const text = await list.text()
    expect(JSON.parse(text).data).toHaveLength(2)
    expect(text).not.toContain(issued.body.apiKey.slice(9))
    expect(text).not.toMatch(/hash/i)

    const path = `${admin}/users/${id}/keys/${issued.body.key.id}`
    expect((await server.fetch(path, { method: 'DELETE' })).status).toBe(204)
    expect((await server.json('GET', '/v1/me', undefined, issued.body.apiKey)).status).toBe(401)
    expect((await server.json('GET', '/v1/me', undefined, key)).status).toBe(200)
    const other = await createUser()
    expect((await server.json('DELETE', `${admin}/users/${other.id}/keys/${issued.body.key.id}`)).status).toBe(404)
  })

  it('rotates with an overlap, once, and the successor inherits', async () => {
    const { id } = await createUser()
    const options = { name: 'n', expiresAt: '2099-01-01T00:00:00.000Z', allowedCidrs: ['127.0.0.0/8'] }
    const old = (await server.json('POST', `${admin}/users/${id}/keys`, options)).body
    const path = `${admin}/users/${id}/keys/${old.key.id}/rotate`
    const { status, body } = await server.json('POST', path, { overlapSeconds: 60 })
    expect(status).toBe(201)
    expect(body.key).toMatchObject(options)
    expect((await server.json('GET', '/v1/me', undefined, old.apiKey)).status).toBe(200)
    expect((await server.json('GET', '/v1/me', undefined, body.apiKey)).status).toBe(200)

    const next = `${admin}/users/${id}/keys/${body.key.id}/rotate`
    const answers = await Promise.all([server.json('POST', next, {}), server.json('POST', next)])
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 409])
    expect((await server.json('GET', '/v1/me', undefined, body.apiKey)).status).toBe(401)
  })

  it('ends an expired key with its moment', { retry: 3 }, async () => {
    const { id } = await createUser()
    const expiresAt = new Date(Date.now() + 1500).toISOString()
    const { apiKey } = (await server.json('POST', `${admin}/users/${id}/keys`, { expiresAt })).body
    expect((await server.json('GET', '/v1/me', undefined, apiKey)).status).toBe(200)
    await new Promise((resolve) => setTimeout(resolve, 1600))
    expect((await server.json('GET', '/v1/me', undefined, apiKey)).status).toBe(401)
  })

  it('lets a key with an address list in from those networks only', async () => {
    const { id } = await createUser()
    const issue = async (allowedCidrs: string[]) =>
      (await server.json('POST', `${admin}/users/${id}/keys`, { allowedCidrs })).body.apiKey
    expect((await server.json('GET', '/v1/me', undefined, await issue(['127.0.0.0/8', '::1']))).status).toBe(200)
    expect((await server.json('GET', '/v1/me', undefined, await issue(['192.0.2.0/24']))).status).toBe(403)
    for (const bad of [[], ['x'], ['1.2.3.4/33'], '127.0.0.1', [1]]) {
      expect((await server.json('POST', `${admin}/users/${id}/keys`, { allowedCidrs: bad })).status).toBe(400)
    }
    for (const expiresAt of ['2020-01-01T00:00:00Z', '2030-02-30', 'soon', 5, '2030-W01']) {
      expect((await server.json('POST', `${admin}/users/${id}/keys`, { expiresAt })).status, String(expiresAt)).toBe(
        400,
      )
    }
  })
})

describe('credits', () => {
  it('adds credits and shows grants and ledger', async () => {
    const { id } = await createUser({ credits: 10 })
    const added = await server.json('POST', `${admin}/add-credits`, {
      userId: id,
      amount: 5,
      reason: 'invoice 1',
      priority: 10,
      expiresAt: '2099-01-01T00:00:00Z',
    })
    expect(added.status).toBe(200)
    expect(added.body).toEqual({ userId: id, credits: 15, grantId: expect.stringMatching(UUID) })

    const grants = (await server.json('GET', `${admin}/users/${id}/grants`)).body
    expect(grants.data[0]).toEqual({
      id: added.body.grantId,
      amount: 5,
      remaining: 5,
      priority: 10,
      expiresAt: '2099-01-01T00:00:00.000Z',
      reason: 'invoice 1',
      voidedAt: null,
      createdAt: expect.any(String),
    })
    expect(grants.data[1]).toMatchObject({ amount: 10, priority: 50, expiresAt: null })

    for (let n = 0; n < 2; n++) {
      const voided = await server.json('POST', `${admin}/grants/${added.body.grantId}/void`)
      expect(voided.status).toBe(200)
      expect(voided.body).toMatchObject({ remaining: 0, voidedAt: expect.any(String) })
    }
    const { data, pagination } = (await server.json('GET', `${admin}/users/${id}/ledger?limit=2`)).body
    expect(pagination).toEqual({ limit: 2, offset: 0, total: 3 })
    expect(data[0]).toEqual({
      id: expect.stringMatching(UUID),
      grantId: added.body.grantId,
      type: 'void',
      amount: -5,
      balanceAfter: 10,
      requestId: null,
      reason: null,
      createdAt: expect.any(String),
    })
    expect(data[1]).toMatchObject({ type: 'grant', amount: 5, balanceAfter: 15 })
  })

  it('refuses amounts that are not whole, positive and sane', async () => {
    const { id } = await createUser()
    for (const amount of [0, -1, 0.1, 1e12 + 1, 1e300, '5', null, undefined, true, [1]]) {
      const { status, body } = await server.json('POST', `${admin}/add-credits`, { userId: id, amount })
      expect(status, String(amount)).toBe(400)
      expect(body.errors[0].path).toBe('amount')
    }
    for (const bad of [
      { priority: 101 },
      { priority: 1.5 },
      { expiresAt: '2020-01-01' },
      { userId: 'x' },
      { more: 1 },
    ]) {
      const { status } = await server.json('POST', `${admin}/add-credits`, { userId: id, amount: 1, ...bad })
      expect(status, JSON.stringify(bad)).toBe(400)
    }
    expect((await server.json('POST', `${admin}/add-credits`, { userId: uuidv7(), amount: 1 })).status).toBe(404)
  })
})

describe('limits', () => {
  it('limits a member on free routes to ten times its queries, and tells it so', async () => {
    const { key } = await createUser({ rateLimitPerMinute: 1 })
    const answers = await Promise.all(Array.from({ length: 12 }, () => server.json('GET', '/v1/me', undefined, key)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10)
    const refused = answers.find(({ status }) => status === 429)!
    expect(refused.body.code).toBe('RATE_LIMITED')
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    expect(refused.headers.get('ratelimit-limit')).toBe('10')
    expect(refused.headers.get('ratelimit-remaining')).toBe('0')
    expect(Number(refused.headers.get('ratelimit-reset'))).toBeLessThanOrEqual(60)
  })

  it('does not limit the events that a member sends, nor lets them take from what it may read', async () => {
    const { key } = await createUser({ rateLimitPerMinute: 1, sendEvents: true })
    const event = { source: 'shop', type: 'unlimited', values: { amount: 1 } }
    const sent = await Promise.all(
      Array.from({ length: 30 }, (_, n) =>
        n % 2
          ? server.json('POST', '/api/ingest', event, key)
          : server.json('POST', '/api/ingest/batch', [event, event], key),
      ),
    )
    expect(sent.map(({ status }) => status)).toEqual(sent.map(() => 200))
    const { status, headers } = await server.json('GET', '/v1/me', undefined, key)
    expect([status, headers.get('ratelimit-remaining')]).toEqual([200, '9'])
  })
})

describe('the request log', () => {
  const logs = async (query: string) => (await server.json('GET', `${admin}/logs?${query}`)).body

  it('shows a request within about a second, in the documented shape', { retry: 3 }, async () => {
    const { id, key } = await createUser()
    const { headers } = await server.json('GET', '/v1/me?secret=1', undefined, key)
    const { data } = await within(
      1500,
      () => logs(`userId=${id}`),
      (page) => page.data.length === 1,
    )
    expect(data[0]).toEqual({
      id: expect.stringMatching(UUID),
      requestId: headers.get('x-request-id'),
      userId: id,
      method: 'GET',
      endpoint: '/v1/me',
      status: 200,
      durationMs: expect.any(Number),
      creditsCharged: 0,
      ip: '127.0.0.1',
      timestamp: expect.stringMatching(/Z$/),
    })
  })

  it('holds refused and unknown requests, without query strings and keys', async () => {
    await server.fetch(`/nowhere/${process.pid}?key=${UNKNOWN_KEY}`, { key: null })
    await server.fetch('/v1/admin/stats', { key: UNKNOWN_KEY })
    await within(
      60_000,
      () => logs(`endpoint=/nowhere/${process.pid}&status=404`),
      (page) => page.data.length === 1,
    )
    await within(
      60_000,
      () => logs('endpoint=/v1/admin/stats&status=401'),
      (page) => page.data.length === 1,
    )
    const all = await (await server.fetch(`${admin}/logs?limit=500`)).text()
    expect(all).not.toContain('ch_')
    expect(all).not.toContain('secret')
  })

  it('logs a client that went away as 499', async () => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    socket.write(
      `POST /v1/admin/create-user HTTP/1.1\r\nhost: x\r\nx-api-key: ${server.rootKey}\r\n` +
        'content-type: application/json\r\ncontent-length: 100\r\nexpect: 100-continue\r\n\r\n{',
    )
    // It says "continue" when it has read the headers.
    await once(socket, 'data')
    socket.destroy()
    await within(
      60_000,
      () => logs('status=499'),
      (page) => page.data.length === 1,
    )
  })

  it('filters by time and pages, newest first', async () => {
    const { data, pagination } = await logs('limit=5&offset=1')
    expect(pagination).toMatchObject({ limit: 5, offset: 1 })
    const times = data.map((row: { timestamp: string }) => row.timestamp)
    expect(times).toEqual(times.toSorted().toReversed())
    expect((await logs('to=2020-01-01')).pagination.total).toBe(0)
    expect((await logs('from=2020-01-01&to=2999-01-01T00:00:00Z')).pagination.total).toBeGreaterThan(5)
    for (const query of ['from=yesterday', 'status=abc', 'userId=1', 'status=99', 'x=1']) {
      expect((await server.json('GET', `${admin}/logs?${query}`)).status, query).toBe(400)
    }
  })
})

describe('stats and usage', () => {
  it('counts users, requests and credits by day', async () => {
    const { id, key } = await createUser({ credits: 3 })
    await server.json('GET', '/v1/me', undefined, key)
    await server.json('GET', '/v1/admin/users', undefined, key)
    const days = async () => (await server.json('GET', '/v1/me/usage?days=7', undefined, key)).body.data
    const usage = await within(1500, days, (data) => data.at(-1).errors >= 1)
    expect(usage).toHaveLength(7)
    expect(usage.at(-1)).toMatchObject({ date: new Date().toISOString().slice(0, 10), errors: 1, creditsUsed: 0 })
    expect(usage[0]).toMatchObject({ requests: 0, creditsUsed: 0, errors: 0 })
    expect((await server.json('GET', '/v1/me/usage?days=0', undefined, key)).status).toBe(400)

    const { body } = await server.json('GET', `${admin}/stats`)
    expect(Object.keys(body).sort()).toEqual(
      [
        'users activeUsers newUsersToday lowCreditUsers requests requestsToday errorsToday creditsUsed',
        'creditsUsedToday dailyUsage topEndpoints ingestions datasets',
      ]
        .join(' ')
        .split(' ')
        .sort(),
    )
    expect(body.users).toBe((await server.json('GET', `${admin}/users?limit=1`)).body.pagination.total)
    expect(body.newUsersToday).toBe(body.users)
    expect(body.lowCreditUsers).toBeGreaterThan(0)
    expect(body.activeUsers).toBeGreaterThan(0)
    expect(body.requests).toBe(body.requestsToday)
    expect(body.errorsToday).toBeGreaterThan(0)
    expect(body.dailyUsage).toHaveLength(30)
    expect(body.dailyUsage.at(-1)).toMatchObject({ requests: body.requestsToday, errors: body.errorsToday })
    expect(body.dailyUsage.at(-1).p95Ms).toBeGreaterThan(0)
    expect(body.dailyUsage[0]).toMatchObject({ requests: 0, p95Ms: null })
    expect(body.topEndpoints[0]).toMatchObject({ method: expect.any(String), endpoint: expect.any(String) })
    expect((await logsOf(id)).pagination.total).toBeGreaterThan(0)
  })

  const logsOf = async (id: string) => (await server.json('GET', `${admin}/logs?userId=${id}`)).body
})

describe('a restart', () => {
  it('keeps keys, balances and the log, and prints no key', async () => {
    const { id, key } = await createUser({ credits: 4 })
    await server.json('GET', '/v1/me', undefined, key)
    // At once after the request: the log must be flushed by the shutdown itself.
    expect(await server.stop({ keepData: true })).toBe(0)
    server = await startServer({ dataDir: server.dataDir, rootKey: server.rootKey })
    expect(server.output()).not.toMatch(/ch_[0-9A-Za-z]{43}/)
    expect((await server.json('GET', '/v1/me', undefined, key)).body.credits).toBe(4)
    const { data } = (await server.json('GET', `${admin}/logs?userId=${id}&endpoint=/v1/me`)).body
    expect(data.length).toBeGreaterThanOrEqual(1)
    const keys = (await server.json('GET', `${admin}/users/${id}/keys`)).body.data
    expect(keys[0].lastUsedAt).not.toBeNull()
  })
})
