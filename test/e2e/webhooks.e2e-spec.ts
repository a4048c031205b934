import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startCluster, type TestCluster } from '../support/cluster.js'
import { Customer } from '../support/customer.js'
import type { TestServer } from '../support/server.js'
import { until } from '../support/until.js'
import { upload } from '../support/upload.js'
import { verified, WebhookReceiver, type ReceivedWebhook } from '../support/webhook-receiver.js'

const HOOKS = '/v1/admin/webhooks'
const ENV = { RATE_LIMIT_PER_MINUTE: '100000', LOG_LEVEL: 'warn', WEBHOOK_ALLOW_PRIVATE: 'true' }
const QUERY = { measures: ['transactions'] }
const CSV = 'TransactionId,TransactionDate,Country,ProductId,Price,Quantity\n'

let cluster: TestCluster
let server: TestServer
let receiver: WebhookReceiver
let paths = 0

beforeAll(async () => {
  receiver = await WebhookReceiver.start()
  cluster = await startCluster()
  server = await cluster.start(ENV)
})
afterAll(async () => {
  await cluster?.stop()
  await receiver?.stop()
})

interface Hook {
  id: string
  path: string
  secret: string
}

async function newHook(events: string[], more: object = {}): Promise<Hook> {
  const path = `/hook/${++paths}`
  const { status, body } = await server.json('POST', HOOKS, { url: receiver.url(path), events, ...more })
  expect(status, JSON.stringify(body)).toBe(201)
  return { id: body.id, path, secret: body.secret }
}

const act = (hook: Hook, method: string, more = '', body?: object) =>
  server.json(method, `${HOOKS}/${hook.id}${more}`, body)
const deliveriesOf = async (hook: Hook) => (await act(hook, 'GET', '/deliveries')).body.data

/** Writes events as a module does, so many in one transaction of ours. */
const enqueue = (count: number, event = 'plan.renewed') =>
  cluster.sql("SELECT webhooks_enqueue($1, NULL, json_build_object('n', n)) FROM generate_series(1, $2) n", [
    event,
    count,
  ])

function arrived(hook: Hook, count = 1): Promise<ReceivedWebhook[]> {
  return until(async () => {
    expect(receiver.at(hook.path).length).toBeGreaterThanOrEqual(count)
    return receiver.at(hook.path)
  })
}

const lasting = (hook: Hook, status: string) =>
  until(async () => {
    const [row] = await deliveriesOf(hook)
    expect(row.status).toBe(status)
    return row
  })

describe('a webhook', () => {
  it('shows its secret once, and is listed, changed and deleted', async () => {
    const hook = await newHook(['credits.low'])
    expect(hook.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    const shown = {
      ...{ id: hook.id, url: receiver.url(hook.path), events: ['credits.low'], userId: null },
      ...{ status: 'active', disabledReason: null, previousSecretExpiresAt: null, createdAt: expect.any(String) },
    }
    expect((await act(hook, 'GET')).body).toEqual(shown)
    expect((await server.json('GET', HOOKS)).body.data[0]).toEqual(shown)
    const events = ['ingestion.failed', 'plan.renewed']
    expect((await act(hook, 'PATCH', '', { events, status: 'disabled' })).body).toEqual({
      ...shown,
      ...{ events, status: 'disabled', disabledReason: 'An admin disabled it.' },
    })
    expect((await act(hook, 'PATCH', '', { status: 'active' })).body).toEqual({ ...shown, events })
    expect((await act(hook, 'DELETE')).status).toBe(204)
    for (const method of ['GET', 'PATCH', 'DELETE']) expect((await act(hook, method, '', undefined)).status).toBe(404)
    for (const more of ['/test', '/rotate']) expect((await act(hook, 'POST', more)).status).toBe(404)
    expect((await act(hook, 'GET', '/deliveries')).status).toBe(404)
  })

  it('is refused with what is wrong', async () => {
    const { id: userId } = await Customer.create(server, 0)
    const url = receiver.url('/')
    for (const [body, path] of [
      [{ url, events: [] }, 'events'],
      [{ url, events: ['credits.lo'] }, 'events'],
      [{ url, events: ['credits.low', 'credits.low'] }, 'events'],
      [{ url }, 'events'],
      [{ events: ['credits.low'] }, 'url'],
      [{ url: 'ftp://example.com', events: ['credits.low'] }, 'url'],
      [{ url, events: ['credits.low', 'ingestion.failed'], userId }, 'events'],
      [{ url, events: ['credits.low'], userId: 'me' }, 'userId'],
      [{ url, events: ['credits.low'], secret: 'mine' }, 'secret'],
    ] as const) {
      const answer = await server.json('POST', HOOKS, body)
      expect([answer.status, answer.body.errors[0].path], JSON.stringify(body)).toEqual([400, path])
    }
    const nobody = '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11'
    expect((await server.json('POST', HOOKS, { url, events: ['credits.low'], userId: nobody })).status).toBe(404)
  })

  it('is tested: one event, signed by Standard Webhooks, tried once', async () => {
    const hook = await newHook(['credits.low'])
    const { status, body } = await act(hook, 'POST', '/test')
    expect([status, body.event, body.status]).toEqual([202, 'webhook.test', 'pending'])
    const [received] = await arrived(hook)
    expect(verified(received!, hook.secret)).toEqual({
      type: 'webhook.test',
      timestamp: body.createdAt,
      data: { webhookId: hook.id },
    })
    expect(received!.headers).toMatchObject({ 'webhook-id': body.id, 'content-type': 'application/json' })
    expect(await lasting(hook, 'delivered')).toEqual({
      ...body,
      ...{ status: 'delivered', attempts: 1, lastStatus: 200, nextAttemptAt: null, deliveredAt: expect.any(String) },
    })
    receiver.answers.set(hook.path, (response) => response.writeHead(500).end())
    await act(hook, 'POST', '/test')
    expect(await lasting(hook, 'failed')).toMatchObject({ attempts: 1, lastStatus: 500 })
  })
})

describe('events', () => {
  it('of ingestions tell how the job ended, once', async () => {
    const hook = await newHook(['ingestion.succeeded', 'ingestion.failed'])
    const headers = { 'content-type': 'text/csv' }
    const good = await upload(server, `${CSV}wh-1,2024-01-01,Peru,p,1,1\nwh-2,soon,Peru,p,1,1\n`, {}, headers)
    const bad = await upload(server, `${CSV}wh-3,soon,Peru,p,1,1\n`, {}, headers)
    expect([good.body.status, bad.status]).toEqual(['succeeded', 422])
    const [first, second] = (await arrived(hook, 2)).map((each) => verified(each, hook.secret))
    const { id, dataset, format, fileName, status, rowsRead, rowsAccepted, rowsRejected, createdAt } = good.body
    expect(first).toEqual({
      type: 'ingestion.succeeded',
      timestamp: expect.any(String),
      data: {
        ...{ id, dataset, format, fileName, status, rowsRead, rowsAccepted, rowsRejected, createdAt },
        ...{ startedAt: good.body.startedAt, finishedAt: good.body.finishedAt, error: null, sha256: good.body.sha256 },
      },
    })
    expect(second).toMatchObject({ type: 'ingestion.failed', data: { id: bad.body.id, rowsRejected: 1 } })
    expect(second.data.error).toBe(bad.body.error)
    await sleep(1_500)
    expect(receiver.at(hook.path)).toHaveLength(2)
  })

  it('of credits come at a fifth of the last grant where no alert is set, and at the end; again after a grant', async () => {
    const hook = await newHook(['credits.low', 'credits.exhausted'])
    const customer = await Customer.create(server, 5)
    const other = await newHook(['credits.exhausted'], { userId: (await Customer.create(server, 1)).id })
    for (let n = 0; n < 4; n++) await customer.execute(QUERY)
    const typesOf = () =>
      receiver.at(hook.path).map(({ json }) => [json.type, json.data.balance, json.data.threshold ?? null])
    await until(async () => expect(typesOf()).toEqual([['credits.low', 1, 1]]))
    await customer.execute(QUERY)
    expect((await customer.query(QUERY)).status).toBe(402)
    const lowThenOut = [
      ['credits.low', 1, 1],
      ['credits.exhausted', 0, null],
    ]
    await until(async () => expect(typesOf()).toEqual(lowThenOut))
    await server.json('POST', '/v1/admin/add-credits', { userId: customer.id, amount: 1 })
    await customer.execute(QUERY)
    await until(async () => expect(typesOf()).toHaveLength(4))
    expect(typesOf().slice(2)).toEqual(
      expect.arrayContaining([
        ['credits.low', 0, 0],
        ['credits.exhausted', 0, null],
      ]),
    )
    for (const each of receiver.at(hook.path)) expect(verified(each, hook.secret).data.userId).toBe(customer.id)
    expect(receiver.at(other.path)).toEqual([])
  })

  it('tell of a request that the balance is too small for, once until credits are added', async () => {
    const customer = await Customer.create(server, 0)
    const hook = await newHook(['credits.exhausted'], { userId: customer.id })
    const refused = await Promise.all([1, 2, 3, 4, 5].map(() => customer.query(QUERY)))
    expect(refused.map(({ status }) => status)).toEqual([402, 402, 402, 402, 402])
    await arrived(hook)
    await sleep(1_500)
    expect(receiver.at(hook.path)).toHaveLength(1)
    await server.json('POST', '/v1/admin/add-credits', { userId: customer.id, amount: 1 })
    await customer.execute({ ...QUERY, limit: 77 })
    await arrived(hook, 2)
    expect((await customer.query(QUERY)).status).toBe(402)
    await sleep(1_500)
    expect(receiver.at(hook.path)).toHaveLength(2)
  })

  it('come at a percentage of what the last grant brought, which each grant moves', async () => {
    const customer = await Customer.create(server, 10)
    const hook = await newHook(['credits.low'], { userId: customer.id })
    const alert = `/v1/admin/users/${customer.id}/low-balance`
    const url = receiver.url('/low')
    for (const threshold of [{ percent: 0 }, { percent: 101 }, { percent: 1.5 }, { share: 1 }, '20%', -1, null, [20]])
      expect((await server.json('PUT', alert, { threshold, url })).body.errors?.[0].path).toBe('threshold')
    const threshold = { percent: 90 }
    expect((await server.json('PUT', alert, { threshold, url })).body).toMatchObject({ threshold, url })
    expect((await server.json('GET', alert)).body).toEqual({ threshold, url })
    await customer.execute(QUERY)
    expect((await arrived(hook))[0]!.json.data).toEqual({ userId: customer.id, balance: 9, threshold: 9 })
    await server.json('POST', '/v1/admin/add-credits', { userId: customer.id, amount: 4 })
    for (let n = 0; n < 9; n++) await customer.execute(QUERY)
    await sleep(1_500)
    expect(receiver.at(hook.path)).toHaveLength(1)
    await customer.execute(QUERY)
    expect((await arrived(hook, 2))[1]!.json.data).toEqual({ userId: customer.id, balance: 3, threshold: 3 })
    await until(async () => expect(receiver.at('/low')).toHaveLength(2))
    const alerts = receiver.at('/low').map(({ json }) => [json.type, json.balance, json.threshold])
    expect(alerts).toEqual([
      ['credits.low', 9, 9],
      ['credits.low', 3, 3],
    ])
  })

  it('of plans tell what each new period brought', async () => {
    const hook = await newHook(['plan.renewed'])
    const plan = { name: 'webhook plan', credits: 7, every: 'month' }
    const { id: planId } = (await server.json('POST', '/v1/admin/plans', plan)).body
    const { id: userId } = await Customer.create(server, 0, { planId })
    const { type, data } = verified((await arrived(hook))[0]!, hook.secret)
    const { body } = await server.json('GET', `/v1/admin/users/${userId}/grants`)
    const { id: grantId, expiresAt: periodEnd, amount } = body.data[0]
    const expected = {
      userId,
      planId,
      plan: plan.name,
      credits: 7,
      grantId,
      periodStart: expect.any(String),
      periodEnd,
    }
    expect([type, amount, data]).toEqual(['plan.renewed', 7, expected])
    await sleep(1_500)
    expect(receiver.at(hook.path)).toHaveLength(1)
    await act(hook, 'DELETE')
  })

  it('are sent when their transaction is committed and not when it is rolled back', async () => {
    const hook = await newHook(['plan.renewed'])
    const session = await cluster.session()
    await session.query('BEGIN')
    await session.query(`SELECT webhooks_enqueue('plan.renewed', NULL, '{"n":1}')`)
    await session.query('ROLLBACK')
    await session.query('BEGIN')
    await session.query(`SELECT webhooks_enqueue('plan.renewed', NULL, '{"n":2}')`)
    await sleep(1_500)
    expect(receiver.at(hook.path)).toEqual([])
    await session.query('COMMIT')
    await session.end()
    expect((await arrived(hook)).map(({ json }) => json.data)).toEqual([{ n: 2 }])
    await act(hook, 'DELETE')
  })
})

describe('deliveries', () => {
  it('are sent again by hand under the same id, with the same body', async () => {
    const hook = await newHook(['plan.renewed'])
    receiver.answers.set(hook.path, (response, count) => response.writeHead(count === 1 ? 503 : 200).end())
    await enqueue(1)
    await until(async () => expect((await deliveriesOf(hook))[0].lastStatus).toBe(503))
    const [failed] = await deliveriesOf(hook)
    expect(failed).toMatchObject({ status: 'pending', lastError: 'the receiver responded with 503', attempts: 1 })
    const again = await act(hook, 'POST', `/deliveries/${failed.id}/resend`)
    expect([again.status, again.body.id]).toEqual([202, failed.id])
    await lasting(hook, 'delivered')
    expect((await act(hook, 'POST', `/deliveries/${failed.id}/resend`)).body).toMatchObject({ attempts: 0 })
    const tries = await arrived(hook, 3)
    expect(new Set(tries.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([failed.id]))
    expect(new Set(tries.map(({ body }) => body)).size).toBe(1)
    const unknown = `/deliveries/${hook.id}/resend`
    expect((await act(hook, 'POST', unknown)).status).toBe(404)
    await act(hook, 'DELETE')
  })

  it('are signed with both secrets while receivers change over, and with the new one at once where no time is given', async () => {
    const hook = await newHook(['credits.low'])
    const rotated = (await act(hook, 'POST', '/rotate')).body
    expect(Date.parse(rotated.previousSecretExpiresAt) - Date.now()).toBeGreaterThan(86_000_000)
    await act(hook, 'POST', '/test')
    const [both] = await arrived(hook)
    for (const secret of [hook.secret, rotated.secret]) verified(both!, secret)
    const last = (await act(hook, 'POST', '/rotate', { overlapSeconds: 0 })).body
    expect(last.previousSecretExpiresAt).toBeNull()
    await act(hook, 'POST', '/test')
    const [, one] = await arrived(hook, 2)
    verified(one!, last.secret)
    for (const secret of [hook.secret, rotated.secret]) expect(() => verified(one!, secret)).toThrow()
  })

  it('end with a receiver that is gone, until it is enabled', async () => {
    const hook = await newHook(['plan.renewed'])
    let gone = true
    receiver.answers.set(hook.path, (response, count) => response.writeHead(count === 1 || !gone ? 500 : 410).end())
    await enqueue(2)
    const disabled = await until(async () => {
      const { body } = await act(hook, 'GET')
      expect(body.status).toBe('disabled')
      return body
    })
    expect(disabled.disabledReason).toBe('The receiver responded with 410 Gone.')
    await until(async () => {
      const ends: any[] = await deliveriesOf(hook)
      // The one that got 500 is canceled, maybe before that is recorded.
      expect(ends.map(({ status }) => status).sort()).toEqual(['canceled', 'failed'])
      expect(ends.find(({ status }) => status === 'failed').lastStatus).toBe(410)
    })
    await enqueue(1)
    expect(await deliveriesOf(hook)).toHaveLength(2)
    expect((await act(hook, 'POST', '/test')).body).toMatchObject({ status: 409, code: 'CONFLICT' })
    gone = false
    receiver.answers.delete(hook.path)
    expect((await act(hook, 'PATCH', '', { status: 'active' })).body).toMatchObject({ disabledReason: null })
    const [{ id }] = await deliveriesOf(hook)
    await act(hook, 'POST', `/deliveries/${id}/resend`)
    await lasting(hook, 'delivered')
    await act(hook, 'DELETE')
  })

  it('of a webhook that does not answer hold no other up, and of an endless response nothing is read', async () => {
    const slow = await newHook(['plan.renewed'])
    receiver.answers.set(slow.path, () => undefined)
    await enqueue(100)
    await act(slow, 'PATCH', '', { events: ['credits.low'] })
    await arrived(slow, 4)
    const quick = await newHook(['plan.renewed'])
    receiver.answers.set(quick.path, (response) => {
      response.writeHead(200)
      const more = setInterval(() => response.write('x'.repeat(100_000)), 1)
      response.on('close', () => clearInterval(more))
    })
    await enqueue(20)
    await until(async () => {
      const rows = await deliveriesOf(quick)
      expect(rows.map(({ status }: any) => status)).toEqual(Array(20).fill('delivered'))
    })
    expect(new Set(receiver.at(slow.path).map(({ headers }) => headers['webhook-id'])).size).toBeLessThan(40)
    for (const hook of [slow, quick]) await act(hook, 'DELETE')
  })

  it('are counted in the metrics', async () => {
    const metrics = await (await server.fetch('/metrics')).text()
    expect(metrics).toMatch(/countinghouse_webhook_attempts_total\{event="plan.renewed",outcome="delivered"\} \d+/)
    expect(metrics).toMatch(/countinghouse_webhook_attempts_total\{event="plan.renewed",outcome="retried"\} \d+/)
    expect(metrics).toMatch(/countinghouse_webhook_attempt_duration_seconds_count\{outcome="delivered"\} \d+/)
  })
})

describe('kill -9', () => {
  it('in the middle of deliveries loses none and makes none twice: the same ids, whoever sends them', async () => {
    const hook = await newHook(['plan.renewed'])
    let held = true
    receiver.answers.set(hook.path, (response, count) => void ((!held || count <= 5) && response.end()))
    await enqueue(12)
    await arrived(hook, 8)
    const done = await until(async () => {
      const rows = (await deliveriesOf(hook)).filter(({ status }: any) => status === 'delivered')
      expect(rows).toHaveLength(5)
      return rows.map(({ id }: any) => id)
    })
    await server.kill()
    held = false
    server = await cluster.start(ENV)
    const rows = await until(async () => {
      const all = await deliveriesOf(hook)
      expect(all.map(({ status }: any) => status)).toEqual(Array(12).fill('delivered'))
      return all
    })
    const idsOf = (tries: ReceivedWebhook[]) => tries.map(({ headers }) => headers['webhook-id'])
    const tries = receiver.at(hook.path)
    expect(new Set(idsOf(tries))).toEqual(new Set(rows.map(({ id }: any) => id)))
    for (const id of done) expect(idsOf(tries).filter((each) => each === id)).toHaveLength(1)
    const numbers = new Map(tries.map((each) => [each.headers['webhook-id'], verified(each, hook.secret).data.n]))
    expect([...numbers.values()].sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, n) => n + 1))
    await act(hook, 'DELETE')
  })
})

describe('addresses that webhooks may not reach', () => {
  it('are refused, and not reached either when a name comes to point to them later', async () => {
    const strict = await cluster.start({ ...ENV, WEBHOOK_ALLOW_PRIVATE: 'false' })
    await server.stop({ keepData: true })
    server = strict
    const events = ['credits.low']
    for (const url of ['http://127.0.0.1/', 'http://localhost:8080/', 'http://10.1.2.3/', 'http://169.254.169.254/x']) {
      const { status, body } = await server.json('POST', HOOKS, { url, events })
      expect([status, body.errors[0].path], url).toEqual([400, 'url'])
    }
    const { body: hook } = await server.json('POST', HOOKS, { url: 'http://192.0.43.10/hook', events })
    expect((await server.json('PATCH', `${HOOKS}/${hook.id}`, { url: 'http://[::1]/' })).status).toBe(400)
    for (const host of ['127.0.0.1', 'localhost']) {
      await cluster.sql('UPDATE webhooks SET url = $2 WHERE id = $1', [hook.id, receiver.url('/rebound', host)])
      await server.json('POST', `${HOOKS}/${hook.id}/test`)
      const row = await lasting(hook, 'failed')
      expect(row).toMatchObject({ lastStatus: null, lastError: 'the address is private' })
    }
    expect(receiver.at('/rebound')).toEqual([])
  })
})
