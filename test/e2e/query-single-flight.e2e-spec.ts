import { request as httpRequest, type IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startCluster, type TestCluster } from '../support/cluster.js'
import { Customer } from '../support/customer.js'
import { redisInstalled, TestRedis } from '../support/redis.js'
import type { TestServer } from '../support/server.js'
import { until } from '../support/until.js'
import { ClickHouseSpy } from '../support/clickhouse-spy.js'

const ROWS = 1_000_000
const FORMATS = [
  'text/csv',
  'application/x-ndjson',
  'application/vnd.apache.parquet',
  'application/vnd.apache.arrow.stream',
]
/** Parquet leaves the engine in groups of a million rows, so that nothing is on its way before most is done. */
const STREAMED = FORMATS.filter((format) => !format.endsWith('parquet'))
const EVERYTHING = {
  select: [
    'transaction_id',
    'transaction_date',
    'user_id',
    'country',
    'product_id',
    'category',
    'price',
    'total_price',
  ],
}
const withRedis = redisInstalled()

let cluster: TestCluster
let engine: ClickHouseSpy
let redis: TestRedis | undefined
/** one on its own, and one whose queries may take four seconds */
let server: TestServer
let hasty: TestServer
/** three that share Redis, with little memory for a query */
let instances: TestServer[] = []

beforeAll(async () => {
  cluster = await startCluster()
  engine = await ClickHouseSpy.before(cluster.urls.CLICKHOUSE_URL)
  redis = withRedis ? await TestRedis.start() : undefined
  const env = {
    CLICKHOUSE_URL: engine.url,
    RATE_LIMIT_PER_MINUTE: '100000',
    REDIS_URL: redis?.url ?? '',
    // A read that turns out to need FINAL is a second statement, and statements are what is counted here.
    QUERY_ACCELERATORS: 'false',
  }
  const start = (more: Record<string, string>) => cluster.start({ ...env, ...more })
  server = await start({ REDIS_URL: '' })
  hasty = await start({ REDIS_URL: '', QUERY_TIMEOUT_SECONDS: '4' })
  const limited = { QUERY_MAX_MEMORY_BYTES: String(60 * 1024 * 1024) }
  if (redis) instances = await Promise.all([1, 2, 3].map(() => start(limited)))
  await cluster.clickhouse(`INSERT INTO transactions SELECT 'T' || leftPad(toString(number), 9, '0'),
    toDate32('2022-01-01') + number % 1000, 'u' || toString(number % 5000), ['Germany', 'France'][number % 2 + 1], '',
    'p' || toString(number % 500), repeat('The product with the number ' || toString(number % 500) || '. ', 20), 'Toys',
    1.5, 2, 3, 5, NULL, number, 0 FROM numbers(${ROWS})`)
  await cluster.clickhouse('OPTIMIZE TABLE transactions FINAL')
})
afterAll(async () => {
  engine?.release()
  await cluster?.stop()
  await engine?.close()
  await redis?.stop()
})

/** A query that no other test sends, by a text that is found in the engine's parameters. */
const queryOf = (text: string) => ({
  measures: ['transactions'],
  filters: [{ member: 'country', operator: 'equals', values: ['Germany', text] }],
})

/**
 * A query that takes two cores some twenty seconds, told from others by its limit: it looks for 60 texts in long ones, of
 * all rows, four times. Of long texts the engine puts few into a block, and it stops between two blocks.
 */
const slowQuery = (limit: number) => ({
  select: ['transaction_id'],
  timeDimension: {
    dimension: 'transaction_date',
    compareDateRange: [2031, 2032, 2033, 2034].map((year) => ['2022-01-01', `${year}-12-31`]),
  },
  filters: [
    {
      member: 'product_name',
      operator: 'contains',
      values: Array.from({ length: 60 }, (_unused, index) => `nothing like ${index}`),
    },
  ],
  limit,
})

/** The engine prints statements with parameters in its own way. */
const isStatement = (limit: number) => `match(query, 'LIMIT (0, )?${limit} *(OFFSET|FORMAT)')`
const running = (limit: number) =>
  cluster.clickhouse(`SELECT count() FROM system.processes WHERE ${isStatement(limit)}`).then(Number)

const isRunning = (limit: number) => until(async () => expect(await running(limit)).toBe(1))
/** The engine shows no running query a second later, and this is what the customer has. */
const isStopped = (limit: number, customer: Customer, credits: number) =>
  until(async () => {
    expect(await running(limit)).toBe(0)
    expect(await customer.credits()).toBe(credits)
  }, 1_000)

/**
 * Resolves when the engine has been told to stop the query. KILL QUERY itself answers when the query has handed over what
 * it wrote so far, and that waits for a reader: one who waits for its answer first would wait for ever.
 */
async function killed(limit: number): Promise<void> {
  void cluster.clickhouse(`KILL QUERY WHERE ${isStatement(limit)}`).catch(() => undefined)
  const goingOn = `SELECT countIf(NOT is_cancelled) FROM system.processes WHERE ${isStatement(limit)}`
  await until(async () => expect(await cluster.clickhouse(goingOn)).toBe('0'))
}

/** A request whose connection the test holds in its hand. */
function asking(of: TestServer, key: string, query: object, accept = 'application/json') {
  const request = httpRequest(`${of.url}/v1/query`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key, accept },
  })
  const answer = new Promise<IncomingMessage>((resolve) => request.once('response', resolve))
  request.on('error', () => undefined)
  request.end(JSON.stringify({ dataset: 'transactions', ...query }))
  return { request, answer }
}

describe('equal queries at the same time', () => {
  async function queryAllInstances(servers: TestServer[], text: string): Promise<void> {
    const each = 200 / servers.length
    const customer = await Customer.create(server, 200)
    engine.hold()
    const answers = servers.flatMap((asked) =>
      Array.from({ length: each }, () =>
        asked.json('POST', '/v1/query', { dataset: 'transactions', ...queryOf(text) }, customer.key),
      ),
    )
    // Everybody is there and has paid before the engine begins.
    await until(async () => expect(await customer.credits()).toBe(0), 60_000)
    engine.release()
    for (const { status, body } of await Promise.all(answers)) {
      expect(status, JSON.stringify(body)).toBe(200)
      expect(body.data).toEqual([{ transactions: ROWS / 2 }])
      expect(body.credits.charged).toBe(1)
    }
    expect(engine.count(text)).toBe(1)
    expect(await customer.credits()).toBe(0)
  }

  it('are one query of the engine, paid by everybody', () => queryAllInstances([server], 'one-process'))

  it.skipIf(!withRedis)('are one query of the engine over several instances', () =>
    queryAllInstances([instances[0]!, instances[1]!, instances[2]!, instances[0]!], 'three-instances'),
  )

  it.skipIf(!withRedis)('fail together, and cost nobody anything', async () => {
    const customer = await Customer.create(server, 30)
    const text = 'too-much-for-everybody'
    const query = {
      dataset: 'transactions',
      measures: ['unique_users', 'revenue'],
      dimensions: ['transaction_id', 'product_name'],
      filters: [{ member: 'country', operator: 'notEquals', values: [text] }],
    }
    engine.hold()
    const answers = Array.from({ length: 30 }, (_unused, index) =>
      instances[index % 3]!.json('POST', '/v1/query', query, customer.key),
    )
    await until(async () => expect(await customer.credits()).toBe(0), 60_000)
    engine.release()
    for (const { status, body } of await Promise.all(answers)) {
      expect({ status, detail: body.detail }).toEqual({
        status: 503,
        detail: expect.stringContaining('needs more memory or rows than is allowed'),
      })
    }
    expect(engine.count(text)).toBe(1)
    expect(await customer.credits()).toBe(30)
  })

  it('execute each on ClickHouse with Cache-Control: no-cache', async () => {
    const customer = await Customer.create(server, 3)
    const text = 'fresh'
    for (const cached of [false, true]) {
      expect((await customer.execute(queryOf(text))).query.cached).toBe(cached)
    }
    const fresh = await customer.query(queryOf(text), { 'cache-control': 'no-cache' })
    expect(await fresh.json()).toMatchObject({ query: { cached: false } })
    expect(engine.count(text)).toBe(2)
  })

  it('go on for the one who stays', async () => {
    const [leaving, staying] = [await Customer.create(server, 1), await Customer.create(server, 1)]
    const text = 'for-two'
    engine.hold()
    const { request } = asking(server, leaving.key, queryOf(text))
    await until(async () => expect(engine.count(text)).toBe(1))
    const answer = staying.query(queryOf(text))
    await until(async () => expect(await staying.credits()).toBe(0))
    request.destroy()
    await until(async () => expect(await leaving.credits()).toBe(1))
    engine.release()
    expect((await answer).status).toBe(200)
    expect(engine.count(text)).toBe(1)
  })
})

describe('a client who leaves', { retry: 3 }, () => {
  it.each(['application/json', ...FORMATS])('stops the engine’s work and gets the credit back: %s', async (accept) => {
    const customer = await Customer.create(server, 1)
    const limit = 4711 + FORMATS.indexOf(accept)
    const { request } = asking(server, customer.key, slowQuery(limit), accept)
    await isRunning(limit)
    expect(await customer.credits()).toBe(0)
    request.destroy()
    await isStopped(limit, customer, 1)
  })

  it.each(STREAMED)('stops a stream in its middle, which stays paid: %s', async (accept) => {
    const customer = await Customer.create(server, 1)
    const limit = ROWS - 1 - FORMATS.indexOf(accept)
    const { request, answer } = asking(server, customer.key, { ...EVERYTHING, limit }, accept)
    await new Promise((resolve) => void answer.then((body) => body.once('readable', resolve)))
    await isRunning(limit)
    request.destroy()
    await isStopped(limit, customer, 0)
    const log = await until(async () => {
      const { data } = (await server.json('GET', `/v1/admin/logs?userId=${customer.id}&status=499`)).body
      expect(data).toHaveLength(1)
      return data
    })
    expect(log).toMatchObject([{ endpoint: '/v1/query', creditsCharged: 1 }])
  })
})

describe('a query that takes too long', () => {
  it('is 504 and costs nothing', async () => {
    const customer = await Customer.create(server, 1)
    customer.moveTo(hasty)
    const response = await customer.query(slowQuery(5000))
    expect(response.status).toBe(504)
    expect(await response.json()).toMatchObject({ code: 'QUERY_TIMEOUT' })
    expect(await customer.credits()).toBe(1)
  })

  it('is none whose reader takes long', async () => {
    const customer = await Customer.create(server, 1)
    const { answer } = asking(hasty, customer.key, EVERYTHING, 'text/csv')
    let lines = 0
    let hasPaused = false
    for await (const chunk of (await answer) as AsyncIterable<Buffer>) {
      for (const byte of chunk) if (byte === 0x0a) lines++
      if (!hasPaused) await sleep(8000)
      hasPaused = true
    }
    expect(lines).toBe(ROWS + 1)
    await until(async () => expect(await customer.credits()).toBe(0))
  })
})

describe('a query that fails in the middle of its stream', () => {
  it.each(STREAMED)('breaks the connection off, without the engine’s words, and costs nothing: %s', async (accept) => {
    const customer = await Customer.create(server, 1)
    const limit = ROWS - 10 - FORMATS.indexOf(accept)
    const { answer } = asking(server, customer.key, { ...EVERYTHING, limit }, accept)
    const body = await answer
    expect(body.statusCode).toBe(200)
    const chunks: Buffer[] = []
    const reading = async (): Promise<void> => {
      for await (const chunk of body as AsyncIterable<Buffer>) {
        // The rest waits for a reader, in the engine too.
        if (chunks.length === 0) await killed(limit)
        chunks.push(chunk)
      }
    }
    await expect(reading()).rejects.toThrow('aborted')
    expect(body.complete).toBe(false)
    const bytes = Buffer.concat(chunks)
    for (const words of ['Exception', '__exception__', 'CANCELLED']) expect(bytes.indexOf(words)).toBe(-1)
    await until(async () => expect(await customer.credits()).toBe(1))
  })
})
