import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { transactionsCsv } from '../../tools/generator/transactions-generator.js'
import { startCluster, type TestCluster } from '../support/cluster.js'
import { Customer } from '../support/customer.js'
import type { TestServer } from '../support/server.js'
import { expectSigned, WebhookReceiver } from '../support/webhook-receiver.js'

const QUERY = { measures: ['transactions'] }
/** With a limit of its own each time it is in nobody's cache. */
const BY_PRODUCT = { measures: ['revenue'], dimensions: ['product_id'] }
const ENV = { RATE_LIMIT_PER_MINUTE: '100000', QUERIES_IN_FLIGHT_PER_USER: '100', LOG_LEVEL: 'warn' }

let cluster: TestCluster
let a: TestServer
let b: TestServer
let strict: TestServer
let receiver: WebhookReceiver
let paths = 0

beforeAll(async () => {
  receiver = await WebhookReceiver.start()
  cluster = await startCluster()
  a = await cluster.start({ ...ENV, WEBHOOK_ALLOW_PRIVATE: 'true' })
  b = await cluster.start({ ...ENV, WEBHOOK_ALLOW_PRIVATE: 'true' })
})
afterAll(async () => {
  await cluster?.stop()
  await receiver?.stop()
})

async function within<T>(ms: number, work: () => T | Promise<T>, holds: (value: T) => boolean): Promise<T> {
  for (const endsAt = Date.now() + ms; ;) {
    const value = await work()
    if (holds(value)) return value
    if (Date.now() > endsAt) throw new Error(`not within ${ms} ms: ${JSON.stringify(value)}`)
    await sleep(50)
  }
}

const alertOf = ({ id }: { id: string }) => `/v1/admin/users/${id}/low-balance`
const deliveriesOf = async (customer: Customer) => (await a.json('GET', `${alertOf(customer)}/deliveries`)).body.data

/** A customer whose low balance is reported to a path of its own. */
async function watched(
  credits: number,
  threshold: number,
): Promise<{ customer: Customer; path: string; secret: string }> {
  const customer = await Customer.create(a, credits)
  const path = `/hook/${++paths}`
  const { status, body } = await a.json('PUT', alertOf(customer), { threshold, url: receiver.url(path) })
  expect(status).toBe(200)
  expect(body).toEqual({ threshold, url: receiver.url(path), secret: expect.stringMatching(/^whsec_/) })
  return { customer, path, secret: body.secret }
}

describe('a low balance', () => {
  it('is reported once, signed, when a charge takes the balance to the threshold, and again after it rose', async () => {
    const { customer, path, secret } = await watched(4, 2)
    await customer.execute(QUERY)
    await sleep(1_500)
    expect(receiver.at(path)).toEqual([])
    await customer.execute(QUERY)
    const [first] = await within(
      60_000,
      () => receiver.at(path),
      ({ length }) => length > 0,
    )
    expect(first!.json).toEqual({
      type: 'credits.low',
      userId: customer.id,
      balance: 2,
      threshold: 2,
      at: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/),
    })
    expect(first!.headers['content-type']).toBe('application/json')
    expectSigned(first!, secret)

    // Further down, and up to the threshold, it stays quiet.
    await customer.execute(QUERY)
    await a.json('POST', '/v1/admin/add-credits', { userId: customer.id, amount: 1 })
    await customer.execute(QUERY)
    await sleep(1_500)
    expect(receiver.at(path)).toHaveLength(1)

    await a.json('POST', '/v1/admin/add-credits', { userId: customer.id, amount: 2 })
    await customer.execute(QUERY)
    await within(
      60_000,
      () => receiver.at(path),
      ({ length }) => length === 2,
    )
    const [second, delivered] = await within(
      60_000,
      () => deliveriesOf(customer),
      (rows) => rows.every(({ status }: { status: string }) => status === 'delivered'),
    )
    expect(second.id).not.toBe(delivered.id)
    expect(delivered).toMatchObject({
      id: first!.headers['x-countinghouse-delivery'],
      status: 'delivered',
      attempts: 1,
      responseStatus: 200,
      error: null,
      balance: 2,
      threshold: 2,
      nextAttemptAt: null,
      deliveredAt: expect.any(String),
    })
  })

  it('is reported once for forty parallel queries on two instances', async () => {
    const { customer, path } = await watched(60, 30)
    await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        (n % 2 ? a : b).fetch('/v1/query', {
          method: 'POST',
          key: customer.key,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ dataset: 'transactions', ...QUERY }),
        }),
      ),
    )
    expect(await customer.credits()).toBe(20)
    await within(
      60_000,
      () => receiver.at(path),
      ({ length }) => length > 0,
    )
    await sleep(2_500)
    expect(receiver.at(path)).toHaveLength(1)
    expect(receiver.at(path)[0]!.json.balance).toBeLessThanOrEqual(30)
    expect(await deliveriesOf(customer)).toHaveLength(1)
  })

  it('is not reported for queries that fail, one by one or at once, and is for the first that is paid', async () => {
    const csv = {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body: [...transactionsCsv({ rows: 3_000, seed: 1 })].join(''),
    }
    expect((await a.fetch('/v1/ingestions?wait=true', csv)).status).toBe(200)
    const limited = await cluster.start({ ...ENV, WEBHOOK_ALLOW_PRIVATE: 'true', QUERY_MAX_ROWS_TO_READ: '1000' })
    const { customer, path } = await watched(4, 3)
    // Low from the start as well: only a charge that stays is its next one.
    const low = await watched(4, 10)
    for (const each of [customer, low.customer]) {
      each.moveTo(limited)
      const fail = async (limit: number) => (await each.query({ ...BY_PRODUCT, limit })).status
      for (const limit of [1, 2, 3]) expect(await fail(limit)).toBeGreaterThanOrEqual(400)
      const together = await Promise.all([4, 5, 6, 7, 8, 9, 10].map(fail))
      expect(together.filter((status) => status < 400)).toEqual([])
      expect(await each.credits()).toBe(4)
      each.moveTo(a)
    }
    await limited.stop({ keepData: true })
    await sleep(2_500)
    expect([...receiver.at(path), ...receiver.at(low.path)]).toEqual([])
    expect([...(await deliveriesOf(customer)), ...(await deliveriesOf(low.customer))]).toEqual([])
    for (const [each, at] of [
      [customer, path],
      [low.customer, low.path],
    ] as const) {
      await each.execute({ ...BY_PRODUCT, limit: 11 })
      const [paid] = await within(
        60_000,
        () => receiver.at(at),
        ({ length }) => length > 0,
      )
      expect(paid!.json).toMatchObject({ balance: 3 })
    }
  })

  it('is reported once whatever makes the charges final: many at once, each reserved, some with a stored answer', async () => {
    const { customer, path } = await watched(30, 5)
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, n) =>
        customer.query(
          { ...BY_PRODUCT, limit: 20 + n },
          n % 3 === 0 ? { 'idempotency-key': `${customer.id}-${n}` } : {},
        ),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    expect(await customer.credits()).toBe(0)
    const [only] = await within(
      60_000,
      () => receiver.at(path),
      ({ length }) => length > 0,
    )
    expect(only!.json.balance).toBeLessThanOrEqual(5)
    await sleep(2_500)
    expect(await deliveriesOf(customer)).toHaveLength(1)

    const kept = await watched(2, 1)
    const headers = { 'idempotency-key': kept.customer.id }
    for (let time = 1; time <= 2; time++) {
      expect((await kept.customer.query({ ...BY_PRODUCT, limit: 60 }, headers)).status).toBe(200)
    }
    await within(
      60_000,
      () => receiver.at(kept.path),
      ({ length }) => length === 1,
    )
    expect(receiver.at(kept.path)[0]!.json).toMatchObject({ balance: 1 })
  })

  it('is reported by a later look when two that ended at once each took the other for one in flight', async () => {
    const { customer, path } = await watched(3, 2)
    // A charge in flight that ends behind the back of whoever would report it.
    const charge = '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a22'
    await cluster.sql(
      `INSERT INTO credit_reservations (id, user_id, request_id, cost, instance_id, created_at)
       SELECT $1, $2, 'r', 5, id, now() FROM service_instances LIMIT 1`,
      [charge, customer.id],
    )
    await customer.execute(QUERY)
    await customer.execute(QUERY)
    await sleep(1_500)
    expect(receiver.at(path)).toEqual([])
    await cluster.sql('DELETE FROM credit_reservations WHERE id = $1', [charge])
    const [late] = await within(
      60_000,
      () => receiver.at(path),
      ({ length }) => length > 0,
    )
    expect(late!.json).toMatchObject({ balance: 1, threshold: 2 })
  })

  it('is reported when a void takes the balance down, and when it was low from the start with the next charge', async () => {
    const voided = await watched(5, 2)
    const { body } = await a.json('GET', `/v1/admin/users/${voided.customer.id}/grants`)
    await a.json('POST', `/v1/admin/grants/${body.data[0].id}/void`)
    const [fell] = await within(
      60_000,
      () => receiver.at(voided.path),
      ({ length }) => length > 0,
    )
    expect(fell!.json).toMatchObject({ balance: 0, threshold: 2 })

    const low = await watched(3, 10)
    await a.json('POST', '/v1/admin/add-credits', { userId: low.customer.id, amount: 1 })
    await sleep(1_500)
    expect(receiver.at(low.path)).toEqual([])
    await low.customer.execute(QUERY)
    await low.customer.execute(QUERY)
    const [first] = await within(
      60_000,
      () => receiver.at(low.path),
      ({ length }) => length > 0,
    )
    expect(first!.json).toMatchObject({ balance: 3, threshold: 10 })
    await sleep(1_500)
    expect(receiver.at(low.path)).toHaveLength(1)
  })

  it('is reported when credit expires', async () => {
    const { customer, path } = await watched(1, 1)
    const expiresAt = new Date(Date.now() + 1_500).toISOString()
    await a.json('POST', '/v1/admin/add-credits', { userId: customer.id, amount: 5, expiresAt })
    // The expiry is written by the reconcilers' round.
    const [fell] = await within(
      60_000,
      () => receiver.at(path),
      ({ length }) => length > 0,
    )
    expect(fell!.json).toMatchObject({ balance: 1, threshold: 1 })
  })

  it('is tried again with the same id and body until the receiver takes it', async () => {
    const { customer, path, secret } = await watched(2, 1)
    receiver.answers.set(path, (response, count) => {
      if (count === 1) response.writeHead(500).end('no')
      else if (count === 2) response.socket!.destroy()
      else response.writeHead(204).end()
    })
    await customer.execute(QUERY)
    await within(
      60_000,
      () => receiver.at(path),
      ({ length }) => length === 1,
    )
    const [failed] = await within(
      60_000,
      () => deliveriesOf(customer),
      ([row]) => row.error !== null,
    )
    expect(failed).toMatchObject({
      status: 'pending',
      attempts: 1,
      responseStatus: 500,
      nextAttemptAt: expect.any(String),
    })
    const tries = await within(
      60_000,
      () => receiver.at(path),
      ({ length }) => length === 3,
    )
    expect(new Set(tries.map(({ headers }) => headers['x-countinghouse-delivery'])).size).toBe(1)
    expect(new Set(tries.map(({ body }) => body)).size).toBe(1)
    for (const each of tries) expectSigned(each, secret)
    const [delivered] = await within(
      60_000,
      () => deliveriesOf(customer),
      ([row]) => row.status === 'delivered',
    )
    expect(delivered).toMatchObject({ attempts: 3, responseStatus: 204, error: null })
  })

  it('follows no redirect, and is given up after 24 hours', async () => {
    const { customer, path } = await watched(2, 1)
    receiver.answers.set(path, (response) => response.writeHead(302, { location: receiver.url('/elsewhere') }).end())
    await customer.execute(QUERY)
    await within(
      60_000,
      () => receiver.at(path),
      ({ length }) => length === 1,
    )
    await within(
      60_000,
      () => deliveriesOf(customer),
      ([row]) => row.error !== null,
    )
    await cluster.sql(
      'UPDATE webhook_deliveries SET attempts = 12, next_attempt_at = now(), retry_until = now() WHERE user_id = $1',
      [customer.id],
    )
    const [row] = await within(
      60_000,
      () => deliveriesOf(customer),
      ([each]) => each.status !== 'pending',
    )
    expect(row).toMatchObject({
      status: 'failed',
      attempts: 13,
      responseStatus: 302,
      nextAttemptAt: null,
      deliveredAt: null,
    })
    expect(receiver.at('/elsewhere')).toEqual([])
  })

  it('can be read, changed and switched off', async () => {
    const { customer, path, secret } = await watched(10, 2)
    const url = receiver.url(path)
    expect((await a.json('GET', alertOf(customer))).body).toEqual({ threshold: 2, url })
    expect((await a.json('PUT', alertOf(customer), { threshold: 9, url })).body).toEqual({ threshold: 9, url, secret })
    const moved = (await a.json('PUT', alertOf(customer), { threshold: 9, url: `${url}/x` })).body
    expect(moved.secret).not.toBe(secret)
    expect((await a.json('DELETE', alertOf(customer))).status).toBe(204)
    await customer.execute(QUERY)
    await sleep(1_500)
    expect(await deliveriesOf(customer)).toEqual([])
    for (const method of ['GET', 'DELETE']) expect((await a.json(method, alertOf(customer))).status).toBe(404)
    const nobody = { id: '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11' }
    expect((await a.json('PUT', alertOf(nobody), { threshold: 1, url })).status).toBe(404)
    expect((await a.json('GET', `${alertOf(nobody)}/deliveries`)).status).toBe(404)
  })
})

describe('kill -9', () => {
  it('loses no report: another instance sends what the dead one held, under the same id', async () => {
    const { customer, path, secret } = await watched(2, 1)
    let hold = true
    receiver.answers.set(path, (response) => void (hold || response.end()))
    await a.stop({ keepData: true })
    await b.stop({ keepData: true })
    const doomed = await cluster.start({ ...ENV, WEBHOOK_ALLOW_PRIVATE: 'true' })
    customer.moveTo(doomed)
    await customer.execute(QUERY)
    await within(
      60_000,
      () => receiver.at(path),
      ({ length }) => length === 1,
    )
    await doomed.kill()
    hold = false
    a = await cluster.start({ ...ENV, WEBHOOK_ALLOW_PRIVATE: 'true' })
    const tries = await within(
      60_000,
      () => receiver.at(path),
      ({ length }) => length > 1,
    )
    expect(tries).toHaveLength(2)
    expect(tries[1]!.headers['x-countinghouse-delivery']).toBe(tries[0]!.headers['x-countinghouse-delivery'])
    expectSigned(tries[1]!, secret)
    const [row] = await within(
      60_000,
      () => deliveriesOf(customer),
      ([each]) => each.status === 'delivered',
    )
    expect(row.attempts).toBe(2)
  })
})

describe('addresses that webhooks may not reach', () => {
  beforeAll(async () => {
    await a.stop({ keepData: true })
    strict = await cluster.start(ENV)
  })

  it.each([
    'http://127.0.0.1/hook',
    'http://localhost:8080/hook',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://10.1.2.3/',
    'http://192.168.0.1/',
    'http://100.64.0.1/',
    'http://169.254.169.254/latest/meta-data',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[fd00:ec2::254]/',
    'http://0.0.0.0/',
    'http://localhost./',
    'http://foo.localhost/',
    'http://printer.local/',
    'http://metadata.google.internal/',
    'http://redis:8080/',
    'http://example.com:22/',
    'http://8.8.8.8:25/',
    'https://8.8.8.8:6379/',
    'ftp://example.com/',
    'file:///etc/passwd',
    'https://user:password@example.com/',
    'not a url',
    '',
  ])('%s is refused with 400', async (url) => {
    const customer = await Customer.create(strict, 1)
    const { status, body } = await strict.json('PUT', alertOf(customer), { threshold: 1, url })
    expect([status, body.code, body.errors[0].path]).toEqual([400, 'VALIDATION_FAILED', 'url'])
  })

  it('are not reached either when a name comes to point to them later', async () => {
    const customer = await Customer.create(strict, 2)
    const url = 'http://192.0.43.10/hook'
    expect((await strict.json('PUT', alertOf(customer), { threshold: 1, url })).status).toBe(200)
    await cluster.sql('UPDATE webhooks SET url = $2 WHERE id = $1', [
      customer.id,
      receiver.url('/rebound', 'localhost'),
    ])
    await customer.execute(QUERY)
    const deliveries = async () => (await strict.json('GET', `${alertOf(customer)}/deliveries`)).body.data
    const [named] = await within(60_000, deliveries, ([row]) => row?.error !== null && row !== undefined)
    expect(named).toMatchObject({ status: 'pending', error: 'the address is private', responseStatus: null })
    await cluster.sql('UPDATE webhooks SET url = $2 WHERE id = $1', [customer.id, receiver.url('/rebound')])
    await cluster.sql('UPDATE webhook_deliveries SET next_attempt_at = now() WHERE user_id = $1', [customer.id])
    const [literal] = await within(
      60_000,
      deliveries,
      ([row]) => row.attempts >= 2 && Date.parse(row.nextAttemptAt) > Date.now(),
    )
    expect(literal).toMatchObject({ error: 'the address is private' })
    await cluster.sql('UPDATE webhooks SET url = $2 WHERE id = $1', [customer.id, 'http://192.0.43.10:25/'])
    await cluster.sql('UPDATE webhook_deliveries SET next_attempt_at = now() WHERE user_id = $1', [customer.id])
    const [port] = await within(60_000, deliveries, ([row]) => row.attempts >= 3 && row.error !== literal.error)
    expect(port).toMatchObject({ error: expect.stringMatching(/^the URL must use port 80, 443, or .*; 25 is not/) })
    expect(receiver.at('/rebound')).toEqual([])
  })
})
