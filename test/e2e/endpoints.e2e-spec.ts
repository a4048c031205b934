import { lintFromString, createConfig } from '@redocly/openapi-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Customer } from '../support/customer.js'
import { TestEngines } from '../support/engines.js'
import { startServer, type TestServer } from '../support/server.js'
import { until } from '../support/until.js'
import { upload } from '../support/upload.js'

const COLUMNS = [
  { name: 'line', type: 'integer', required: true },
  { name: 'shop', type: 'text', lowCardinality: true },
  { name: 'day', type: 'date' },
  { name: 'amount', type: 'decimal' },
  { name: 'paid', type: 'boolean' },
]
const ORDERS = {
  name: 'orders',
  columns: COLUMNS,
  key: ['line'],
  measures: [{ name: 'revenue', type: 'sum', column: 'amount' }],
  price: { query: 3, export: 5 },
}
const ROWS = [
  'line,shop,day,amount,paid',
  '1,Rome,2024-01-05,10.50,true',
  '2,Oslo,2024-02-05,0.25,false',
  '3,Oslo,2024-03-05,4.00,true',
  '4,Bonn,2024-03-06,100.10,true',
]

const p = (param: string) => ({ param })
const BY_SHOP = {
  title: 'Revenue by shop',
  query: {
    dataset: 'orders',
    measures: ['revenue', 'rows'],
    dimensions: ['shop'],
    filters: [
      { member: 'shop', operator: 'equals', values: [p('shop')] },
      { member: 'paid', operator: 'equals', values: [p('paid')] },
      { member: 'revenue', operator: 'gte', values: [p('least')] },
    ],
    timeDimension: { dimension: 'day', dateRange: [p('from'), p('to')] },
    order: [['shop', 'asc']],
    limit: p('limit'),
  },
  parameters: [
    { name: 'shop', type: 'text', required: false, description: 'Where it was sold' },
    { name: 'paid', type: 'boolean', required: false },
    { name: 'least', type: 'number', default: 0 },
    { name: 'from', type: 'date', required: false },
    { name: 'to', type: 'date', required: false },
    { name: 'limit', type: 'number', default: 50, values: [1, 2, 50] },
  ],
  costCredits: 2,
}

let engines: TestEngines
let server: TestServer
let other: TestServer
let customer: Customer

const admin = '/v1/admin/endpoints'
const put = (name: string, body: object) => server.json('PUT', `${admin}/${name}`, body)
const call = (path: string, key = customer.key) => server.json('GET', `/v1/endpoints/${path}`, undefined, key)
const pathsOf = (body: any): string[] => body.errors.map(({ path }: { path: string }) => path)
const shopsOf = (body: any): string[] => body.data.map(({ shop }: { shop: string }) => shop)

const file = async (path: string) => (await server.fetch(`/v1/endpoints/${path}`, { key: customer.key })).arrayBuffer()

async function paid(work: () => Promise<unknown>): Promise<number> {
  const before = await customer.credits()
  await work()
  return before - (await customer.credits())
}

beforeAll(async () => {
  engines = await TestEngines.start()
  const env = { ...engines.urls, RATE_LIMIT_PER_MINUTE: '100000' }
  server = await startServer({ env })
  other = await startServer({ env, rootKey: server.rootKey })
  customer = await Customer.create(server, 100_000)
  expect((await server.json('POST', '/v1/admin/datasets', ORDERS)).status).toBe(201)
  await upload(server, `${ROWS.join('\n')}\n`, { dataset: 'orders', format: 'csv' })
  expect((await put('by-shop', BY_SHOP)).status).toBe(200)
})

afterAll(async () => {
  await other?.stop()
  await server?.stop()
  await engines?.stop()
})

describe('declaring an endpoint', () => {
  it('keeps it as it was written, counts its changes, and every instance has them at once', async () => {
    const first = await put('kept', BY_SHOP)
    expect(first.body).toMatchObject({ ...BY_SHOP, name: 'kept', revision: 1, broken: null, cacheSeconds: null })
    expect(Object.keys(first.body.query)).toEqual(Object.keys(BY_SHOP.query))
    await until(async () =>
      expect((await other.json('GET', '/v1/endpoints/kept', undefined, customer.key)).status).toBe(200),
    )
    const second = await put('kept', { ...BY_SHOP, title: 'Other', costCredits: null })
    expect(second.body).toMatchObject({ id: first.body.id, title: 'Other', revision: 2, costCredits: null })
    await until(async () => {
      const { headers } = await other.json('GET', '/v1/endpoints/kept', undefined, customer.key)
      expect(headers.get('x-credits-charged')).toBe('3')
    })
    expect((await server.json('GET', `${admin}/kept`)).body).toEqual(second.body)
    expect((await server.json('GET', admin)).body.data.map(({ name }: any) => name)).toEqual(['by-shop', 'kept'])
    const trail = (await server.json('GET', '/v1/admin/audit?action=endpoint.put&target=kept')).body.data
    expect(trail[0].details).toMatchObject({ before: { title: 'Revenue by shop' }, after: { title: 'Other' } })
    expect(trail[1].details.before).toBeNull()
    expect((await server.json('DELETE', `${admin}/kept`)).status).toBe(204)
    expect((await server.json('DELETE', `${admin}/kept`)).status).toBe(404)
    await until(async () =>
      expect((await other.json('GET', '/v1/endpoints/kept', undefined, customer.key)).status).toBe(404),
    )
  })

  const withQuery = (more: object, parameters: object[] = []) => ({
    title: 'x',
    query: { dataset: 'orders', measures: ['revenue'], ...more },
    parameters,
  })
  const shop = (values: unknown) => [{ member: 'shop', operator: 'equals', values }]
  it.each<[string, object, string[]]>([
    ['no title', { query: BY_SHOP.query }, ['title']],
    ['no query', { title: 'x' }, ['query']],
    ['an unknown measure', withQuery({ measures: ['revenu'] }), ['query.measures[0]']],
    ['an unknown dataset', withQuery({ dataset: 'order' }), ['query.dataset']],
    ['an unknown field', withQuery({ filter: [] }), ['query.filter']],
    ['a parameter that is not declared', withQuery({ filters: shop([p('shop')]) }), ['query.filters[0].values[0]']],
    ['a parameter that stands nowhere', withQuery({}, [{ name: 'a', type: 'text' }]), ['parameters[0].name']],
    [
      'a parameter in place of a name',
      withQuery({ measures: [p('a')] }, [{ name: 'a', type: 'text' }]),
      ['parameters[0].name', 'query.measures[0]'],
    ],
    [
      'a parameter twice',
      withQuery({ filters: shop([p('a')]) }, [
        { name: 'a', type: 'text' },
        { name: 'a', type: 'text' },
      ]),
      ['parameters[1].name'],
    ],
    [
      'our own name',
      withQuery({ filters: shop([p('format')]) }, [{ name: 'format', type: 'text' }]),
      ['parameters[0].name'],
    ],
    ['an unknown type', withQuery({ filters: shop([p('a')]) }, [{ name: 'a', type: 'uuid' }]), ['parameters[0].type']],
    [
      'a default that does not fit',
      withQuery({ filters: shop([p('a')]) }, [{ name: 'a', type: 'text', default: 5 }]),
      ['parameters[0].default'],
    ],
    [
      'a default that is not allowed',
      withQuery({ filters: shop([p('a')]) }, [{ name: 'a', type: 'text', default: 'x', values: ['y'] }]),
      ['parameters[0].default'],
    ],
    [
      'a default of several where one value stands',
      withQuery({ limit: p('a') }, [{ name: 'a', type: 'number', default: [1, 2] }]),
      ['parameters[0].default'],
    ],
    [
      'values that do not fit',
      withQuery({ limit: p('a') }, [{ name: 'a', type: 'number', values: [1, 'x', true] }]),
      ['parameters[0].values[1]', 'parameters[0].values[2]'],
    ],
    [
      'a type that does not fit its place',
      withQuery({ filters: [{ member: 'revenue', operator: 'gt', values: [p('a')] }] }, [{ name: 'a', type: 'text' }]),
      ['query.filters[0].values[0]'],
    ],
    [
      'a value that is none in its place',
      withQuery({ timeDimension: { dimension: 'day', dateRange: p('a') } }, [
        { name: 'a', type: 'text', values: ['last 7 days', 'for ever'] },
      ]),
      ['parameters[0].values[1]'],
    ],
    [
      'a range of which one end may be missing',
      withQuery({ timeDimension: { dimension: 'day', dateRange: [p('a'), p('b')] } }, [
        { name: 'a', type: 'date' },
        { name: 'b', type: 'date', required: false },
      ]),
      ['query'],
    ],
    ['a cost below zero', { ...BY_SHOP, costCredits: -1 }, ['costCredits']],
    ['an unknown field of ours', { ...BY_SHOP, cost: 1 }, ['cost']],
  ])('refuses %s', async (_what, body, paths) => {
    const { status, body: problem } = await put('wrong', body)
    expect(status).toBe(400)
    expect(pathsOf(problem).sort()).toEqual(paths)
  })

  it('refuses names that no URL should have', async () => {
    for (const name of ['Sales', '1st', 'a.b', 'a b', 'x'.repeat(64), 'openapi.json'])
      expect((await put(encodeURIComponent(name), BY_SHOP)).status).toBe(400)
    expect((await server.json('GET', `${admin}/by_shop`)).body.detail).toContain('Did you mean "by-shop"?')
  })
})

describe('calling an endpoint', () => {
  it('answers as the query does, in every format, for its own price', async () => {
    const asked = await customer.execute({
      ...{ dataset: 'orders', measures: ['revenue', 'rows'], dimensions: ['shop'], order: [['shop', 'asc']] },
      filters: [{ member: 'revenue', operator: 'gte', values: [0] }],
    })
    const { status, headers, body } = await call('by-shop')
    expect(status).toBe(200)
    expect(body.data).toEqual(asked.data)
    expect(body.columns).toEqual(asked.columns)
    expect(body.credits.charged).toBe(2)
    expect(headers.get('x-credits-charged')).toBe('2')
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8')
    const csv = await server.fetch('/v1/endpoints/by-shop?format=csv&shop=Bonn', { key: customer.key })
    expect(await csv.text()).toBe('"shop","revenue","rows"\n"Bonn",100.1,1\n')
    expect(csv.headers.get('x-credits-charged')).toBe('2')
    const lines = await server.fetch('/v1/endpoints/by-shop?shop=Bonn', {
      key: customer.key,
      headers: { accept: 'application/x-ndjson' },
    })
    expect(await lines.text()).toBe('{"shop":"Bonn","revenue":100.1,"rows":1}\n')
    for (const format of ['parquet', 'arrow'])
      expect((await server.fetch(`/v1/endpoints/by-shop?format=${format}`, { key: customer.key })).status).toBe(200)
  })

  it('takes one or several values, and leaves out what is not given', async () => {
    expect(shopsOf((await call('by-shop?shop=Oslo')).body)).toEqual(['Oslo'])
    expect(shopsOf((await call('by-shop?shop=Oslo&shop=Rome')).body)).toEqual(['Oslo', 'Rome'])
    expect(shopsOf((await call('by-shop?limit=2')).body)).toEqual(['Bonn', 'Oslo'])
    expect((await call('by-shop?paid=false')).body.data).toEqual([{ shop: 'Oslo', revenue: 0.25, rows: 1 }])
    expect(shopsOf((await call('by-shop?least=10.500')).body)).toEqual(['Bonn', 'Rome'])
    expect(shopsOf((await call('by-shop?least=10.5001')).body)).toEqual(['Bonn'])
    expect(shopsOf((await call('by-shop?from=2024-02-01&to=2024-03-05')).body)).toEqual(['Oslo'])
    expect(shopsOf((await call(`by-shop?shop=${encodeURIComponent("x' OR 1=1 --")}`)).body)).toEqual([])
  })

  it.each([
    ['by-shop?shp=Oslo', ['shp']],
    ['by-shop?limit=3', ['limit']],
    ['by-shop?limit=x&least=y&from=2024-02-30&paid=1', ['from', 'least', 'limit', 'paid']],
    ['by-shop?from=2024-01-01', ['to']],
    ['by-shop?from=2024-02-01&to=2024-01-01', ['from']],
    ['by-shop?least=1&least=2', ['least']],
    ['by-shop?limit=1&limit=2', ['limit']],
    ['by-shop?format=xlsx', ['format']],
    ['by-shop?format=csv&format=json', ['format']],
    ['by-shop?__proto__=1&constructor=2', ['__proto__', 'constructor']],
  ])('refuses %s with the names of the parameters, for nothing', async (path, names) => {
    const cost = await paid(async () => {
      const { status, body } = await call(path)
      expect(status).toBe(400)
      expect(pathsOf(body).sort()).toEqual(names)
    })
    expect(cost).toBe(0)
  })

  it('says what is allowed, and which one was meant', async () => {
    expect((await call('by-shop?limit=3')).body.detail).toBe('limit: "3" is not allowed. Use 1, 2 or 50')
    expect((await call('by-shop?shp=Oslo')).body.detail).toContain('Did you mean "shop"?')
    expect((await call('by_shop')).body).toMatchObject({ status: 404, code: 'NOT_FOUND' })
    expect((await call('by_shop')).body.detail).toContain('Did you mean "by-shop"?')
  })

  it('must be given a parameter that has no default', async () => {
    const filters = [{ member: 'shop', operator: 'equals', values: p('shop') }]
    const query = { dataset: 'orders', measures: ['revenue'], filters }
    await put('of-shop', { title: 'x', query, parameters: [{ name: 'shop', type: 'text', values: ['Oslo', 'Rome'] }] })
    const { status, body } = await call('of-shop')
    expect(status).toBe(400)
    expect(body.errors).toEqual([{ path: 'shop', message: 'is required: Use Oslo or Rome' }])
    expect((await call('of-shop?shop=Oslo')).body.data).toEqual([{ revenue: 4.25 }])
    expect((await call('of-shop?shop=Bonn')).status).toBe(400)
  })

  it('takes no HEAD, which would be charged for nothing', async () => {
    const cost = await paid(async () => {
      const head = await server.fetch('/v1/endpoints/by-shop', { method: 'HEAD', key: customer.key })
      expect([head.status, head.headers.get('allow')]).toEqual([405, 'GET'])
      expect((await server.fetch('/v1/endpoints', { method: 'HEAD', key: customer.key })).status).toBe(200)
    })
    expect(cost).toBe(0)
  })

  it('costs what the dataset costs without a price of its own, and needs credits and a key', async () => {
    const query = { dataset: 'orders', measures: ['revenue'] }
    await put('plain', { title: 'Plain', query })
    expect(await paid(() => call('plain'))).toBe(3)
    expect(await paid(() => file('plain?format=csv'))).toBe(5)
    const poor = await Customer.create(server, 2)
    const { status, body } = await call('plain', poor.key)
    expect([status, body.code, body.required, body.balance]).toEqual([402, 'INSUFFICIENT_CREDITS', 3, 2])
    expect((await call('by-shop', poor.key)).status).toBe(200)
    expect((await server.json('GET', '/v1/endpoints/plain', undefined, null)).status).toBe(401)
    expect((await server.json('POST', '/v1/endpoints/plain', {}, customer.key)).status).toBe(405)
    const ledger = (await server.json('GET', `/v1/admin/users/${poor.id}/ledger`)).body.data
    expect(ledger[0]).toMatchObject({ type: 'charge', amount: -2, reason: 'endpoint by-shop on orders' })
  })
})

describe('asking for a result again', () => {
  const conditional = (path: string, etag: string, key = customer.key) =>
    server.fetch(`/v1/endpoints/${path}`, { key, headers: { 'if-none-match': etag } })
  const etagOf = ({ headers }: { headers: Headers }) => headers.get('etag')!
  const another = (line: number) =>
    upload(server, `line,shop,day,amount,paid\n${line},Kyiv,2024-05-05,1.00,true\n`, {
      dataset: 'orders',
      format: 'csv',
    })

  it('is 304 while the data stay, for what a cached result costs', async () => {
    const first = await call('by-shop?shop=Rome')
    expect(etagOf(first)).toMatch(/^W\/"/)
    expect(first.headers.get('cache-control')).toBe('private, no-cache')
    expect(first.headers.get('vary')).toBe('accept, authorization, x-api-key')
    const cost = await paid(async () => {
      const again = await conditional('by-shop?shop=Rome', etagOf(first))
      expect(again.status).toBe(304)
      expect(await again.text()).toBe('')
      expect(again.headers.get('etag')).toBe(etagOf(first))
      expect(again.headers.get('x-credits-charged')).toBe('2')
    })
    expect(cost).toBe(2)
    expect(etagOf(await call('by-shop?shop=Rome'))).toBe(etagOf(first))
    expect((await conditional('by-shop?shop=Oslo', etagOf(first))).status).toBe(200)
    expect((await conditional('by-shop?shop=Rome&format=csv', etagOf(first))).status).toBe(200)
    const csv = await server.fetch('/v1/endpoints/by-shop?shop=Rome&format=csv', { key: customer.key })
    expect((await conditional('by-shop?shop=Rome&format=csv', etagOf(csv))).status).toBe(304)
    expect((await conditional('by-shop?shop=Rome', etagOf(first), server.rootKey)).status).toBe(304)
    await another(10)
    const changed = await conditional('by-shop?shop=Rome', etagOf(first))
    expect(changed.status).toBe(200)
    expect(etagOf(changed)).not.toBe(etagOf(first))
  })

  it('gives an older result for cacheSeconds where the endpoint says so', async () => {
    const query = { dataset: 'orders', measures: ['rows'] }
    await put('slow', { title: 'x', query, cacheSeconds: 600 })
    await put('moment', { title: 'x', query, cacheSeconds: 1 })
    const first = await call('slow')
    const moment = await call('moment')
    expect(first.body.query.cached).toBe(false)
    await another(11)
    const rows = first.body.data[0].rows + 1
    expect((await customer.execute(query)).data).toEqual([{ rows }])
    const second = await call('slow')
    expect(second.body).toMatchObject({ data: first.body.data, query: { cached: true } })
    expect(etagOf(second)).toBe(etagOf(first))
    expect((await conditional('slow', etagOf(first))).status).toBe(304)
    await until(async () => expect((await call('moment')).body.data).toEqual([{ rows }]))
    expect((await conditional('moment', etagOf(moment))).status).toBe(200)
  })
})

describe('an endpoint whose dataset changes', () => {
  it('is told as broken to admins and refused clearly to callers, until it is mended', async () => {
    await server.json('POST', '/v1/admin/datasets', { ...ORDERS, name: 'short', price: undefined })
    await put('of-short', { title: 'x', query: { dataset: 'short', measures: ['revenue'] } })
    expect((await call('of-short')).status).toBe(200)
    await server.json('PATCH', '/v1/admin/datasets/short', { measures: [] })
    const broken = await server.json('GET', `${admin}/of-short`)
    expect(broken.body.broken).toContain('Unknown measure "revenue"')
    const cost = await paid(async () => {
      const { status, body } = await call('of-short')
      expect([status, body.code]).toEqual([503, 'UNAVAILABLE'])
      expect(body.detail).toContain('Ask the operator')
    })
    expect(cost).toBe(0)
    const seen = (await server.json('GET', '/v1/endpoints', undefined, customer.key)).body
    expect(seen.data.map(({ name }: any) => name)).not.toContain('of-short')
    await server.json('PATCH', '/v1/admin/datasets/short', { measures: ORDERS.measures })
    await until(async () => expect((await call('of-short')).status).toBe(200))
    await server.json('DELETE', '/v1/admin/datasets/short?confirm=short')
    await until(async () => expect((await call('of-short')).status).toBe(503))
    expect((await server.json('GET', `${admin}/of-short`)).body.broken).toContain('Unknown dataset "short"')
  })
})

describe('an endpoint whose dataset is gone for a caller', () => {
  it('is in none of the lists of that caller, until the filter of its policy fits again', async () => {
    const declared = { ...ORDERS, name: 'filtered', price: undefined }
    expect((await server.json('POST', '/v1/admin/datasets', declared)).status).toBe(201)
    await put('of-filtered', { title: 'x', query: { dataset: 'filtered', measures: ['rows'] } })
    const filters = [{ member: 'shop', operator: 'equals', values: ['Oslo'] }]
    const access = { endpoints: ['of-filtered'], datasets: { filtered: { members: [], filters } } }
    const { key } = await Customer.create(server, 100, { access })
    const seen = async () => {
      const { data } = (await server.json('GET', '/v1/endpoints', undefined, key)).body
      const { paths } = (await server.json('GET', '/v1/endpoints/openapi.json', undefined, key)).body
      return [data.map(({ name }: any) => name), Object.keys(paths)]
    }
    const shown = [['of-filtered'], ['/v1/endpoints/of-filtered']]
    expect(await seen()).toEqual(shown)
    const declare = (columns: object[]) => server.json('POST', '/v1/admin/datasets', { ...declared, columns })
    await server.json('DELETE', '/v1/admin/datasets/filtered?confirm=filtered')
    expect((await declare(COLUMNS.filter(({ name }) => name !== 'shop'))).status).toBe(201)
    await until(async () => expect((await call('of-filtered')).status).toBe(200))
    expect((await call('of-filtered', key)).status).toBe(503)
    expect(await seen()).toEqual([[], []])
    await server.json('DELETE', '/v1/admin/datasets/filtered?confirm=filtered')
    expect((await declare(COLUMNS)).status).toBe(201)
    await until(async () => expect(await seen()).toEqual(shown))
  })
})

describe('what a caller finds out about endpoints', () => {
  it('is a list with parameters, columns and cost', async () => {
    const { body } = await server.json('GET', '/v1/endpoints?limit=1', undefined, customer.key)
    expect(body.pagination).toMatchObject({ limit: 1, offset: 0 })
    expect(body.data).toEqual([
      {
        ...{ name: 'by-shop', title: 'Revenue by shop', description: '', path: '/v1/endpoints/by-shop' },
        parameters: BY_SHOP.parameters.map((parameter) => ({
          ...parameter,
          required: false,
          repeatable: parameter.name === 'shop' || parameter.name === 'paid',
        })),
        columns: [
          { name: 'shop', type: 'text' },
          { name: 'revenue', type: 'decimal' },
          { name: 'rows', type: 'integer' },
        ],
        ...{ costCredits: 2, exportCostCredits: 2, perMillionRows: 0, cacheSeconds: null },
      },
    ])
  })

  it('tells what rows cost, where the dataset has a price for them', async () => {
    const price = { query: 3, export: 5, perMillionRows: 2 }
    expect((await server.json('POST', '/v1/admin/datasets', { ...ORDERS, name: 'metered', price })).status).toBe(201)
    const query = { dataset: 'metered', measures: ['rows'] }
    await put('by-rows', { title: 'x', query })
    await put('by-price', { title: 'x', query, costCredits: 1 })
    const { data } = (await server.json('GET', '/v1/endpoints', undefined, customer.key)).body
    const named = (name: string) => data.find((each: any) => each.name === name)
    expect(named('by-rows')).toMatchObject({ costCredits: 3, exportCostCredits: 5, perMillionRows: 2 })
    expect(named('by-price')).toMatchObject({ costCredits: 1, perMillionRows: 0 })
    const { paths } = (await server.json('GET', '/v1/endpoints/openapi.json', undefined, customer.key)).body
    expect(paths['/v1/endpoints/by-rows'].get).toMatchObject({
      ...{ 'x-cost-credits': 3, 'x-cost-per-million-rows': 2 },
      description: expect.stringContaining('Costs 3 credits and 2 for each million rows read.'),
    })
    expect(paths['/v1/endpoints/by-price'].get.description).toBe('Costs 1 credit.')
  })

  it('is a valid OpenAPI document of them alone', async () => {
    for (const name of ['of-all', 'of_all'])
      await put(name, { title: 'x', query: { dataset: 'orders', measures: ['rows'] } })
    const response = await server.fetch('/v1/endpoints/openapi.json', { key: customer.key })
    const source = await response.text()
    const config = await createConfig({ extends: ['recommended-strict'] })
    const problems = await lintFromString({ source, config })
    expect(problems.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual([])
    const document = JSON.parse(source)
    const ids = Object.values<any>(document.paths).map((path) => path.get.operationId)
    expect(new Set(ids).size).toBe(ids.length)
    const { data } = (await server.json('GET', '/v1/endpoints', undefined, customer.key)).body
    expect(Object.keys(document.paths)).toEqual(data.map(({ path }: any) => path))
    const { get } = document.paths['/v1/endpoints/by-shop']
    expect(get).toMatchObject({ operationId: 'by-shop', 'x-cost-credits': 2 })
    const parameter = (name: string) => get.parameters.find((each: any) => each.name === name)
    expect(parameter('limit')).toMatchObject({
      required: false,
      schema: { type: 'number', format: 'decimal', enum: [1, 2, 50], default: 50 },
    })
    expect(parameter('shop')).toMatchObject({
      ...{ style: 'form', explode: true },
      schema: { oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
    })
    expect(parameter('from').schema).toEqual({ type: 'string', format: 'date' })
    const row = get.responses[200].content['application/json'].schema.properties.data.items
    expect(row.properties).toEqual({
      shop: { type: 'string' },
      revenue: { type: ['number', 'null'], format: 'decimal' },
      rows: { type: ['integer', 'null'] },
    })
    expect(Object.keys(get.responses)).toEqual(expect.arrayContaining(['200', '304', '400', '402', '404', '429']))
  })
})

describe('a member whose access names endpoints alone', () => {
  it('calls them and sees nothing else; its row filters hold', async () => {
    const access = (more: object) => Customer.create(server, 100, { access: { endpoints: ['by-shop'], ...more } })
    const member = await access({})
    const answer = await call('by-shop', member.key)
    expect(answer.body.data).toEqual((await call('by-shop')).body.data)
    const refused = await call('moment', member.key)
    expect([refused.status, refused.body.errors[0].message]).toEqual([404, expect.stringMatching(/Use by-shop$/)])
    const list = (await server.json('GET', '/v1/endpoints', undefined, member.key)).body
    expect(list.data.map(({ name }: any) => name)).toEqual(['by-shop'])
    const document = (await server.json('GET', '/v1/endpoints/openapi.json', undefined, member.key)).body
    expect(Object.keys(document.paths)).toEqual(['/v1/endpoints/by-shop'])
    expect((await server.json('GET', '/v1/datasets', undefined, member.key)).body.data).toEqual([])
    const query = { dataset: 'orders', measures: ['revenue'] }
    expect((await server.json('POST', '/v1/query', query, member.key)).status).toBe(400)
    const filters = [{ member: 'shop', operator: 'equals', values: ['Oslo'] }]
    const ofOslo = await access({ datasets: { orders: { members: [], filters } } })
    const first = await call('by-shop', ofOslo.key)
    expect(shopsOf(first.body)).toEqual(['Oslo'])
    expect(first.headers.get('etag')).not.toBe(answer.headers.get('etag'))
    expect(shopsOf((await call('by-shop?shop=Rome', ofOslo.key)).body)).toEqual([])
    const csv = await server.fetch('/v1/endpoints/by-shop?format=csv', { key: ofOslo.key })
    expect((await csv.text()).split('\n')).toHaveLength(3)
    const { status, body } = await server.json('POST', '/v1/admin/create-user', {
      ...{ username: 'wrong-access', access: { endpoints: ['by-shp'] } },
    })
    expect([status, pathsOf(body)]).toEqual([400, ['access.endpoints[0]']])
  })
})
