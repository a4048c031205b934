import { createHash } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Customer } from '../support/customer.js'
import { startServer, type TestServer } from '../support/server.js'

const ROOT_KEY = 'correct-horse:battery+staple'

let server: TestServer
let customer: Customer

beforeAll(async () => {
  server = await startServer({
    rootKey: ROOT_KEY,
    env: {
      ADMIN_API_KEY: createHash('sha256').update(ROOT_KEY).digest('hex'),
      RATE_LIMIT_PER_MINUTE: '100000',
      TRUST_PROXY: '1',
      BODY_IDLE_SECONDS: '2',
    },
  })
  customer = await Customer.create(server, 100)
})
afterAll(() => server?.stop())

const send = (path: string, init: RequestInit = {}) => fetch(`${server.url}${path}`, init)

/** A connection that has sent `text`, and what came back. */
function raw(text: string): { socket: Socket; received: () => string; isClosed: () => boolean } {
  let [received, closed] = ['', false]
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  socket.write(text)
  socket.on('data', (data) => (received += String(data)))
  socket.on('error', () => undefined)
  socket.on('close', () => (closed = true))
  return { socket, received: () => received, isClosed: () => closed }
}

describe('a body with 90,000 unknown fields', () => {
  const huge = JSON.stringify(Object.fromEntries(Array.from({ length: 90_000 }, (_, index) => [`k${index}`, 1])))

  it.each(['/v1/admin/create-user', '/v1/orders', '/v1/query', '/v1/query/dry-run', '/v1/admin/views/refresh'])(
    'is refused on %s with at most a hundred names',
    async (path) => {
      const { status, body } = await server.json('POST', path, JSON.parse(huge))
      expect(status).toBe(400)
      expect(body.errors.length).toBeLessThanOrEqual(101)
    },
  )

  it('is too large for a sign-in', async () => {
    const response = await send('/v1/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: huge,
    })
    expect(response.status).toBe(413)
  })
})

describe('a field that is given twice', () => {
  it.each([
    ['/v1/query', '{"dataset":"transactions","measures":["revenue"],"limit":1,"limit":2}', 'limit'],
    ['/v1/admin/create-user', '{"username":"twice","\\u0075sername":"other"}', 'username'],
    ['/api/ingest', '{"source":"s","type":"t","values":{"a":1,"a":2}}', 'values.a'],
    ['/api/ingest/batch', '[{"source":"s","type":"t","values":{}},{"source":"s","source":"s"}]', '[1].source'],
  ])('is refused on %s', async (path, body, field) => {
    const response = await send(path, {
      method: 'POST',
      headers: { 'x-api-key': ROOT_KEY, 'content-type': 'application/json' },
      body,
    })
    const problem = (await response.json()) as { errors: unknown }
    expect({ status: response.status, errors: problem.errors }).toEqual({
      status: 400,
      errors: [{ path: field, message: 'is given more than once' }],
    })
  })

  it('rejects its own line of NDJSON only', async () => {
    const line = '{"source":"s","type":"t","values":{"a":1}}'
    const response = await send('/api/ingest/batch', {
      method: 'POST',
      headers: { 'x-api-key': ROOT_KEY, 'content-type': 'application/x-ndjson' },
      body: `${line}\n${line.replace('"a":1', '"a":1,"a":1')}\n${line}\n`,
    })
    expect(await response.json()).toEqual({
      status: 'data received',
      accepted: 2,
      rejected: [{ index: 1, reason: 'values.a: is given more than once' }],
    })
  })
})

describe('a request that does not come', () => {
  it('is cut off when its body stops, with 408, and other requests go on', async () => {
    const stalled = raw(
      'POST /v1/session HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"a',
    )
    const upload = raw(
      `POST /v1/ingestions?format=csv HTTP/1.1\r\nhost: x\r\nx-api-key: ${ROOT_KEY}\r\ncontent-type: text/csv\r\ncontent-length: 1000\r\n\r\na,b\n`,
    )
    await expect.poll(() => stalled.isClosed() && upload.isClosed()).toBe(true)
    expect(stalled.received()).toMatch(/^HTTP\/1\.1 408 /)
    expect((await send('/health/live')).status).toBe(200)
  })

  it('may take long as long as its bytes flow', async () => {
    const csv = Buffer.from('a,b\n'.repeat(200))
    const slow = raw(
      `POST /v1/ingestions?format=csv HTTP/1.1\r\nhost: x\r\nx-api-key: ${ROOT_KEY}\r\ncontent-type: text/csv\r\ncontent-length: ${csv.length}\r\nconnection: close\r\n\r\n`,
    )
    for (let sent = 0; sent < csv.length; sent += 80) {
      slow.socket.write(csv.subarray(sent, sent + 80))
      await new Promise((resolve) => setTimeout(resolve, 600))
    }
    await expect.poll(() => slow.isClosed()).toBe(true)
    expect(slow.received()).toMatch(/^HTTP\/1\.1 202 /)
  })
})

describe('an address behind the proxy', () => {
  const entries = async () => (await server.json('GET', '/v1/admin/logs?limit=50')).body.data as { ip: string }[]

  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['198.51.100.66, 203.0.113.8', '203.0.113.8'],
    ['"><script>, 203.0.113.9:4711', '203.0.113.9'],
  ])('X-Forwarded-For %j is logged as %s', async (forwarded, address) => {
    await send('/v1/me', { headers: { 'x-api-key': customer.key, 'x-forwarded-for': forwarded } })
    await expect.poll(async () => (await entries()).map(({ ip }) => ip)).toContain(address)
  })

  it('that is no address is not believed', async () => {
    await send('/v1/datasets', { headers: { 'x-api-key': customer.key, 'x-forwarded-for': 'forged-text' } })
    expect((await entries()).map(({ ip }) => ip)).not.toContain('forged-text')
  })

  it('opens no list of networks with a forged entry', async () => {
    const { body } = await server.json('POST', `/v1/admin/users/${customer.id}/keys`, {
      allowedCidrs: ['10.9.8.0/24'],
    })
    const request = async (forwarded: string) =>
      (await send('/v1/me', { headers: { 'x-api-key': body.apiKey, 'x-forwarded-for': forwarded } })).status
    expect(await request('10.9.8.7')).toBe(200)
    expect(await request('10.9.8.7, 203.0.113.1')).toBe(403)
    expect(await request('203.0.113.1')).toBe(403)
  })
})

describe('a root key of any shape', () => {
  it('opens by header, as a bearer token and at the sign-in', async () => {
    expect((await send('/v1/admin/users', { headers: { 'x-api-key': ROOT_KEY } })).status).toBe(200)
    expect((await send('/v1/admin/users', { headers: { authorization: `Bearer ${ROOT_KEY}` } })).status).toBe(200)
    const signedIn = await send('/v1/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ apiKey: ROOT_KEY }),
    })
    expect(signedIn.status).toBe(201)
    const cookie = signedIn.headers.get('set-cookie')!.split(';')[0]!
    expect((await send('/v1/session', { headers: { cookie } })).status).toBe(200)
    expect((await send('/v1/admin/users', { headers: { 'x-api-key': `${ROOT_KEY}x` } })).status).toBe(401)
  })

  it('and the keys of users are in no answer and no log, however they are written', async () => {
    const secret = customer.key.slice(3)
    const paths = [`/v1/ch%5F${secret}`, `/v1/%63h_${secret}`, `/v1/ch%255f${secret}`, `/v1/datasets/ch%5f${secret}`]
    for (const path of [...paths, `/v1/${ROOT_KEY}`, `/v1/${encodeURIComponent(ROOT_KEY)}`]) {
      const text = await (await send(path, { headers: { 'x-api-key': ROOT_KEY } })).text()
      expect(text).not.toContain(secret)
      expect(text).not.toContain(ROOT_KEY)
    }
    const echoed = await server.json('POST', '/v1/query', { dataset: customer.key, [customer.key]: 1 })
    expect(JSON.stringify(echoed.body)).not.toContain(secret)
    await expect
      .poll(async () => JSON.stringify((await server.json('GET', '/v1/admin/logs?limit=100')).body))
      .toContain('/v1/ch_(hidden)')
    const text = JSON.stringify((await server.json('GET', '/v1/admin/logs?limit=100')).body)
    for (const hidden of [secret, ROOT_KEY, encodeURIComponent(ROOT_KEY)]) expect(text).not.toContain(hidden)
  })
})

describe('security headers', () => {
  it.each(['/', '/swagger', '/swagger-json', '/favicon.svg', '/v1/me', '/nowhere', '/health/live', '/metrics'])(
    'are on %s',
    async (path) => {
      const { headers } = await send(path, { headers: { 'x-api-key': customer.key, 'x-forwarded-proto': 'https' } })
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('x-frame-options')).toBe('DENY')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
      expect(headers.get('strict-transport-security')).toMatch(/^max-age=31536000/)
    },
  )

  it('are on an answer from the cache, and say nothing of https over plain HTTP', async () => {
    const execute = () =>
      send('/v1/query', {
        method: 'POST',
        headers: { 'x-api-key': customer.key, 'content-type': 'application/json' },
        body: '{"dataset":"transactions","measures":["transactions"]}',
      })
    await execute()
    for (const response of [await execute(), await execute()]) {
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
      expect(response.headers.get('strict-transport-security')).toBeNull()
    }
  })
})

describe('another method', () => {
  it.each([
    ['DELETE', '/v1/query', 'POST', 'POST'],
    ['GET', '/v1/query', 'POST', 'POST'],
    ['PUT', '/v1/products', 'GET, HEAD, POST', 'GET or POST'],
    ['POST', '/v1/admin/users/no-id', 'DELETE, GET, HEAD, PATCH', 'DELETE or GET or PATCH'],
    ['PATCH', '/health/live', 'GET, HEAD', 'GET'],
    ['OPTIONS', '/v1/me', 'GET, HEAD', 'GET'],
  ])('%s %s is 405 and names %s', async (method, path, allow, useful) => {
    const response = await send(path, { method, headers: { 'x-api-key': customer.key } })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe(allow)
    expect(await response.json()).toMatchObject({
      code: 'METHOD_NOT_ALLOWED',
      detail: `${method} is not possible here; use ${useful}.`,
    })
  })

  it('of a path that is nowhere is 404', async () => {
    expect((await send('/v1/nowhere', { method: 'DELETE' })).status).toBe(404)
  })
})

describe('Accept', () => {
  const get = (path: string, accept: string, key: string | null = ROOT_KEY) =>
    send(path, { headers: { accept, ...(key ? { 'x-api-key': key } : {}) } })

  it.each([
    ['/v1/admin/users', 'text/html'],
    ['/v1/admin/logs', 'application/xml'],
    ['/v1/datasets', 'text/csv'],
    ['/users/sse', 'application/json'],
    ['/metrics', 'application/json'],
  ])('%s cannot be had as %s: 406', async (path, accept) => {
    const response = await get(path, accept)
    const problem = (await response.json()) as { code: string }
    expect({ status: response.status, code: problem.code }).toEqual({
      status: 406,
      code: 'NOT_ACCEPTABLE',
    })
  })

  it.each([
    ['/v1/admin/users', 'text/html,application/xhtml+xml,*/*;q=0.8'],
    ['/v1/admin/users', 'Application/JSON'],
    ['/v1/admin/logs', 'Text/CSV'],
    ['/metrics', 'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1'],
  ])('%s can be had as %s', async (path, accept) => {
    expect((await get(path, accept)).status).toBe(200)
  })

  it('comes after the key and the role, and errors are problems whatever it says', async () => {
    expect((await get('/v1/admin/users', 'text/html', null)).status).toBe(401)
    expect((await get('/v1/admin/users', 'text/html', customer.key)).status).toBe(403)
    const response = await get('/v1/nowhere', 'text/html')
    expect([response.status, response.headers.get('content-type')]).toEqual([
      404,
      'application/problem+json; charset=utf-8',
    ])
  })

  it('that is absent and */* are one request under an Idempotency-Key', async () => {
    const execute = (headers: Record<string, string>) =>
      send('/v1/query', {
        method: 'POST',
        headers: {
          'x-api-key': customer.key,
          'content-type': 'application/json',
          'idempotency-key': 'same',
          ...headers,
        },
        body: '{"dataset":"transactions","measures":["transactions"]}',
      })
    const first = await execute({ accept: '*/*' })
    const second = await execute({ accept: 'application/json' })
    expect([first.status, second.status, second.headers.get('idempotent-replayed')]).toEqual([200, 200, 'true'])
    expect((await execute({ accept: 'text/csv' })).status).toBe(422)
  })
})

describe('a session of a browser', () => {
  it.each([
    [{ origin: 'https://HOST' }, 403],
    [{ origin: 'http://HOST' }, 201],
    [{ origin: 'http://evil.test' }, 403],
    [{ origin: 'null' }, 403],
    [{ 'sec-fetch-site': 'none', origin: 'http://evil.test' }, 403],
    [{ 'sec-fetch-site': 'same-site', origin: 'http://HOST' }, 403],
    [{ 'sec-fetch-site': 'same-origin', origin: 'https://HOST' }, 201],
    [{ origin: 'https://HOST', 'x-forwarded-proto': 'https' }, 201],
  ])('from %j: %i', async (headers, status) => {
    const host = new URL(server.url).host
    const sent = Object.entries(headers).map(([name, value]) => `${name}: ${value.replace('HOST', host)}\r\n`)
    const body = JSON.stringify({ apiKey: customer.key })
    const answer = raw(
      `POST /v1/session HTTP/1.1\r\nhost: ${host}\r\n${sent.join('')}content-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
    )
    await expect.poll(() => answer.isClosed()).toBe(true)
    expect(answer.received()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  })
})
