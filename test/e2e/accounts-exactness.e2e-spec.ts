import { createHash, randomUUID } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Customer } from '../support/customer.js'
import { TestEngines } from '../support/engines.js'
import { startServer, type TestServer } from '../support/server.js'

const INSTANCES = 3
const ROOT_KEY = `ch_${'0123456789'.repeat(5).slice(0, 43)}`
const CREDITS = 3
const QUERY = { measures: ['transactions'] }

/** Several API processes on the same engines, as an operator would run them. */
describe('credits over three instances', () => {
  let dataDir: string
  let engines: TestEngines
  let apis: TestServer[] = []
  let api: TestServer

  beforeAll(async () => {
    engines = await TestEngines.start()
    dataDir = engines.dataDir
    const env = {
      QUERIES_IN_FLIGHT_PER_USER: '1000',
      ...engines.urls,
      ADMIN_API_KEY: createHash('sha256').update(ROOT_KEY).digest('hex'),
      RATE_LIMIT_PER_MINUTE: '100000',
      QUERY_TIMEOUT_SECONDS: '1',
    }
    const start = (): Promise<TestServer> => startServer({ env, dataDir, rootKey: ROOT_KEY })
    apis = await Promise.all(Array.from({ length: INSTANCES }, start))
    api = apis[0]!
  })
  afterEach(() => engines.signalClickhouse('SIGCONT'))
  afterAll(async () => {
    await Promise.all(apis.map((each) => each.stop({ keepData: true })))
    await engines?.stop()
  })

  const ledgerOf = async ({ id }: Customer) =>
    (await api.json('GET', `/v1/admin/users/${id}/ledger?limit=500`)).body.data as {
      type: string
      amount: number
      balanceAfter: number
      requestId: string
    }[]

  /** A query that no cache knows. */
  const uncachedQuery = () => ({
    ...QUERY,
    filters: [{ member: 'product_id', operator: 'equals', values: [randomUUID()] }],
  })

  const released: Customer[] = []

  const expectReleasedOnce = async (customer: Customer): Promise<void> => {
    await expect.poll(() => customer.credits()).toBe(CREDITS)
    released.push(customer)
    const entries = await ledgerOf(customer)
    expect(entries.toReversed().map(({ type, amount }) => [type, amount])).toEqual([
      ['grant', CREDITS],
      ['charge', -1],
      ['release', 1],
    ])
    expect(new Set(entries.slice(0, 2).map(({ requestId }) => requestId)).size).toBe(1)
  }

  it('gives exactly 100 answers and 402 for 400 of 500 parallel queries on 100 credits', async () => {
    const customer = await Customer.create(api, 100)
    const timedOut: Response[] = []
    await (await Customer.create(api, 1)).execute(QUERY)
    const responses = await Promise.all(
      Array.from({ length: 500 }, async (_, n) => {
        customer.moveTo(apis[n % INSTANCES]!)
        // Cached ones are charged without a reservation, others with one.
        for (;;) {
          const response = await customer.query(n % 5 ? QUERY : uncachedQuery())
          await response.arrayBuffer()
          // On a busy machine a query may take longer than it may: its credit is released, and it is sent again.
          if (response.status !== 504) return response
          timedOut.push(response)
        }
      }),
    )

    const statuses = responses.map(({ status }) => status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(100)
    expect(statuses.filter((status) => status === 402)).toHaveLength(400)
    const answered = responses.filter(({ status }) => status === 200)
    const remaining = answered.map(({ headers }) => Number(headers.get('x-credits-remaining')))
    if (timedOut.length === 0) expect(remaining.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, n) => n))
    const entries = await ledgerOf(customer)
    const requestsOf = (type: string) =>
      entries.filter((entry) => entry.type === type).map(({ requestId }) => requestId)
    const idsOf = (of: Response[]) => of.map(({ headers }) => headers.get('x-request-id'))
    expect(requestsOf('charge').sort()).toEqual(idsOf([...answered, ...timedOut]).sort())
    expect(requestsOf('release').sort()).toEqual(idsOf(timedOut).sort())
    expect(entries).toHaveLength(1 + 100 + 2 * timedOut.length)
    expect(await customer.credits()).toBe(0)
  })

  it('releases once when the client goes away', async () => {
    const customer = await Customer.create(api, CREDITS)
    engines.signalClickhouse('SIGSTOP')
    const leaving = httpRequest(`${apis[1]!.url}/v1/query`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': customer.key },
    })
    leaving.on('error', () => undefined)
    leaving.end(JSON.stringify({ dataset: 'transactions', ...uncachedQuery() }))
    await expect.poll(() => customer.credits(), { interval: 20 }).toBe(2)
    leaving.destroy()
    await expect.poll(() => customer.credits(), { interval: 20 }).toBe(3)
    engines.signalClickhouse('SIGCONT')
    await expectReleasedOnce(customer)
  })

  it('releases once when the query takes too long, also when the engine hangs', async () => {
    const customer = await Customer.create(api, CREDITS)
    engines.signalClickhouse('SIGSTOP')
    const response = await customer.query(uncachedQuery())
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([504, 'QUERY_TIMEOUT'])
    expect(response.headers.get('x-credits-charged')).toBeNull()
    expect(await customer.credits()).toBe(3)
    engines.signalClickhouse('SIGCONT')
    await expectReleasedOnce(customer)
  })

  it('releases once when the engine dies over the query', async () => {
    const customer = await Customer.create(api, CREDITS)
    engines.signalClickhouse('SIGSTOP')
    const asking = customer.query(uncachedQuery())
    await expect.poll(() => customer.credits(), { interval: 20 }).toBe(2)
    engines.signalClickhouse('SIGKILL')
    expect((await asking).status).toBe(503)
    await expectReleasedOnce(customer)
  })

  it('leaves it at one release when the reconcilers have looked at it too', async () => {
    await sleep(6_000)
    expect(released).toHaveLength(3)
    for (const customer of [...released]) await expectReleasedOnce(customer)
  })

  it('does not see a credit one millisecond after it expired, wherever it is shown', { retry: 3 }, async () => {
    const customer = await Customer.create(api, 0)
    const expiresAtMs = Date.now() + 2_500
    const expiresAt = new Date(expiresAtMs).toISOString()
    await api.json('POST', '/v1/admin/add-credits', { userId: customer.id, amount: 5, expiresAt })
    expect((await customer.query(QUERY)).headers.get('x-credits-remaining')).toBe('4')
    expect(await customer.credits()).toBe(4)
    while (Date.now() < expiresAtMs + 1) await sleep(1)

    const shown = await Promise.all([
      customer.credits(),
      api.json('GET', `/v1/admin/users/${customer.id}`).then(({ body }) => body.credits),
      api
        .json('GET', '/v1/admin/users?limit=500')
        .then(({ body }) => body.data.find(({ id }: { id: string }) => id === customer.id).credits),
      api.json('GET', `/v1/admin/users/${customer.id}/grants`).then(({ body }) => body.data[0].remaining),
      customer.query(QUERY).then(({ status }) => status),
    ])
    expect(shown).toEqual([0, 0, 0, 0, 402])
    const entries = await ledgerOf(customer)
    expect(entries[0]).toMatchObject({ type: 'expire', amount: -4, balanceAfter: 0 })
    expect(entries).toHaveLength(3)
  })
})
