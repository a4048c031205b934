import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Customer } from '../support/customer.js'
import { startCluster, type TestCluster } from '../support/cluster.js'
import type { TestServer } from '../support/server.js'
import { until } from '../support/until.js'
import { upload } from '../support/upload.js'

const ORDERS = {
  name: 'orders',
  title: 'Orders',
  columns: [
    { name: 'line', type: 'integer', required: true },
    { name: 'shop', type: 'text', lowCardinality: true },
    { name: 'amount', type: 'decimal' },
  ],
  key: ['line'],
  measures: [{ name: 'revenue', type: 'sum', column: 'amount' }],
  price: { query: 3 },
}
const ROWS = ['line,shop,amount', '1,Rome,10.50', '2,Oslo,12345678901234567890.1234', '3,Oslo,4.00']
const BY_SHOP = {
  title: 'Revenue by shop',
  description: 'What each shop sold',
  query: {
    dataset: 'orders',
    measures: ['revenue'],
    dimensions: ['shop'],
    filters: [{ member: 'shop', operator: 'equals', values: [{ param: 'shop' }] }],
  },
  parameters: [{ name: 'shop', type: 'text', required: true, values: ['Rome', 'Oslo', 'Bonn'] }],
  costCredits: 2,
}

let cluster: TestCluster
let server: TestServer
let customer: Customer
const clients: Client[] = []

async function clientOf(key: string): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' })
  const requestInit = { headers: { 'x-api-key': key } }
  await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`), { requestInit }))
  clients.push(client)
  return client
}

/** The texts of a tool's result, and whether it says that it is an error. */
async function called(client: Client, name: string, given: Record<string, unknown> = {}) {
  const { content, isError = false } = await client.callTool({ name, arguments: given })
  return { isError, texts: (content as { text: string }[]).map(({ text }) => text) }
}

const logged = async (userId: string, endpoint: string): Promise<string[]> => {
  const { data } = (await server.json('GET', `/v1/admin/logs?userId=${userId}&endpoint=${endpoint}`)).body
  return data.map(({ method, status }: any) => `${method} ${status}`)
}

/** Queries with their status and what they cost. */
const requestsOf = async (userId: string): Promise<string[]> => {
  const { data } = (await server.json('GET', `/v1/admin/logs?userId=${userId}&endpoint=/v1/query`)).body
  return data.map(({ method, status, creditsCharged }: any) => `${method} ${status} ${creditsCharged}`)
}
/** The amounts in the ledger, oldest first. */
const ledgerOf = async (userId: string): Promise<number[]> => {
  const { data } = (await server.json('GET', `/v1/admin/users/${userId}/ledger`)).body
  return data.map(({ amount }: any) => amount).reverse()
}

beforeAll(async () => {
  cluster = await startCluster()
  server = await cluster.start({ RATE_LIMIT_PER_MINUTE: '100000' })
  customer = await Customer.create(server, 1_000)
  expect((await server.json('POST', '/v1/admin/datasets', ORDERS)).status).toBe(201)
  await upload(server, `${ROWS.join('\n')}\n`, { dataset: 'orders', format: 'csv' })
  expect((await server.json('PUT', '/v1/admin/endpoints/by-shop', BY_SHOP)).status).toBe(200)
})

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()))
})

afterAll(async () => {
  await cluster?.stop()
})

describe('an agent', () => {
  it('lists the tools, finds its way and asks, for what REST costs', async () => {
    const client = await clientOf(customer.key)
    expect(client.getServerVersion()).toMatchObject({ name: 'countinghouse' })
    expect(client.getInstructions()).toContain('list_datasets')
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toEqual([
      ...['list_datasets', 'describe_dataset', 'query', 'dry_run', 'by-shop'],
    ])
    expect(tools.at(-1)).toMatchObject({
      title: 'Revenue by shop',
      description:
        'Revenue by shop. What each shop sold. Gives rows of shop (text), revenue (decimal). Costs 2 credits; a refusal or failure costs nothing.',
      inputSchema: { required: ['shop'], additionalProperties: false },
    })

    const before = await customer.credits()
    const listed = JSON.parse((await called(client, 'list_datasets')).texts[0]!)
    expect(listed.datasets.find(({ name }: any) => name === 'orders')).toMatchObject({
      ...{ title: 'Orders', rowCount: 3, measures: ['rows', 'revenue'], dimensions: ['line', 'shop', 'amount'] },
    })
    const described = JSON.parse((await called(client, 'describe_dataset', { name: 'orders' })).texts[0]!)
    expect(described.members).toContainEqual(expect.objectContaining({ name: 'revenue', type: 'decimal' }))
    const values = await called(client, 'describe_dataset', { name: 'orders', member: 'shop', search: 'os' })
    expect(JSON.parse(values.texts[0]!).data).toEqual(['Oslo'])
    const query = { dataset: 'orders', measures: ['revenue'], dimensions: ['shop'], order: [['revenue', 'desc']] }
    const dry = JSON.parse((await called(client, 'dry_run', query)).texts[0]!)
    expect(dry).toMatchObject({ costCredits: 3 })
    expect(await customer.credits()).toBe(before)

    const { texts, isError } = await called(client, 'query', query)
    expect(isError).toBe(false)
    expect(texts[0]).toContain('{"shop":"Oslo","revenue":12345678901234567894.1234}')
    expect(JSON.parse(texts[0]!).credits).toEqual({ charged: 3, remaining: before - 3 })
    const ofEndpoint = await called(client, 'by-shop', { shop: 'Rome' })
    expect(JSON.parse(ofEndpoint.texts[0]!)).toMatchObject({
      ...{ data: [{ shop: 'Rome', revenue: 10.5 }], credits: { charged: 2, remaining: before - 5 } },
    })
    const several = await called(client, 'by-shop', { shop: ['Rome', 'Oslo'] })
    expect(JSON.parse(several.texts[0]!).data).toHaveLength(2)
    await until(async () => {
      expect(await logged(customer.id, '/v1/query')).toEqual(['POST 200'])
      expect(await logged(customer.id, '/v1/endpoints/:name')).toEqual(['GET 200', 'GET 200'])
      expect(await logged(customer.id, '/mcp')).toContain('POST 200')
    })
  })

  it('is told what was wrong, what is near, and that it cost nothing', async () => {
    const client = await clientOf(customer.key)
    const before = await customer.credits()
    const wrong: [string, Record<string, unknown>, RegExp][] = [
      ['query', { dataset: 'orders', measures: ['revenu'] }, /measures\[0\]: .*Did you mean "revenue"/],
      ['query', { dataset: 'order' }, /Did you mean "orders"/],
      [
        'query',
        { dataset: 'orders', measures: ['rows'], nonsense: 1 },
        /nonsense: is not an argument of query\. Use dataset, measures/,
      ],
      ['query', { dataset: 'orders', select: ['line'], limit: 1_001 }, /at most 1000 rows .* page with/],
      ['dry_run', {}, /dataset: is required: a text, see list_datasets/],
      ['describe_dataset', { name: 'ordrs' }, /Did you mean "orders".*\n.*name: Unknown dataset "ordrs".* Use /],
      ['describe_dataset', { name: '../admin/users' }, /NOT_FOUND/],
      ['by-shop', {}, /shop: is required: Use Rome, Oslo or Bonn/],
      ['by-shop', { shop: 'Paris' }, /"Paris" is not allowed/],
      ['by-shop', { shop: 'Rome', limit: 3 }, /limit: is not an argument of by-shop\. Use shop/],
      ['by-shop', { shop: 'Rome', format: 'parquet' }, /format: is not an argument of by-shop\. Use shop/],
      ['by-shop', { shop: { Rome: 1 } }, /shop: must be a text or a list, each a text/],
      ['list_datasets', { search: 'x' }, /search: is not an argument of list_datasets\. It takes none/],
      ['describe_dataset', {}, /name: is required: a text, the name of the dataset/],
      ['describe_dataset', { name: null }, /name: is required/],
      ['describe_dataset', { dataset: 'x' }, /dataset: is not an argument of describe_dataset.*\nname: is required/],
      ['describe_dataset', { name: '..' }, /name: there is no dataset "\.\."/],
      ['describe_dataset', { name: '' }, /name: there is no dataset ""/],
      ['describe_dataset', { name: 'orders', member: '.' }, /member: there is no member "\."/],
      [
        'describe_dataset',
        { name: 'orders', member: 'shp' },
        /Did you mean "shop"\?.*\n.*Unknown member "shp".* Use line, shop or amount/,
      ],
      ['describe_dataset', { name: 'orders', search: 'x' }, /search: needs "member"/],
      ['query', { dataset: 'orders', measures: 'revenue' }, /measures: must be a list, each a text/],
      ['by_shop', {}, /Unknown tool "by_shop"\. Did you mean "by-shop"/],
    ]
    for (const [name, given, message] of wrong) {
      const { isError, texts } = await called(client, name, given)
      expect(texts.join('\n'), `${name} ${JSON.stringify(given)}`).toMatch(message)
      expect(isError).toBe(true)
    }
    expect(await customer.credits()).toBe(before)
  })

  it('learns from a 402 what is missing, and from a 429 how long to wait', async () => {
    const poor = await Customer.create(server, 2)
    const client = await clientOf(poor.key)
    const { isError, texts } = await called(client, 'query', { dataset: 'orders', measures: ['revenue'] })
    expect(isError).toBe(true)
    expect(texts[0]).toContain(
      'Insufficient Credits (INSUFFICIENT_CREDITS): This request costs 3 credits and the balance is 2.',
    )
    expect(texts[0]).toContain('required: 3\nbalance: 2\nNothing was charged.')
    expect((await called(client, 'by-shop', { shop: 'Rome' })).isError).toBe(false)
    const slow = await clientOf((await Customer.create(server, 100, { rateLimitPerMinute: 1 })).key)
    expect((await called(slow, 'by-shop', { shop: 'Rome' })).isError).toBe(false)
    const limited = await called(slow, 'by-shop', { shop: 'Rome' })
    expect(limited).toMatchObject({ isError: true, texts: [expect.stringMatching(/RATE_LIMITED.*\n.*Wait \d+ s/s)] })
  })

  it('sees what its access names, and nothing else', async () => {
    const access = { endpoints: ['by-shop'] }
    const client = await clientOf((await Customer.create(server, 100, { access })).key)
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toContain('by-shop')
    expect(JSON.parse((await called(client, 'list_datasets')).texts[0]!)).toEqual({ datasets: [] })
    expect((await called(client, 'query', { dataset: 'orders', measures: ['revenue'] })).isError).toBe(true)
    expect((await called(client, 'by-shop', { shop: 'Rome' })).isError).toBe(false)
    const other = await clientOf(
      (await Customer.create(server, 100, { access: { datasets: { orders: { members: ['revenue'] } } } })).key,
    )
    expect((await other.listTools()).tools.map(({ name }) => name)).not.toContain('by-shop')
    expect((await called(other, 'by-shop', { shop: 'Rome' })).texts[0]).toMatch(/^Unknown tool/)
    const { datasets } = JSON.parse((await called(other, 'list_datasets')).texts[0]!)
    expect(datasets).toEqual([expect.objectContaining({ name: 'orders', measures: ['revenue'], dimensions: [] })])
  })

  it('gives an endpoint another name where a tool has it', async () => {
    await server.json('PUT', '/v1/admin/endpoints/query', { ...BY_SHOP, title: 'Clash' })
    const client = await clientOf(customer.key)
    const { tools } = await client.listTools()
    expect(tools.filter(({ name }) => name === 'query')).toHaveLength(1)
    expect(tools.find(({ name }) => name === 'endpoint_query')).toMatchObject({ title: 'Clash' })
    expect((await called(client, 'endpoint_query', { shop: 'Rome' })).isError).toBe(false)
    await server.json('DELETE', '/v1/admin/endpoints/query')
  })

  it('gets whole rows of a long result, and how to page', async () => {
    const rows = Array.from({ length: 900 }, (_, n) => `${n + 100},${'x'.repeat(100)}${n},1`)
    await upload(server, `line,shop,amount\n${rows.join('\n')}\n`, { dataset: 'orders', format: 'csv' })
    const client = await clientOf(customer.key)
    const query = { dataset: 'orders', select: ['line', 'shop'], limit: 800, filters: [] }
    const { texts } = await called(client, 'query', query)
    const { data, page } = JSON.parse(texts[0]!)
    expect(page.returned).toBe(800)
    expect(texts[1]).toContain(`Only the first ${data.length} of 800 rows are shown.`)
    const next = await called(client, 'query', { ...query, limit: 1, offset: data.length })
    expect(JSON.parse(next.texts[0]!).data[0].line).toBe(data.at(-1).line + 1)
  })
})

describe('two agents at once', () => {
  it('get their own answers, also to calls with the same id', async () => {
    const [one, two] = [await clientOf(customer.key), await clientOf((await Customer.create(server, 100)).key)]
    const asked = Array.from({ length: 10 }, (_, n) => [n % 2 ? one : two, n % 3 ? 'Rome' : 'Oslo'] as const)
    const answers = await Promise.all(asked.map(([client, shop]) => called(client, 'by-shop', { shop })))
    for (const [index, { texts }] of answers.entries())
      expect(JSON.parse(texts[0]!).data[0].shop).toBe(asked[index]![1])
  })

  it.each<[string, (client: Client, abort: AbortController) => unknown]>([
    ['that is canceled', (_client, abort) => abort.abort('enough')],
    ['whose client leaves', (client) => client.close()],
  ])('a call %s gives the credits back', async (_what, end) => {
    const own = await Customer.create(server, 10)
    const client = await clientOf(own.key)
    const abort = new AbortController()
    // It was paused before, maybe, and what was asked then may still be refused.
    const fresh = { 'content-type': 'application/json', 'cache-control': 'no-cache' }
    const body = JSON.stringify({ dataset: 'orders', measures: ['rows'] })
    const ask = () => server.fetch('/v1/query', { method: 'POST', headers: fresh, body })
    await until(async () => expect((await ask()).status).toBe(200))
    cluster.pauseClickhouse()
    try {
      const given = { dataset: 'orders', measures: ['rows'], filters: [], limit: 7 + Math.floor(Math.random() * 900) }
      const call = client.callTool({ name: 'query', arguments: given }, undefined, { signal: abort.signal })
      const ended = call.then(
        (result) => expect.unreachable(JSON.stringify(result)),
        () => undefined,
      )
      await until(async () => expect(await own.credits()).toBe(7))
      await end(client, abort)
      await ended
      await until(async () => expect(await own.credits()).toBe(10))
      await until(async () => expect(await requestsOf(own.id)).toEqual(['POST 499 0']))
      expect(await ledgerOf(own.id)).toEqual([10, -3, 3])
    } finally {
      cluster.resumeClickhouse()
    }
  })
})

describe('POST /mcp', () => {
  const post = (body: unknown, headers: Record<string, string> = {}, key: string | null = customer.key) =>
    server.fetch('/mcp', {
      ...{ method: 'POST', key },
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' }

  it('takes a key as every route does, and no session', async () => {
    expect((await post(list, {}, null)).status).toBe(401)
    expect((await post(list, {}, `ch_${'x'.repeat(43)}`)).status).toBe(401)
    const bearer = await post(list, { authorization: `Bearer ${customer.key}` }, null)
    expect(bearer.status).toBe(200)
    expect(bearer.headers.get('cache-control')).toBe('no-store')
    const session = await server.fetch('/v1/session', {
      ...{ method: 'POST', key: null, body: JSON.stringify({ apiKey: customer.key }) },
      headers: { 'content-type': 'application/json' },
    })
    const cookie = session.headers.get('set-cookie')!.split(';')[0]!
    expect((await post(list, { cookie, origin: server.url }, null)).status).toBe(401)
    expect((await post(list, { origin: 'https://evil.example' })).status).toBe(403)
  })

  it('answers with JSON, and refuses what is no message', async () => {
    const answer = await post(list, { accept: 'application/json' })
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/)
    expect(((await answer.json()) as any).result.tools.length).toBeGreaterThan(3)
    expect((await post({ jsonrpc: '2.0', method: 'notifications/initialized' })).status).toBe(202)
    for (const wrong of [{}, { jsonrpc: '1.0', id: 1, method: 'x' }, 'null'])
      expect((await post(wrong)).status, JSON.stringify(wrong)).toBe(400)
    expect((await post('{')).status).toBe(400)
    expect((await post('x'.repeat(1_100_000))).status).toBe(413)
    const unknown = (await (await post({ ...list, method: 'tools/lst' })).json()) as any
    expect(unknown.error.code).toBe(-32601)
    for (const method of ['GET', 'DELETE']) {
      const refused = await server.fetch('/mcp', { method, key: customer.key })
      expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'POST'])
    }
  })
})
