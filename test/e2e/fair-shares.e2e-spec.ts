import { once } from 'node:events'
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { WebSocket } from 'ws'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startCluster, type TestCluster } from '../support/cluster.js'
import { Customer } from '../support/customer.js'
import { LiveReader } from '../support/live-reader.js'
import type { TestServer } from '../support/server.js'
import { until } from '../support/until.js'
import { ClickHouseSpy } from '../support/clickhouse-spy.js'

const ROWS = 600_000
const EVERYTHING = {
  dataset: 'transactions',
  select: ['transaction_id', 'transaction_date', 'user_id', 'country', 'product_name', 'price', 'total_price'],
}

let cluster: TestCluster
let engine: ClickHouseSpy
let server: TestServer
/** its queries may take a second, and failed ones five seconds a minute */
let hasty: TestServer

beforeAll(async () => {
  cluster = await startCluster()
  engine = await ClickHouseSpy.before(cluster.urls.CLICKHOUSE_URL)
  const env = { CLICKHOUSE_URL: engine.url, RATE_LIMIT_PER_MINUTE: '100000', QUERY_ACCELERATORS: 'false' }
  server = await cluster.start({ ...env, LIVE_STREAMS_PER_USER: '6', LIVE_STREAMS_PER_KEY: '4', UPLOADS_PER_USER: '3' })
  hasty = await cluster.start({ ...env, QUERY_TIMEOUT_SECONDS: '1', FAILED_QUERY_SECONDS_PER_MINUTE: '5' })
  await cluster.clickhouse(`INSERT INTO transactions SELECT 'T' || leftPad(toString(number), 9, '0'),
    toDate32('2022-01-01') + number % 1000, 'u' || toString(number % 5000), ['Germany', 'France'][number % 2 + 1], '',
    'p' || toString(number % 500), 'The product with the number ' || toString(number % 500), 'Toys', 1.5, 2, 3, 5, NULL,
    number, 0 FROM numbers(${ROWS})`)
  await cluster.clickhouse('OPTIMIZE TABLE transactions FINAL')
})
afterAll(async () => {
  engine?.release()
  await cluster?.stop()
  await engine?.close()
})

/** A query that is in no cache, by a text that nothing has. */
let asked = 0
const newQuery = () => ({
  measures: ['transactions'],
  filters: [{ member: 'country', operator: 'equals', values: ['Germany', `nowhere ${++asked}`] }],
})

const anotherKeyOf = async (customer: Customer, more: object = {}): Promise<string> =>
  (await server.json('POST', `/v1/admin/users/${customer.id}/keys`, more)).body.apiKey

const senderOn = async (of: TestServer): Promise<string> => (await Customer.create(of, 0, { sendEvents: true })).key

const execute = (of: TestServer, key: string, body: object, headers: Record<string, string> = {}) =>
  of.fetch('/v1/query', {
    method: 'POST',
    key,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ dataset: 'transactions', ...body }),
  })

async function expectRefusal(response: Response, words: string): Promise<void> {
  expect(response.status).toBe(429)
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await response.json()).toMatchObject({ code: 'RATE_LIMITED', detail: expect.stringContaining(words) })
}

describe('an export', () => {
  /** Its first bytes have arrived; the rest waits. */
  async function begun(of: TestServer, customer: Customer): Promise<{ request: ClientRequest; body: IncomingMessage }> {
    const headers = { 'content-type': 'application/json', 'x-api-key': customer.key, accept: 'text/csv' }
    const request = httpRequest(`${of.url}/v1/query`, { method: 'POST', headers })
    request.on('error', () => undefined)
    request.end(JSON.stringify(EVERYTHING))
    const [body] = (await once(request, 'response')) as [IncomingMessage]
    expect(body.statusCode).toBe(200)
    body.on('error', () => undefined)
    await once(body, 'readable')
    return { request, body }
  }
  const ledgerOf = (customer: Customer) =>
    cluster.sql<{ type: string; amount: number }>(
      'SELECT type, amount::int AS amount FROM credit_entries WHERE user_id = $1 ORDER BY seq',
      [customer.id],
    )
  const inFlight = (customer: Customer) =>
    cluster.sql('SELECT id FROM credit_reservations WHERE user_id = $1', [customer.id])

  it('is paid when its first byte leaves, however often it is cut off behind that', async () => {
    const customer = await Customer.create(server, 3)
    for (const left of [2, 1, 0]) {
      const { request } = await begun(server, customer)
      expect(await inFlight(customer)).toEqual([])
      request.destroy()
      await until(async () => expect(await customer.credits()).toBe(left))
    }
    expect((await execute(server, customer.key, EVERYTHING, { accept: 'text/csv' })).status).toBe(402)
    expect(await ledgerOf(customer)).toEqual([
      { type: 'grant', amount: 3 },
      ...Array.from({ length: 3 }, () => ({ type: 'charge', amount: -1 })),
    ])
  })

  it('costs nothing when its client leaves before the first byte', async () => {
    const customer = await Customer.create(server, 1)
    engine.hold()
    try {
      const leaving = new AbortController()
      const left = fetch(`${server.url}/v1/query`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': customer.key, accept: 'text/csv' },
        body: JSON.stringify({ ...newQuery(), dataset: 'transactions' }),
        signal: leaving.signal,
      }).catch(() => undefined)
      await until(async () => expect(await customer.credits()).toBe(0))
      leaving.abort()
      await left
      await until(async () => expect(await customer.credits()).toBe(1))
      expect(await inFlight(customer)).toEqual([])
    } finally {
      engine.release()
    }
  })

  it('is given back, once, when the engine dies in its middle', async () => {
    const customer = await Customer.create(server, 1)
    const { body } = await begun(server, customer)
    engine.breakConnections()
    body.resume()
    await new Promise((done) => body.once('close', done))
    expect(body.complete).toBe(false)
    await until(async () => expect(await customer.credits()).toBe(1))
    expect((await ledgerOf(customer)).map(({ type }) => type)).toEqual(['grant', 'charge', 'release'])
  })

  it('stays paid when the process is killed in its middle', async () => {
    const customer = await Customer.create(server, 5)
    const instance = await cluster.start({ CLICKHOUSE_URL: engine.url })
    await begun(instance, customer)
    await instance.kill()
    expect(await inFlight(customer)).toEqual([])
    expect(await customer.credits()).toBe(4)
  })
})

describe('queries of one user', () => {
  it('run eight at a time with all keys together, exports and dry-runs included, and others run as many', async () => {
    const [customer, other] = [await Customer.create(server, 50), await Customer.create(server, 50)]
    const secondKey = await anotherKeyOf(customer)
    // In the cache before the engine stands still.
    const cached = newQuery()
    await customer.execute(cached)
    engine.hold()
    try {
      const running = [
        ...Array.from({ length: 4 }, () => execute(server, customer.key, newQuery())),
        ...Array.from({ length: 4 }, () => execute(server, secondKey, newQuery(), { accept: 'text/csv' })),
      ]
      await until(async () => expect(await customer.credits()).toBe(41))
      await expectRefusal(await execute(server, customer.key, newQuery()), '8 queries running')
      await expectRefusal(await execute(server, secondKey, newQuery(), { accept: 'text/csv' }), '8 queries running')
      const dryRun = { dataset: 'transactions', ...newQuery() }
      const refused = await server.json('POST', '/v1/query/dry-run', dryRun, customer.key)
      expect(refused).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED' } })
      expect((await execute(server, customer.key, cached)).status).toBe(200)
      running.push(execute(server, other.key, newQuery()))
      await until(async () => expect(await other.credits()).toBe(49))
      engine.release()
      const answers = await Promise.all(running)
      await Promise.all(answers.map((answer) => answer.arrayBuffer()))
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
      expect((await execute(server, customer.key, newQuery())).status).toBe(200)
      // What was refused cost nothing.
      expect(await customer.credits()).toBe(39)
    } finally {
      engine.release()
    }
  })

  it('that fail for too long make their user wait, and nobody else; cached results are still given', async () => {
    const [failing, other] = [await Customer.create(server, 10), await Customer.create(server, 10)]
    for (const each of [failing, other]) each.moveTo(hasty)
    const cached = newQuery()
    await failing.execute(cached)
    engine.hold()
    try {
      const failures = await Promise.all(Array.from({ length: 3 }, () => failing.query(newQuery())))
      expect(failures.map(({ status }) => status)).toEqual([504, 504, 504])
    } finally {
      engine.release()
    }
    const secondKey = await anotherKeyOf(failing)
    await expectRefusal(await execute(hasty, secondKey, newQuery()), 'more than 5 seconds a minute')
    await expectRefusal(await execute(hasty, failing.key, newQuery(), { accept: 'text/csv' }), 'more than 5 seconds')
    expect((await failing.query(cached)).status).toBe(200)
    expect((await other.query(newQuery())).status).toBe(200)
    expect((await hasty.json('POST', '/v1/query/dry-run', { dataset: 'transactions', ...newQuery() })).status).toBe(200)
    // Only the cached results and the first query were paid.
    expect(await failing.credits()).toBe(8)
  })
})

describe('live streams', () => {
  const KINDS = ['/api/ws', '/v1/realtime/stream', '/users/sse'] as const
  /** Opens one, over whatever, and gives what closes it. */
  async function open(path: (typeof KINDS)[number], key: string): Promise<() => void> {
    if (path === '/api/ws') {
      const { socket } = await LiveReader.open(server, { key })
      return () => socket.terminate()
    }
    const closing = new AbortController()
    const response = await server.fetch(path, { key, signal: closing.signal })
    expect(response.status).toBe(200)
    return () => closing.abort()
  }
  const refusal = async (path: (typeof KINDS)[number], key: string, words: string): Promise<void> => {
    if (path !== '/api/ws') return expectRefusal(await server.fetch(path, { key }), words)
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}${path}`, { headers: { 'x-api-key': key } })
    socket.on('error', () => undefined)
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
    expect(response.statusCode).toBe(429)
    expect(response.headers['retry-after']).toBeDefined()
    response.destroy()
  }

  it('are so many for a key and for a user, of every kind together, while others open theirs', async () => {
    const [customer, other] = [await Customer.create(server, 0, { role: 'admin' }), await Customer.create(server, 0)]
    const secondKey = await anotherKeyOf(customer)
    const closers: (() => void)[] = []
    for (const path of [...KINDS, KINDS[0]]) closers.push(await open(path, customer.key))
    for (const path of KINDS) await refusal(path, customer.key, 'This key may have 4 live streams')
    for (const path of KINDS.slice(1)) closers.push(await open(path, secondKey))
    for (const path of KINDS) await refusal(path, secondKey, 'This account may have 6 live streams')
    closers.push(await open('/v1/realtime/stream', other.key), await open('/api/ws', server.rootKey))
    for (const close of closers) close()
    // All places are free again, whoever closed what.
    const again: (() => void)[] = []
    for (const path of [...KINDS, KINDS[0]]) again.push(await until(() => open(path, customer.key)))
    for (const close of again) close()
  })

  it('give their place back when the fileHead fails, and when the server closes them', async () => {
    const customer = await Customer.create(server, 0, { role: 'admin' })
    const headers = { key: customer.key }
    for (let time = 0; time < 10; time++) {
      // No upgrade, and no job.
      expect((await server.fetch('/api/ws', headers)).status).toBe(400)
      const missing = '/v1/ingestions/019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11/events'
      expect((await server.fetch(missing, headers)).status).toBe(404)
    }
    const { body } = await server.json('POST', `/v1/admin/users/${customer.id}/keys`, {})
    const [key, id] = [body.apiKey, body.key.id]
    const readers = [await LiveReader.open(server, { key }), await LiveReader.open(server, { key })]
    await server.json('DELETE', `/v1/admin/users/${customer.id}/keys/${id}`)
    for (const reader of readers) expect((await reader.untilClosed()).code).toBe(1008)
    const another = await anotherKeyOf(customer)
    const opened: (() => void)[] = []
    for (const path of [...KINDS, KINDS[0]]) opened.push(await until(() => open(path, another)))
    for (const close of opened) close()
  })
})

describe('bodies', () => {
  const MiB = 1024 * 1024
  const open: Socket[] = []
  afterAll(() => open.forEach((socket) => socket.destroy()))

  /** A request that sends so many bytes of its body, and then nothing; what was answered to it. */
  async function stalled(path: string, key: string, announced: number, sent: number): Promise<() => string> {
    let answer = ''
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    open.push(socket.setMaxListeners(0))
    socket.on('data', (data) => (answer += String(data))).on('error', () => undefined)
    const type = path.includes('ingestions') ? 'text/csv' : 'application/json'
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: x\r\nx-api-key: ${key}\r\ncontent-type: ${type}\r\ncontent-length: ${announced}\r\n\r\n`,
    )
    const part = Buffer.alloc(MiB, ' ')
    for (let left = sent; left > 0 && answer === ''; left -= part.length)
      if (!socket.write(part.subarray(0, left))) await Promise.race([once(socket, 'drain'), once(socket, 'data')])
    return () => answer
  }
  const isRefused = (answer: () => string) =>
    until(async () => {
      expect(answer()).toMatch(/^HTTP\/1.1 429 /)
      expect(answer()).toMatch(/\r\nretry-after: 1\r\n/)
      expect(answer()).toContain('"code":"RATE_LIMITED"')
    })
  const event = { source: 's', type: 't', values: { a: 1 } }
  const send = (key: string, path = '/api/ingest', body: unknown = event) => server.json('POST', path, body, key)

  it('of events that stop in the middle take nothing from others, and no more than a share from their user', async () => {
    const [evil, other] = [
      await Customer.create(server, 0, { sendEvents: true }),
      await Customer.create(server, 0, { sendEvents: true }),
    ]
    const secondKey = await anotherKeyOf(evil, { sendEvents: true })
    const first = await stalled('/api/ingest/batch', evil.key, 96 * MiB, 66 * MiB)
    await isRefused(await stalled('/api/ingest/batch', secondKey, 96 * MiB, 62 * MiB))
    await isRefused(await stalled('/api/ingest/batch', secondKey, 31 * MiB, 0))
    expect(await send(other.key)).toMatchObject({ status: 200 })
    const large = Array.from({ length: 10_000 }, (_, n) => ({ ...event, values: { n, text: 'x'.repeat(3_000) } }))
    expect(await send(other.key, '/api/ingest/batch', large)).toMatchObject({ status: 200, body: { accepted: 10_000 } })
    expect(await send(secondKey)).toMatchObject({ status: 200 })
    expect(first()).toBe('')
    // What is given up comes back.
    for (const socket of open) socket.destroy()
    const again = await until(async () => {
      const answer = await send(evil.key, '/api/ingest/batch', large)
      expect(answer.status).toBe(200)
      return answer
    })
    expect(again.body.accepted).toBe(10_000)
  })

  it('of JSON have a share for each user', async () => {
    const [evil, other] = [await Customer.create(server, 9), await Customer.create(server, 9)]
    for (let time = 0; time < 32; time++) await stalled('/v1/query', evil.key, MiB, 1)
    await isRefused(await stalled('/v1/query', evil.key, MiB, 1))
    expect((await evil.query(newQuery())).status).toBe(200)
    const long = {
      dataset: 'transactions',
      ...newQuery(),
      filters: [{ member: 'country', operator: 'equals', values: [' '.repeat(20_000)] }],
    }
    expect((await execute(server, evil.key, long)).status).toBe(429)
    expect((await execute(server, other.key, long)).status).not.toBe(429)
  })

  it('of uploads are so many at a time for each user', async () => {
    const [evil, other] = [
      await Customer.create(server, 0, { role: 'admin' }),
      await Customer.create(server, 0, { role: 'admin' }),
    ]
    const path = '/v1/ingestions?wait=true&force=true'
    for (let time = 0; time < 3; time++) await stalled(path, evil.key, MiB, 100)
    await isRefused(await stalled(path, evil.key, MiB, 100))
    const csv = 'TransactionId,TransactionDate,Country,ProductId,Quantity,TotalPrice\nU1,2024-01-01,X,P,1,1\n'
    const upload = (key: string) =>
      server.fetch(path, { method: 'POST', key, headers: { 'content-type': 'text/csv' }, body: csv })
    expect((await upload(other.key)).status).toBe(200)
    for (const socket of open) socket.destroy()
    await until(async () => expect((await upload(evil.key)).status).toBe(200))
  })
})

describe('events that wait to be stored', () => {
  it('are no more than a share of each user', async () => {
    const small = await cluster.start({ CLICKHOUSE_URL: engine.url, EVENT_QUEUE_BYTES_PER_USER: '4096' })
    const [evil, other] = [await senderOn(small), await senderOn(small)]
    const send = (key: string, n: number) =>
      small.json('POST', '/api/ingest', { source: 's', type: 'wait', values: { n, pad: 'x'.repeat(200) } }, key)
    engine.holdInserts()
    try {
      const sent = Array.from({ length: 60 }, (_, n) => send(evil, n))
      expect(await Promise.race(sent)).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED' } })
      const others = Array.from({ length: 5 }, (_, n) => send(other, n))
      engine.release()
      expect((await Promise.all(others)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
      const statuses = (await Promise.all(sent)).map(({ status }) => status)
      expect(new Set(statuses)).toEqual(new Set([200, 429]))
      const stored = await cluster.clickhouse("SELECT count() FROM events WHERE type = 'wait'")
      expect(Number(stored)).toBe(5 + statuses.filter((status) => status === 200).length)
      expect(await send(evil, 60)).toMatchObject({ status: 200 })
    } finally {
      engine.release()
    }
  })
})
