import Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startCluster, type TestCluster } from '../support/cluster.js'
import { Customer } from '../support/customer.js'
import type { TestServer } from '../support/server.js'

const SECRET = 'whsec_testOnlyTestOnlyTestOnlyTestOnly'
const PATH = '/v1/payments/stripe'

let cluster: TestCluster
let servers: TestServer[]
let server: TestServer
let sessions = 0

beforeAll(async () => {
  cluster = await startCluster()
  const env = { STRIPE_WEBHOOK_SECRET: SECRET, LOG_LEVEL: 'debug' }
  servers = await Promise.all([cluster.start(env), cluster.start(env)])
  server = servers[0]!
})
afterAll(async () => {
  await cluster?.stop()
})

/** What Stripe sends of a checkout session. */
function eventOf(session: Record<string, unknown>, type = 'checkout.session.completed'): Record<string, unknown> {
  const object = { id: newSession(), object: 'checkout.session', payment_status: 'paid', metadata: {}, ...session }
  return { id: `evt_${++sessions}`, object: 'event', type, created: nowSeconds(), data: { object } }
}

const newSession = () => `cs_test_${process.pid}_${++sessions}`
const nowSeconds = () => Math.floor(Date.now() / 1000)
const purchase = (userId: string, credits = '25', more = {}) =>
  eventOf({ client_reference_id: userId, metadata: { credits }, ...more })

interface SendOptions {
  to?: TestServer
  secret?: string
  timestamp?: number
  signature?: string
}

async function send(
  event: Record<string, unknown>,
  { to = server, secret = SECRET, timestamp = nowSeconds(), signature }: SendOptions = {},
): Promise<{ status: number; body: any }> {
  const payload = JSON.stringify(event, undefined, 2)
  const header = Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp })
  const response = await to.fetch(PATH, {
    method: 'POST',
    key: null,
    headers: { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': signature ?? header },
    body: payload,
  })
  return { status: response.status, body: await response.json() }
}

const RECEIVED = { status: 200, body: { received: true, credited: false } }
const CREDITED = { status: 200, body: { received: true, credited: true } }

describe("Stripe's events", () => {
  it('grant what a paid session bought, under its name, as the deed of stripe', async () => {
    const customer = await Customer.create(server, 1)
    const event = purchase(customer.id, '25', { id: 'cs_test_named' })
    expect(await send(event)).toEqual(CREDITED)
    expect(await customer.credits()).toBe(26)
    const grants = (await server.json('GET', `/v1/admin/users/${customer.id}/grants`)).body.data
    expect(grants[1]).toMatchObject({ amount: 25, reason: 'Stripe cs_test_named' })
    const { data } = (await server.json('GET', `/v1/admin/audit?target=${customer.id}&actor=stripe`)).body
    expect(data).toMatchObject([
      {
        action: 'credits.add',
        details: { grantId: grants[1].id, amount: 25, session: 'cs_test_named', event: event.id },
      },
    ])
  })

  it('grant a session once, however often and to however many instances it is sent', async () => {
    const customer = await Customer.create(server, 0)
    const id = newSession()
    const sent = Array.from({ length: 24 }, (_, n) => send(purchase(customer.id, '7', { id }), { to: servers[n % 2] }))
    const answers = await Promise.all(sent)
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(24)
    expect(answers.filter(({ body }) => body.credited)).toHaveLength(1)
    expect(await send(purchase(customer.id, '7', { id }))).toEqual(RECEIVED)
    expect(await customer.credits()).toBe(7)
  })

  it('wait for the money of a slow payment', async () => {
    const customer = await Customer.create(server, 0)
    const session = { id: newSession(), client_reference_id: customer.id, metadata: { credits: '9' } }
    expect(await send(eventOf({ ...session, payment_status: 'unpaid' }))).toEqual(RECEIVED)
    expect(await customer.credits()).toBe(0)
    const paid = eventOf(session, 'checkout.session.async_payment_succeeded')
    expect(await send(paid)).toEqual(CREDITED)
    expect(await send(paid, { to: servers[1] })).toEqual(RECEIVED)
    expect(await customer.credits()).toBe(9)
  })

  it('are ignored when they are about something else', async () => {
    const customer = await Customer.create(server, 0)
    const { data } = purchase(customer.id)
    for (const type of ['invoice.paid', 'checkout.session.expired', 'checkout.session.async_payment_failed']) {
      expect(await send({ id: 'evt_other', object: 'event', type, data }), type).toEqual(RECEIVED)
    }
    expect(await send(eventOf({ client_reference_id: null, metadata: { order: '4711' } }))).toEqual(RECEIVED)
    expect(await customer.credits()).toBe(0)
  })

  it('come again, and are logged, while what they say cannot be granted', async () => {
    const customer = await Customer.create(server, 0)
    const unknown = purchase('019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11')
    expect(await send(unknown)).toMatchObject({ status: 404, body: { detail: 'The user does not exist.' } })
    expect(server.output()).toContain(`event ${String(unknown.id)} (checkout.session.completed) brought no credits`)
    for (const credits of ['0', '-5', '1.5', '1e3', '', ' 5', '9'.repeat(20)]) {
      expect((await send(purchase(customer.id, credits))).status, credits).toBe(400)
    }
    expect((await send(eventOf({ client_reference_id: customer.id }))).status).toBe(400)
    expect((await send(purchase('alice'))).status).toBe(400)
    expect(await customer.credits()).toBe(0)
    // A user that was deleted, and a refusal leaves no trace: the same session passes when it can.
    const id = newSession()
    expect((await send(purchase('019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11', '5', { id }))).status).toBe(404)
    expect(await send(purchase(customer.id, '5', { id }))).toEqual(CREDITED)
  })

  it('count only with a signature of this body that is not old', async () => {
    const customer = await Customer.create(server, 0)
    const event = purchase(customer.id)
    const refused = { status: 400, body: { code: 'VALIDATION_FAILED' } }
    expect(await send(event, { secret: 'whsec_another' })).toMatchObject(refused)
    expect(await send(event, { signature: 't=1,v1=00' })).toMatchObject(refused)
    expect(await send(event, { signature: '' })).toMatchObject(refused)
    expect(await send(event, { timestamp: nowSeconds() - 400 })).toMatchObject(refused)
    const other = JSON.stringify(purchase(customer.id, '1000000'), undefined, 2)
    const signature = Stripe.webhooks.generateTestHeaderString({ payload: other, secret: SECRET })
    expect(await send(event, { signature })).toMatchObject(refused)
    expect(await customer.credits()).toBe(0)
    const payload = 'no JSON'
    const signed = Stripe.webhooks.generateTestHeaderString({ payload, secret: SECRET })
    const headers = { 'content-type': 'application/json', 'stripe-signature': signed }
    expect((await server.fetch(PATH, { method: 'POST', key: null, headers, body: payload })).status).toBe(400)
  })

  it('may be long, and not without end', async () => {
    const customer = await Customer.create(server, 0)
    expect(await send(purchase(customer.id, '3', { note: 'x'.repeat(200_000) }))).toEqual(CREDITED)
    const refused = await send(purchase(customer.id, '3', { note: 'x'.repeat(300_000) }))
    expect(refused).toMatchObject({ status: 413, body: { code: 'PAYLOAD_TOO_LARGE' } })
  })

  it('end with 429 for an address whose signatures keep failing, and pass from there when they are good', async () => {
    const customer = await Customer.create(server, 0)
    const event = purchase(customer.id)
    const statuses: number[] = []
    for (let n = 0; n < 70; n++) statuses.push((await send(event, { secret: 'whsec_guessed' })).status)
    expect([...new Set(statuses)]).toEqual([400, 429])
    expect(await send(event)).toEqual(CREDITED)
  })

  it('leave the secret nowhere', () => {
    for (const each of servers) expect(each.output()).not.toContain(SECRET)
  })
})

describe('without STRIPE_WEBHOOK_SECRET', () => {
  it('there is no such route', async () => {
    const plain = await cluster.start()
    const customer = await Customer.create(plain, 0)
    const answer = await send(purchase(customer.id), { to: plain })
    expect(answer).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } })
    expect(await customer.credits()).toBe(0)
  })
})
