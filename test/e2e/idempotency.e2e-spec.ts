import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { transactionsCsv } from '../../tools/generator/transactions-generator.js'
import { startCluster, type TestCluster } from '../support/cluster.js'
import { Customer } from '../support/customer.js'
import type { TestServer } from '../support/server.js'

const QUERY = { dataset: 'transactions', measures: ['transactions'] }
const ENV = { RATE_LIMIT_PER_MINUTE: '100000', LOG_LEVEL: 'warn', QUERY_CACHE_TTL_SECONDS: '0' }
/** One instance answers from its cache, whose answers are in hand before they are charged. */
const CACHING = { ...ENV, QUERY_CACHE_TTL_SECONDS: '60' }

let cluster: TestCluster
let a: TestServer
let b: TestServer
let names = 0

beforeAll(async () => {
  cluster = await startCluster()
  a = await cluster.start(ENV)
  b = await cluster.start(CACHING)
  const file = [...transactionsCsv({ rows: 30_000, seed: 7 })].join('')
  const headers = { 'content-type': 'text/csv' }
  expect((await a.fetch('/v1/ingestions?wait=true', { method: 'POST', headers, body: file })).status).toBe(200)
})
afterAll(async () => {
  await cluster?.stop()
})

const newName = () => `once-${process.pid}-${++names}`

interface Answer {
  status: number
  text: string
  body: any
  headers: Headers
  replayed: boolean
}

interface Sending {
  server?: TestServer
  caller?: string
  headers?: Record<string, string>
}

async function send(
  path: string,
  body: unknown,
  key: string | undefined,
  { server = a, caller, headers = {} }: Sending = {},
): Promise<Answer> {
  const response = await server.fetch(path, {
    method: 'POST',
    ...(caller && { key: caller }),
    headers: { 'content-type': 'application/json', ...(key !== undefined && { 'idempotency-key': key }), ...headers },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  const json = response.headers.get('content-type')?.includes('json')
  return {
    status: response.status,
    text,
    body: json ? JSON.parse(text) : undefined,
    headers: response.headers,
    replayed: response.headers.get('idempotent-replayed') === 'true',
  }
}

const createUser = (body: unknown, key: string | undefined, sending?: Sending) =>
  send('/v1/admin/create-user', body, key, sending)
const execute = (customer: Customer, key: string | undefined, sending: Sending = {}, query: unknown = QUERY) =>
  send('/v1/query', query, key, { caller: customer.key, ...sending })

async function until<T>(ms: number, work: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  for (const endsAt = Date.now() + ms; ;) {
    const value = await work()
    if (holds(value)) return value
    if (Date.now() > endsAt) throw new Error(`not within ${ms} ms: ${JSON.stringify(value)}`)
    await sleep(100)
  }
}

async function expectBooksToBalance(customer: Customer, credits: number): Promise<void> {
  expect(await customer.credits()).toBe(credits)
  const [{ sum }] = await cluster.sql('SELECT sum(amount)::int AS sum FROM credit_entries WHERE user_id = $1', [
    customer.id,
  ])
  expect(sum).toBe(credits)
  expect(await cluster.sql('SELECT 1 FROM credit_reservations WHERE user_id = $1', [customer.id])).toEqual([])
}

/** Half a minute passes for what a killed process left behind of this customer's. */
async function letHalfAMinutePass({ id }: Customer): Promise<void> {
  const [{ instance_id: instance }] = await cluster.sql(
    `UPDATE credit_reservations SET created_at = created_at - interval '31 seconds' WHERE user_id = $1 RETURNING instance_id`,
    [id],
  )
  await cluster.sql(`UPDATE service_instances SET heartbeat_at = heartbeat_at - interval '31 seconds' WHERE id = $1`, [
    instance,
  ])
}

describe('Idempotency-Key', () => {
  it('creates a user once and gives the same answer again, key included, on any instance', async () => {
    const key = randomUUID()
    const body = { username: newName(), credits: 5, email: 'a@example.com' }
    const first = await createUser(body, key)
    expect(first).toMatchObject({ status: 201, replayed: false })
    const again = await createUser(body, key, { server: b })
    expect(again).toMatchObject({ status: 201, replayed: true, text: first.text })
    expect(again.headers.get('content-type')).toBe(first.headers.get('content-type'))
    // The order of fields says nothing.
    const reordered = await createUser({ email: body.email, credits: 5, username: body.username }, key)
    expect(reordered).toMatchObject({ replayed: true, text: first.text })
    const me = await a.json('GET', '/v1/me', undefined, again.body.apiKey)
    expect(me.body).toMatchObject({ credits: 5, user: { username: body.username } })
    expect(await cluster.sql('SELECT 1 FROM users WHERE username = $1', [body.username])).toHaveLength(1)
    const audit = await a.json('GET', `/v1/admin/audit?target=${first.body.user.id}`)
    expect(audit.body.data).toHaveLength(1)
  })

  it('keeps neither the key that was sent nor the API key that was answered in the database', async () => {
    const key = `sent-${randomUUID()}`
    const { body } = await createUser({ username: newName() }, key)
    const [row] = await cluster.sql(
      `SELECT encode(body, 'escape') AS body, t::text AS whole FROM idempotency_keys t ORDER BY expires_at DESC LIMIT 1`,
    )
    for (const text of [row.body, row.whole]) {
      expect(text).not.toContain(body.apiKey)
      expect(text).not.toContain(body.apiKey.slice(3, 20))
      expect(text).not.toContain(key)
    }
  })

  it('adds credits once for fifty equal requests at once on two instances', async () => {
    const customer = await Customer.create(a, 1)
    const key = randomUUID()
    const body = { userId: customer.id, amount: 10 }
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => send('/v1/admin/add-credits', body, key, { server: n % 2 ? a : b })),
    )
    expect(answers.filter(({ status, replayed }) => status === 200 && !replayed)).toHaveLength(1)
    for (const { status, replayed, body: problem } of answers) {
      if (status === 200) continue
      expect([status, replayed, problem.code]).toEqual([409, false, 'CONFLICT'])
    }
    expect(await customer.credits()).toBe(11)
    expect(await send('/v1/admin/add-credits', body, key)).toMatchObject({ status: 200, replayed: true })
    await expectBooksToBalance(customer, 11)
  })

  it('charges a query once for fifty equal ones at once, and replays it byte by byte', async () => {
    const customer = await Customer.create(a, 20)
    const key = randomUUID()
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => execute(customer, key, { server: n % 2 ? a : b })),
    )
    const first = answers.filter(({ status, replayed }) => status === 200 && !replayed)
    expect(first).toHaveLength(1)
    for (const { status, replayed, text } of answers)
      if (status === 200) expect(text).toBe(first[0]!.text)
      else expect([status, replayed]).toEqual([409, false])
    const again = await execute(customer, key, { server: b })
    expect(again).toMatchObject({ status: 200, replayed: true, text: first[0]!.text })
    expect(again.headers.get('x-credits-charged')).toBe('1')
    expect(again.headers.get('x-credits-remaining')).toBe('19')
    await expectBooksToBalance(customer, 19)
  })

  it('charges and replays an answer from the cache like any other', async () => {
    const customer = await Customer.create(a, 5)
    expect((await execute(customer, randomUUID(), { server: b })).status).toBe(200)
    const key = randomUUID()
    const first = await execute(customer, key, { server: b })
    expect(first).toMatchObject({ status: 200, replayed: false, body: { query: { cached: true } } })
    expect(await execute(customer, key, { server: b })).toMatchObject({ replayed: true, text: first.text })
    await expectBooksToBalance(customer, 3)
  })

  it('takes an order once', async () => {
    const made = async (path: string, body: unknown) => (await a.json('POST', path, body)).body.id as string
    const categoryId = await made('/v1/categories', { name: newName() })
    const productId = await made('/v1/products', { name: 'p', price: 2, stockQuantity: 3, categoryId })
    const customerId = await made('/v1/customers', { name: 'Ann', email: `${newName()}@example.com` })
    const key = randomUUID()
    const order = { customerId, items: [{ productId, quantity: 2 }] }
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => send('/v1/orders', order, key, { server: n % 2 ? a : b })),
    )
    const first = answers.filter(({ status, replayed }) => status === 201 && !replayed)
    expect(first).toHaveLength(1)
    expect(await send('/v1/orders', order, key)).toMatchObject({ status: 201, replayed: true, text: first[0]!.text })
    expect((await a.json('GET', `/v1/products/${productId}`)).body.stockQuantity).toBe(1)
    const tooMany = randomUUID()
    const refused = await send('/v1/orders', order, tooMany)
    expect(refused).toMatchObject({ status: 409, body: { code: 'OUT_OF_STOCK' } })
    expect(await send('/v1/orders', order, tooMany)).toMatchObject({ status: 409, replayed: true, text: refused.text })
  })

  it('refuses another body, another route and another form of answer with 422', async () => {
    const customer = await Customer.create(a, 5, { role: 'admin' })
    const key = randomUUID()
    expect((await execute(customer, key)).status).toBe(200)
    const mismatch = { status: 422, replayed: false, body: { code: 'IDEMPOTENCY_MISMATCH' } }
    expect(await execute(customer, key, {}, { ...QUERY, limit: 5 })).toMatchObject(mismatch)
    expect(await execute(customer, key, { headers: { accept: 'text/csv' } })).toMatchObject(mismatch)
    expect(await createUser({ username: newName() }, key, { caller: customer.key })).toMatchObject(mismatch)
    await expectBooksToBalance(customer, 4)
  })

  it('knows the keys of one caller from those of another', async () => {
    const one = await Customer.create(a, 5)
    const other = await Customer.create(a, 5)
    const key = 'not-very-random'
    expect((await execute(one, key)).replayed).toBe(false)
    expect((await execute(other, key)).replayed).toBe(false)
    // The account counts, not the API key that it is used with.
    const { body } = await a.json('POST', `/v1/admin/users/${one.id}/keys`, {})
    expect((await send('/v1/query', QUERY, key, { caller: body.apiKey })).replayed).toBe(true)
  })

  it('stores refusals that came from doing it, and leaves the key free after the others', async () => {
    const username = newName()
    await createUser({ username }, undefined)
    const taken = randomUUID()
    const first = await createUser({ username }, taken)
    expect(first).toMatchObject({ status: 409, replayed: false, body: { code: 'CONFLICT', detail: /taken/ } })
    await a.json(
      'DELETE',
      `/v1/admin/users/${(await a.json('GET', `/v1/admin/users?search=${username}`)).body.data[0].id}`,
    )
    const again = await createUser({ username }, taken)
    expect(again).toMatchObject({ status: 409, replayed: true, text: first.text })
    expect(again.headers.get('content-type')).toContain('application/problem+json')

    const invalid = randomUUID()
    expect((await createUser({ username: '' }, invalid)).status).toBe(400)
    expect(await createUser({ username: newName() }, invalid)).toMatchObject({ status: 201, replayed: false })

    const poor = await Customer.create(a, 0)
    const unpaid = randomUUID()
    expect((await execute(poor, unpaid)).status).toBe(402)
    await a.json('POST', '/v1/admin/add-credits', { userId: poor.id, amount: 1 })
    expect(await execute(poor, unpaid)).toMatchObject({ status: 200, replayed: false })
    expect(await execute(poor, unpaid)).toMatchObject({ status: 200, replayed: true })
    await expectBooksToBalance(poor, 0)
  })

  it('refuses in the order 401, 403, 400, 429, 402 also with a key', async () => {
    const customer = await Customer.create(a, 0, { rateLimitPerMinute: 1 })
    const key = randomUUID()
    expect((await execute(customer, key, { caller: `ch_${'0'.repeat(43)}` })).status).toBe(401)
    expect((await createUser({ username: newName() }, key, { caller: customer.key })).status).toBe(403)
    expect((await execute(customer, key, {}, { ...QUERY, measures: ['nonsense'] })).status).toBe(400)
    expect((await execute(customer, key)).status).toBe(402)
    expect((await execute(customer, key)).status).toBe(429)
    expect((await execute(customer, key, {}, { ...QUERY, measures: ['nonsense'] })).status).toBe(400)
  })

  it.each([
    ['an empty one', ''],
    ['one that is too long', 'k'.repeat(256)],
    ['one that is not ASCII', 'schlüssel'],
  ])('refuses %s with 400', async (_name, key) => {
    const answer = await createUser({ username: newName() }, key)
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'Idempotency-Key' }] } })
  })

  it('takes the longest key', async () => {
    const key = '~'.repeat(255)
    const body = { username: newName() }
    expect((await createUser(body, key)).status).toBe(201)
    expect((await createUser(body, key)).replayed).toBe(true)
  })

  it('replays exports, and refuses those that are too large without a charge', async () => {
    const customer = await Customer.create(a, 5)
    const csv = { headers: { accept: 'text/csv' } }
    const small = { dataset: 'transactions', measures: ['transactions'], dimensions: ['country'] }
    const key = randomUUID()
    const first = await execute(customer, key, csv, small)
    expect(first).toMatchObject({ status: 200, replayed: false })
    const again = await execute(customer, key, csv, small)
    expect(again).toMatchObject({ status: 200, replayed: true, text: first.text })
    expect(again.headers.get('content-type')).toBe(first.headers.get('content-type'))
    await expectBooksToBalance(customer, 4)

    const large = { dataset: 'transactions', select: ['transaction_id', 'product_name', 'country', 'total_price'] }
    const refused = await execute(customer, randomUUID(), csv, large)
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ path: 'Idempotency-Key' }] } })
    expect((await execute(customer, randomUUID(), {}, { ...large, limit: 30_000 })).status).toBe(400)
    await expectBooksToBalance(customer, 4)
    expect((await execute(customer, undefined, csv, large)).text.length).toBeGreaterThan(1024 * 1024)
  })

  it('forgets a key after 24 hours', async () => {
    const customer = await Customer.create(a, 5)
    const key = randomUUID()
    await execute(customer, key)
    const moved = (hours: number) =>
      cluster.sql(
        `UPDATE idempotency_keys SET expires_at = expires_at - make_interval(hours => $2) WHERE principal_id = $1`,
        [customer.id, hours],
      )
    await moved(23)
    expect((await execute(customer, key)).replayed).toBe(true)
    await moved(1)
    expect(await execute(customer, key, {}, { ...QUERY, limit: 5 })).toMatchObject({ status: 200, replayed: false })
    await expectBooksToBalance(customer, 3)
  })

  it('frees the key of a query whose asker went away, and takes nothing', async () => {
    const customer = await Customer.create(a, 5)
    const key = randomUUID()
    cluster.pauseClickhouse()
    try {
      const leaving = new AbortController()
      const left = a
        .fetch('/v1/query', {
          method: 'POST',
          key: customer.key,
          headers: { 'content-type': 'application/json', 'idempotency-key': key },
          body: JSON.stringify(QUERY),
          signal: leaving.signal,
        })
        .catch(() => 'left')
      await until(
        60_000,
        () => cluster.sql('SELECT 1 FROM credit_reservations WHERE user_id = $1', [customer.id]),
        (rows) => rows.length === 1,
      )
      expect(await execute(customer, key, { server: b })).toMatchObject({ status: 409, body: { code: 'CONFLICT' } })
      leaving.abort()
      expect(await left).toBe('left')
      await until(
        60_000,
        () => cluster.sql('SELECT 1 FROM idempotency_keys WHERE principal_id = $1', [customer.id]),
        (rows) => rows.length === 0,
      )
    } finally {
      cluster.resumeClickhouse()
    }
    expect(await execute(customer, key)).toMatchObject({ status: 200, replayed: false })
    await expectBooksToBalance(customer, 4)
  })
})

describe('kill -9', () => {
  it('in the middle of a query neither blocks the key nor charges twice', async () => {
    const doomed = await cluster.start(ENV)
    const customer = await Customer.create(a, 1)
    const key = randomUUID()
    cluster.pauseClickhouse()
    const killed = execute(customer, key, { server: doomed }).catch(() => 'killed')
    await until(
      60_000,
      () => customer.credits(),
      (credits) => credits === 0,
    )
    await doomed.kill()
    cluster.resumeClickhouse()
    expect(await killed).toBe('killed')
    // As long as it may still live its key is taken and its credit reserved.
    expect((await execute(customer, key, { server: b })).status).toBe(409)
    await letHalfAMinutePass(customer)
    const answer = await until(
      60_000,
      () => execute(customer, key, { server: b }),
      ({ status }) => status !== 409,
    )
    expect(answer).toMatchObject({ status: 200, replayed: false })
    expect(await execute(customer, key)).toMatchObject({ status: 200, replayed: true, text: answer.text })
    await expectBooksToBalance(customer, 0)
    const types = await cluster.sql('SELECT type FROM credit_entries WHERE user_id = $1 ORDER BY seq', [customer.id])
    expect(types.map(({ type }) => type)).toEqual(['grant', 'charge', 'release', 'charge'])
  })

  it('in the middle of create-user leaves neither a user nor a key behind', async () => {
    const doomed = await cluster.start(ENV)
    const key = randomUUID()
    const body = { username: newName(), credits: 3 }
    const lock = await cluster.session()
    await lock.query('BEGIN')
    await lock.query('LOCK TABLE api_keys IN EXCLUSIVE MODE')
    const killed = createUser(body, key, { server: doomed }).catch(() => 'killed')
    const waiting = () =>
      cluster.sql(`SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query ILIKE '%api_keys%'`)
    await until(60_000, waiting, (rows) => rows.length === 1)
    expect(await createUser(body, key, { server: b })).toMatchObject({ status: 409, body: { code: 'CONFLICT' } })
    await doomed.kill()
    expect(await killed).toBe('killed')
    await lock.query('ROLLBACK')
    await lock.end()
    const answer = await until(
      60_000,
      () => createUser(body, key, { server: b }),
      ({ status }) => status !== 409,
    )
    expect(answer).toMatchObject({ status: 201, replayed: false, body: { user: { credits: 3 } } })
    expect(await cluster.sql('SELECT 1 FROM users WHERE username = $1', [body.username])).toHaveLength(1)
  })
})
