import { gzipSync } from 'node:zlib'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Customer } from '../support/customer.js'
import { startServer, type TestServer } from '../support/server.js'
import { until } from '../support/until.js'

let server: TestServer
let customer: Customer
let paths: Record<string, Record<string, { requestBody?: unknown }>>

beforeAll(async () => {
  server = await startServer({ env: { RATE_LIMIT_PER_MINUTE: '100000' } })
  customer = await Customer.create(server, 100)
  paths = (await server.json('GET', '/swagger-json')).body.paths
})
afterAll(() => server?.stop())

const routes = (): { method: string; path: string; takesBody: boolean }[] =>
  Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { requestBody }]) => ({
      method: method.toUpperCase(),
      path,
      takesBody: requestBody !== undefined,
    })),
  )

describe('an id that is none', () => {
  it('names nothing on any route: 404 in plain words', async () => {
    // A PUT makes what is not there.
    const withId = routes().filter(({ method, path }) => path.includes('{') && method !== 'PUT')
    expect(withId.length).toBeGreaterThan(30)
    for (const { method, path } of withId) {
      const body = ['POST', 'PUT', 'PATCH'].includes(method) ? {} : undefined
      const { status, body: problem } = await server.json(method, path.replace(/\{\w+\}/g, 'no-id'), body)
      expect({ method, path, status, code: problem.code }).toEqual({ method, path, status: 404, code: 'NOT_FOUND' })
      expect(problem.detail).toMatch(/^[A-Z][\w ]+ does not exist\.$|^There is no such statement: /)
    }
  })

  it('is a mistake in a body and in a query', async () => {
    for (const [method, path, body] of [
      ['POST', '/v1/admin/add-credits', { userId: 'no-id', amount: 1 }],
      ['POST', '/v1/orders', { customerId: 'no-id', items: [{ productId: 'no-id', quantity: 1 }] }],
      ['GET', '/v1/admin/logs?userId=no-id', undefined],
      ['GET', '/v1/orders?customerId=no-id', undefined],
      ['GET', '/v1/products?categoryId=no-id', undefined],
    ] as const)
      expect(await server.json(method, path, body)).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } })
  })
})

describe('a field that no route knows', () => {
  it('is refused also where there is no body', async () => {
    const id = uuidv7()
    const bodiless = routes().filter(({ method, takesBody }) => method === 'POST' && !takesBody)
    expect(bodiless.length).toBeGreaterThan(3)
    for (const { path } of bodiless) {
      const { status, body } = await server.json('POST', path.replace(/\{\w+\}/g, id), { surplus: 1 })
      expect({ path, status, errors: body.errors }).toEqual({
        path,
        status: 400,
        errors: [{ path: 'surplus', message: 'is not a known field' }],
      })
    }
    expect((await server.json('POST', '/v1/admin/views/refresh', {})).status).toBe(200)
  })
})

describe('a number in a query', () => {
  it.each(['', 'abc', '1.5', '1e2', '0x10', '%201', '+1', '0', '501', '-1'])('limit=%s is refused', async (limit) => {
    expect((await server.fetch(`/v1/orders?limit=${limit}`)).status).toBe(400)
  })

  it.each(['1', '500', '007'])('limit=%s is taken', async (limit) => {
    const { body } = await server.json('GET', `/v1/orders?limit=${limit}&offset=0`)
    expect(body.pagination).toMatchObject({ limit: Number(limit), offset: 0 })
  })
})

describe('half a surrogate pair', () => {
  it('is refused where it would be stored as another character, or asked for', async () => {
    for (const [path, body] of [
      ['/v1/categories', { name: 'lone \ud800' }],
      ['/v1/customers', { name: 'x\udc00', email: 'half@example.com' }],
      ['/v1/admin/create-user', { username: 'half', firstName: 'x\ud800' }],
      ['/users', { username: 'half', lastName: '\ud800x' }],
    ] as const)
      expect({ path, ...(await server.json('POST', path, body)) }).toMatchObject({ path, status: 400 })
    const filters = [{ member: 'country', operator: 'equals', values: ['\ud800'] }]
    const query = { dataset: 'transactions', measures: ['revenue'], filters }
    expect((await server.json('POST', '/v1/query', query, customer.key)).status).toBe(400)
  })
})

describe('a body that is no UTF-8', () => {
  it('is refused by every route that takes JSON', async () => {
    for (const path of ['/v1/query', '/v1/query/dry-run', '/users', '/v1/products', '/v1/session', '/api/ingest']) {
      const response = await server.fetch(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: Buffer.from('{"name":"\xff"}', 'latin1'),
      })
      expect(response.status).toBe(400)
      expect(((await response.json()) as any).detail).toBe('The body is not valid UTF-8.')
    }
  })
})

describe('a body that cannot be read', () => {
  const FORBIDDEN = 'The body has a field __proto__ or constructor.prototype, which is refused.'
  const BROKEN = 'The body is not valid JSON.'
  // One that is read at once, and one that takes turns with others.
  it.each(['', 'x'.repeat(40_000)])('is refused with what is wrong with it, whatever its length', async (name) => {
    for (const [rest, detail] of [
      ['"__proto__":{"limit":5}', FORBIDDEN],
      ['"filters":[{"__pr\\u006fto__":1}]', FORBIDDEN],
      ['"constructor":{"prototype":{}}', FORBIDDEN],
      ['"limit":NaN', BROKEN],
      ['"limit":1}{', BROKEN],
    ]) {
      for (const path of ['/v1/query', '/users', '/v1/products']) {
        const response = await server.fetch(path, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: `{"name":"${name}",${rest}}`,
        })
        expect(response.status).toBe(400)
        expect(await response.json()).toMatchObject({ code: 'VALIDATION_FAILED', detail })
      }
    }
  })
})

describe('the type of an upload', () => {
  const CSV = 'TransactionId,TransactionDate,Country,ProductId,Quantity,Price\nT1,2024-01-01,France,P1,1,1\n'
  const send = (type: string, body: string, more = '') =>
    server.fetch(`/v1/ingestions?wait=true&force=true${more}`, {
      method: 'POST',
      headers: { 'content-type': type },
      body: Buffer.from(body, 'latin1'),
    })

  it.each(['image/png', 'application/pdf', 'video/mp4'])(
    '%s with a content that tells nothing is refused',
    async (type) => {
      const response = await send(type, '\x89PNG\r\n\x1a\n')
      expect(response.status).toBe(415)
      expect(await response.json()).toMatchObject({ code: 'UNSUPPORTED_FORMAT' })
      const form = new FormData()
      form.append('file', new Blob(['\x89PNG'], { type }), 'picture')
      expect((await server.fetch('/v1/ingestions?wait=true', { method: 'POST', body: form })).status).toBe(415)
    },
  )

  it.each([
    ['application/octet-stream', ''],
    ['text/plain', ''],
    // curl's, when it is told none
    ['application/x-www-form-urlencoded', ''],
    ['image/png', '&format=csv'],
    ['image/png', '&fileName=sales.csv'],
  ])('%s with "%s" is read', async (type, more) => {
    const response = await send(type, CSV, more)
    expect(await response.json()).toMatchObject({ status: 'succeeded', format: 'csv', rowsAccepted: 1 })
  })
})

describe('an Idempotency-Key', () => {
  it('that is used for another form of answer is refused in words that say so', async () => {
    const headers = { 'idempotency-key': uuidv7() }
    expect((await customer.query({ measures: ['revenue'] }, headers)).status).toBe(200)
    const again = await customer.query({ measures: ['revenue'] }, { ...headers, accept: 'text/csv' })
    expect(again.status).toBe(422)
    expect(((await again.json()) as any).detail).toContain('Accept')
  })
})

describe('stock at the end of its range', () => {
  it('is never exceeded: the order stays until there is room', async () => {
    const made = async (path: string, body: object) => (await server.json('POST', path, body)).body
    const { id: categoryId } = await made('/v1/categories', { name: 'Full' })
    const stockQuantity = 2_147_483_647
    const { id: productId } = await made('/v1/products', { name: 'Grain', price: 1, stockQuantity, categoryId })
    const { id: customerId } = await made('/v1/customers', { name: 'Max', email: 'max@example.com' })
    const { id } = await made('/v1/orders', { customerId, items: [{ productId, quantity: 5 }] })
    expect((await server.json('PATCH', `/v1/products/${productId}`, { stockQuantity })).status).toBe(200)
    expect(await server.json('DELETE', `/v1/orders/${id}`)).toMatchObject({ status: 409, body: { code: 'CONFLICT' } })
    expect((await server.json('GET', `/v1/orders/${id}`)).status).toBe(200)
    expect((await server.json('PATCH', `/v1/products/${productId}`, { stockQuantity: 7 })).status).toBe(200)
    expect((await server.json('DELETE', `/v1/orders/${id}`)).status).toBe(204)
    expect((await server.json('GET', `/v1/products/${productId}`)).body.stockQuantity).toBe(12)
  })
})

describe('the log of a stream', () => {
  it.each(['/users/sse', '/v1/realtime/stream'])('%s tells how soon it was answered', async (path) => {
    const abort = new AbortController()
    const response = await server.fetch(path, { signal: abort.signal })
    const began = performance.now()
    await response.body!.getReader().read()
    await until(async () => expect(performance.now() - began).toBeGreaterThan(2_000))
    abort.abort()
    await until(async () => {
      const [entry] = (await server.json('GET', `/v1/admin/logs?endpoint=${path}`)).body.data
      expect(entry.durationMs).toBeLessThan(1_900)
      expect(Date.now() - Date.parse(entry.timestamp)).toBeGreaterThan(2_000)
    })
  })
})

describe('the largest batch of events that the limits allow', () => {
  it.each([
    ['an array', 'application/json', (events: string[]) => `[${events.join()}]`],
    ['lines', 'application/x-ndjson', (events: string[]) => events.join('\n')],
  ])('is taken as %s', async (_form, type, bodyOf) => {
    const event = JSON.stringify({ source: 's', type, values: { a: 'x'.repeat(8_180) } })
    const response = await server.fetch('/api/ingest/batch', {
      method: 'POST',
      headers: { 'content-type': type },
      body: bodyOf(new Array<string>(10_000).fill(event)),
    })
    expect(await response.json()).toEqual({ status: 'data received', accepted: 10_000, rejected: [] })
    const filters = [{ member: 'type', operator: 'equals', values: [type] }]
    expect((await customer.execute({ dataset: 'events', measures: ['events'], filters })).data).toEqual([
      { events: 10_000 },
    ])
  })
})

describe('what is sent to nobody', () => {
  it.each([
    ['POST', '/v1/nothing', 'application/json', '{broken'],
    ['PUT', '/v1/queries', 'text/plain', 'x'],
    ['DELETE', '/nothing', 'image/png', 'x'],
  ])('%s %s is answered 404, whatever its body is', async (method, path, type, body) => {
    const response = await server.fetch(path, { method, headers: { 'content-type': type }, body })
    expect(response.status).toBe(404)
    expect(response.headers.get('content-type')).toContain('application/problem+json')
    expect(await response.json()).toMatchObject({ code: 'NOT_FOUND' })
  })

  it('is an id beyond all length, too', async () => {
    expect(await server.json('GET', `/v1/orders/${'a'.repeat(300)}`)).toMatchObject({
      status: 404,
      body: { code: 'NOT_FOUND' },
    })
  })
})

describe('a body that is none', () => {
  it('is told from one of the wrong type', async () => {
    const send = (headers: Record<string, string>, body: string) =>
      server.fetch('/api/ingest', { method: 'POST', headers, body })
    expect((await send({ 'content-type': 'application/json' }, '')).status).toBe(400)
    expect((await send({ 'content-type': 'text/plain' }, '{}')).status).toBe(415)
  })

  it('is not read where it is compressed', async () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
    const response = await server.fetch('/v1/query', { method: 'POST', headers, body: gzipSync('{}') })
    expect(response.status).toBe(415)
  })
})

describe('a body of the wrong kind', () => {
  it('is 400 on every route that takes JSON and no list', async () => {
    const customer = await Customer.create(server, 10)
    const wrong = [
      ['PATCH', `/v1/admin/users/${customer.id}`, null],
      ['POST', '/v1/admin/plans', []],
      ['POST', '/v1/admin/webhooks', null],
      ['POST', `/v1/admin/users/${customer.id}/keys`, { creditLimit: [] }],
      ['POST', `/v1/admin/users/${customer.id}/keys`, { creditLimit: [[]] }],
    ] as const
    for (const [method, path, body] of wrong)
      expect(await server.json(method, path, body), `${path} ${JSON.stringify(body)}`).toMatchObject({
        status: 400,
        body: { code: 'VALIDATION_FAILED' },
      })
  })

  it('changes nothing where it is an object without fields', async () => {
    const plan = await server.json('POST', '/v1/admin/plans', { name: 'Unchanged', credits: 5, every: 'month' })
    const same = await server.json('PATCH', `/v1/admin/plans/${plan.body.id}`, {})
    expect([same.status, same.body]).toEqual([200, plan.body])
  })

  it('takes null for a token without a limit', async () => {
    const { key } = await Customer.create(server, 10)
    const issued = await server.json('POST', '/v1/me/tokens', { expiresInSeconds: 60, maxCredits: null }, key)
    expect(issued.status).toBe(201)
  })
})

describe('what is refused', () => {
  it('is logged, also where the method is not possible', async () => {
    const response = await server.fetch('/v1/query', { method: 'PUT' })
    expect(response.status).toBe(405)
    const id = response.headers.get('x-request-id')
    await until(async () => {
      const { body } = await server.json('GET', '/v1/admin/logs?status=405&limit=500')
      expect(body.data.map(({ requestId }: { requestId: string }) => requestId)).toContain(id)
    })
  })

  it('is an id in the audit trail as it is served, however it came', async () => {
    const { id } = await Customer.create(server, 0)
    await server.json('PATCH', `/v1/admin/users/${id.toUpperCase()}`, { firstName: 'Ada' })
    const added = await server.json('POST', '/v1/admin/add-credits', { userId: id.toUpperCase(), amount: 1 })
    expect(added.body.userId).toBe(id)
    const { body } = await server.json('GET', `/v1/admin/audit?target=${id}`)
    expect(body.data.map(({ action }: { action: string }) => action).sort()).toEqual(
      expect.arrayContaining(['credits.add', 'user.update']),
    )
  })

  it('is a URL with a line break', async () => {
    const hook = { url: 'https://hooks.example/a\r\nX: y', events: ['plan.renewed'] }
    expect(await server.json('POST', '/v1/admin/webhooks', hook)).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'url' }] },
    })
  })
})
