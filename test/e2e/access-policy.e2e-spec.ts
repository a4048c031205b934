import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Customer } from '../support/customer.js'
import { TestEngines } from '../support/engines.js'
import { EventStream } from '../support/event-stream.js'
import { event, send } from '../support/events.js'
import { LiveReader } from '../support/live-reader.js'
import { startServer, type TestServer } from '../support/server.js'
import { until } from '../support/until.js'
import { upload } from '../support/upload.js'

/** A key is remembered for less than this. */
const WITHIN_MS = 3_000
const HEADER = 'TransactionId,TransactionDate,UserId,Country,Region,ProductId,ProductName,Category,Price,Quantity'
const CSV = `${HEADER}
1,2024-01-01,ann,Germany,North,p1,Robot,Toys,10,1
2,2024-01-02,ben,Germany,South,p2,Ball,Toys,20,2
3,2024-02-01,cat,France,West,p3,Lamp,Home,30,3
4,2024-02-02,dan,Malta,,p1,Robot,Toys,10,4
`
const GERMANY = { member: 'country', operator: 'equals', values: ['Germany'] }
const SALES = { datasets: { transactions: { members: ['country', 'category', 'revenue'], filters: [GERMANY] } } }
const SHOPS = {
  name: 'shops',
  columns: [
    { name: 'city', type: 'text' },
    { name: 'size', type: 'integer' },
  ],
  measures: [
    { name: 'area', type: 'sum', column: 'size' },
    { name: 'mean_area', type: 'ratio', numerator: 'area', denominator: 'rows' },
  ],
}

let engines: TestEngines
let server: TestServer
let other: TestServer

beforeAll(async () => {
  engines = await TestEngines.start()
  const env = { ...engines.urls, RATE_LIMIT_PER_MINUTE: '100000' }
  server = await startServer({ env })
  other = await startServer({ env, rootKey: server.rootKey })
  expect((await upload(server, CSV, { format: 'csv' })).body).toMatchObject({ status: 'succeeded', rowsAccepted: 4 })
  await declareShops()
})
afterAll(async () => {
  await Promise.all([server?.stop(), other?.stop()])
  await engines?.stop()
})

async function declareShops(columns: object[] = SHOPS.columns, measures: object[] = SHOPS.measures): Promise<void> {
  const { status, body } = await server.json('POST', '/v1/admin/datasets', { ...SHOPS, columns, measures })
  expect(status, JSON.stringify(body)).toBe(201)
}

const withAccess = (access: object | null) => Customer.create(server, 1_000, { access })
const query = (key: string, body: object, on = server) => on.json('POST', '/v1/query', body, key)
const revenue = { dataset: 'transactions', measures: ['revenue'] }
const namesOf = async (key: string) =>
  (await server.json('GET', '/v1/datasets', undefined, key)).body.data.map(({ name }: any) => name)

async function issueKey(user: Customer, body: object): Promise<{ id: string; apiKey: string }> {
  const answer = await server.json('POST', `/v1/admin/users/${user.id}/keys`, body)
  expect(answer.status, JSON.stringify(answer.body)).toBe(201)
  return { id: answer.body.key.id, apiKey: answer.body.apiKey }
}

describe('a policy', () => {
  it('is stored in full, shown to admins alone, and taken back by null', async () => {
    const user = await withAccess(SALES)
    const stored = { ...SALES, endpoints: [], dashboards: false }
    const path = `/v1/admin/users/${user.id}`
    expect((await server.json('GET', path)).body.access).toEqual(stored)
    expect((await server.json('PATCH', path, { firstName: 'Ada' })).body.access).toEqual(stored)
    const { id, apiKey } = await issueKey(user, { access: { datasets: { transactions: {} }, endpoints: '*' } })
    const ofKey = { datasets: { transactions: { members: null, filters: [] } }, endpoints: '*', dashboards: false }
    const keys = (await server.json('GET', `${path}/keys`)).body.data
    expect(keys.map(({ access }: any) => access)).toEqual([ofKey, null])
    for (const own of ['/v1/me', '/v1/me/keys'])
      expect(JSON.stringify((await server.json('GET', own, undefined, apiKey)).body)).not.toContain('access')
    const patched = await server.json('PATCH', `${path}/keys/${id}`, { access: null })
    expect(patched.body).toMatchObject({ access: null })
    expect((await server.json('PATCH', path, { access: null })).body.access).toBeNull()
    const audit = (await server.json('GET', `/v1/admin/audit?target=${user.id}`)).body.data
    expect(audit.map(({ details }: any) => details.access)).toEqual([null, undefined, stored])
  })

  const wrong: [string, object, string, RegExp][] = [
    ['dataset', { datasets: { transaction: {} } }, 'datasets.transaction', /Did you mean "transactions"/],
    [
      'member',
      { datasets: { transactions: { members: ['country', 'revenu'] } } },
      'datasets.transactions.members[1]',
      /"revenue"/,
    ],
    [
      'filter member',
      { datasets: { transactions: { filters: [{ ...GERMANY, member: 'contry' }] } } },
      'datasets.transactions.filters[0].member',
      /"country"/,
    ],
    [
      'operator',
      { datasets: { transactions: { filters: [{ ...GERMANY, operator: 'equal' }] } } },
      'datasets.transactions.filters[0].operator',
      /"equals"/,
    ],
    [
      'filter on a measure',
      { datasets: { transactions: { filters: [{ member: 'revenue', operator: 'gt', values: [1] }] } } },
      'datasets.transactions.filters[0].member',
      /is a measure/,
    ],
    [
      'value',
      { datasets: { shops: { filters: [{ member: 'size', operator: 'gt', values: ['big'] }] } } },
      'datasets.shops.filters[0].values[0]',
      /./,
    ],
    ['field of a dataset', { datasets: { shops: { member: [] } } }, 'datasets.shops.member', /"members"/],
    ['dataset that is no object', { datasets: { shops: [] } }, 'datasets.shops', /must be an object/],
    ['list of members', { datasets: { shops: { members: 'city' } } }, 'datasets.shops.members', /must be a list/],
    ['list of filters', { datasets: { shops: { filters: {} } } }, 'datasets.shops.filters', /must be a list/],
    [
      'repeated member',
      { datasets: { shops: { members: ['city', 'city'] } } },
      'datasets.shops.members[1]',
      /named twice/,
    ],
    ['field', { dataset: {} }, 'dataset', /./],
    ['list of endpoints', { endpoints: 'all' }, 'endpoints', /"\*" for all/],
    ['dashboards', { dashboards: 'yes' }, 'dashboards', /boolean/],
    ['accounts, which cannot be queried', { datasets: { users: {} } }, 'datasets.users', /Unknown dataset/],
  ]
  it.each(wrong)(
    'is refused for a wrong %s, with its path, wherever it is set',
    async (_what, access, path, message) => {
      const user = await withAccess(null)
      const first = (await server.json('GET', `/v1/admin/users/${user.id}/keys`)).body.data[0].id
      const attempts = [
        server.json('POST', '/v1/admin/create-user', { username: `u-${randomUUID()}`, access }),
        server.json('PATCH', `/v1/admin/users/${user.id}`, { access }),
        server.json('POST', `/v1/admin/users/${user.id}/keys`, { access }),
        server.json('PATCH', `/v1/admin/users/${user.id}/keys/${first}`, { access }),
      ]
      for (const { status, body } of await Promise.all(attempts)) {
        expect([status, body.code], JSON.stringify(body)).toEqual([400, 'VALIDATION_FAILED'])
        expect(body.errors[0].path).toBe(`access.${path}`)
        expect(body.errors[0].message).toMatch(message)
      }
    },
  )

  it.each([[[]], ['*'], [7], [true]])('is no %j', async (access) => {
    const body = { username: `u-${randomUUID()}`, access }
    expect((await server.json('POST', '/v1/admin/create-user', body)).status).toBe(400)
  })
})

describe('what a policy does not name', () => {
  it('is told to be unknown as a name that nobody ever had', async () => {
    const { key } = await withAccess(SALES)
    const { key: nothing } = await withAccess({})
    const asked: [string, object][] = [
      ['unique_users', { dataset: 'transactions', measures: ['unique_users'] }],
      ['region', { dataset: 'transactions', dimensions: ['region'] }],
      ['region', { dataset: 'transactions', select: ['region'] }],
      ['user_id', { ...revenue, filters: [{ member: 'user_id', operator: 'set' }] }],
      ['transaction_date', { ...revenue, timeDimension: { dimension: 'transaction_date', granularity: 'day' } }],
      ['region', { ...revenue, order: [['region', 'asc']] }],
      ['shops', { dataset: 'shops', measures: ['rows'] }],
      ['events', { dataset: 'events', measures: ['events'] }],
    ]
    for (const [hidden, body] of asked)
      for (const path of ['/v1/query', '/v1/query/dry-run']) {
        const found = await server.json('POST', path, body, key)
        expect([found.status, found.body.code]).toEqual([400, 'VALIDATION_FAILED'])
        // Of the same letters, so that no other name is nearer to it.
        const never = hidden.replace(/./g, 'q')
        const unknown = await server.json('POST', path, JSON.parse(JSON.stringify(body).replaceAll(hidden, never)), key)
        const told = ({ errors, detail }: any) =>
          JSON.stringify({ errors, detail })
            .replaceAll(hidden, never)
            .replace(/Did you mean [^?]*\? /g, '')
        expect(told(found.body)).toBe(told(unknown.body))
        expect(JSON.stringify(found.body)).not.toMatch(/unique_products|items_sold|latest_stock/)
      }
    const empty = await query(nothing, revenue)
    expect(empty.body.errors).toEqual([{ path: 'dataset', message: 'Unknown dataset "transactions".' }])
    for (const path of [
      '/v1/datasets/shops',
      '/v1/datasets/shops/values/city',
      '/v1/datasets/transactions/values/region',
    ])
      expect((await server.json('GET', path, undefined, key)).status, path).toBe(404)
  })

  it('is in no list, nor in what describes the rest', async () => {
    const access = { datasets: { transactions: { members: ['average_order_value', 'latest_stock', 'region'] } } }
    const { key } = await withAccess(access)
    const { body } = await server.json('GET', '/v1/datasets/transactions', undefined, key)
    expect(body).toMatchObject({ key: [], timeDimension: null, rowCount: 4 })
    expect(body.members.map(({ name }: any) => name)).toEqual(['region', 'average_order_value', 'latest_stock'])
    // "revenue / transactions", "stock_quantity of the row with the greatest ..."
    expect(JSON.stringify(body.members)).not.toMatch(/revenue|stock_quantity/)
    expect(await namesOf(key)).toEqual(['transactions'])
    expect(await namesOf((await withAccess({})).key)).toEqual([])
    expect(await namesOf((await withAccess({ datasets: { shops: { members: [] } } })).key)).toEqual([])
  })

  it('may be what a measure is computed from: measures are members of their own', async () => {
    const { key } = await withAccess({ datasets: { shops: { members: ['mean_area'] } } })
    expect((await query(key, { dataset: 'shops', measures: ['mean_area'] })).status).toBe(200)
    expect((await query(key, { dataset: 'shops', measures: ['area'] })).status).toBe(400)
  })
})

describe('the filters of a policy', () => {
  it('hold for groups, rows, totals, exports, values and counts', async () => {
    const { key } = await withAccess(SALES)
    const { key: everything } = await withAccess(null)
    const [own, all] = [await query(key, revenue), await query(everything, revenue)]
    expect([own.body.data, all.body.data]).toEqual([[{ revenue: 50 }], [{ revenue: 180 }]])
    const undone = { ...revenue, filters: [{ or: [GERMANY, { ...GERMANY, operator: 'notEquals' }] }] }
    expect((await query(key, undone)).body.data).toEqual([{ revenue: 50 }])
    const rows = await query(key, { dataset: 'transactions', select: ['country'], total: true, limit: 1 })
    expect(rows.body.page.total).toBe(2)
    const headers = { accept: 'text/csv', 'content-type': 'application/json' }
    const body = JSON.stringify({ dataset: 'transactions', select: ['country', 'category'] })
    const csv = await (await server.fetch('/v1/query', { method: 'POST', key, headers, body })).text()
    expect(csv.trim().split('\n')).toHaveLength(3)
    expect(csv).not.toMatch(/France|Malta/)
    const values = await server.json('GET', '/v1/datasets/transactions/values/country', undefined, key)
    expect(values.body).toMatchObject({ data: ['Germany'], pagination: { total: 1 } })
    const more = await server.json('GET', '/v1/datasets/transactions/values/country', undefined, everything)
    expect(more.body.pagination.total).toBe(3)
    expect((await server.json('GET', '/v1/datasets/transactions', undefined, key)).body.rowCount).toBe(2)
  })

  it('are seen nowhere', async () => {
    const { key } = await withAccess(SALES)
    const dry = await server.json('POST', '/v1/query/dry-run', revenue, key)
    expect(Object.keys(dry.body).sort()).toEqual(['costCredits', 'estimatedRows'])
    const { explain } = (await query(key, { ...revenue, explain: true })).body.query
    expect(Object.keys(explain).sort()).toEqual(['cacheAgeMs', 'rowsRead'])
  })

  it('are of UTC, whatever time zone the caller names', async () => {
    const columns = [{ name: 'at', type: 'timestamp' }, ...SHOPS.columns]
    await server.json('DELETE', '/v1/admin/datasets/shops?confirm=shops')
    await declareShops(columns)
    const csv = 'at,city,size\n2024-01-01T23:30:00Z,Rome,1\n2024-01-02T00:30:00Z,Oslo,2\n'
    expect((await upload(server, csv, { dataset: 'shops', format: 'csv' })).body).toMatchObject({ rowsAccepted: 2 })
    const filters = [{ member: 'at', operator: 'inDateRange', values: ['2024-01-01'] }]
    const { key } = await withAccess({ datasets: { shops: { filters } } })
    for (const timezone of ['UTC', 'Pacific/Auckland', 'America/New_York']) {
      const body = {
        dataset: 'shops',
        select: ['city'],
        timezone,
        timeDimension: { dimension: 'at', dateRange: ['2023-12-30', '2024-01-05'] },
      }
      expect((await query(key, body)).body.data).toEqual([{ city: 'Rome' }])
    }
  })

  it('and names hold for the values of events too', async () => {
    const event = (type: string, values: object) => ({ source: 'access', type, values })
    const sent = [event('sale', { amount: 5, shop: 'x' }), event('cost', { price: 7 })]
    expect((await server.json('POST', '/api/ingest/batch', sent)).status).toBe(200)
    const filters = [{ member: 'type', operator: 'equals', values: ['sale'] }]
    const { key } = await withAccess({ datasets: { events: { filters } } })
    const { body } = await server.json('GET', '/v1/datasets/events', undefined, key)
    expect(body.rowCount).toBe(1)
    const names = body.members.map(({ name }: any) => name)
    expect(names).toEqual(expect.arrayContaining(['values.amount', 'sum(values.amount)', 'values.shop']))
    expect(names).not.toContain('values.price')
    const sums = { dataset: 'events', measures: ['events', 'sum(values.amount)', 'sum(values.price)'] }
    expect((await query(key, sums)).body.data).toEqual([{ events: 1, 'sum(values.amount)': 5, 'sum(values.price)': 0 }])
    const members = ['type', 'events', 'sum(values.amount)']
    const { key: some } = await withAccess({ datasets: { events: { members } } })
    const listed = (await server.json('GET', '/v1/datasets/events', undefined, some)).body
    expect(listed.members.map(({ name }: any) => name)).toEqual(members)
    expect((await query(some, { dataset: 'events', measures: ['sum(values.amount)'] })).status).toBe(200)
    for (const measure of ['sum(values.price)', 'max(values.amount)'])
      expect((await query(some, { dataset: 'events', measures: [measure] })).status).toBe(400)
    expect((await query(some, { dataset: 'events', dimensions: ['values.amount'] })).status).toBe(400)
  })
})

describe('a key', () => {
  it('narrows its user and never widens it, also after it is rotated', async () => {
    const user = await withAccess(SALES)
    const wide = await issueKey(user, { access: { datasets: { transactions: {}, shops: {} }, dashboards: true } })
    expect(await namesOf(wide.apiKey)).toEqual(['transactions'])
    expect((await query(wide.apiKey, revenue)).body.data).toEqual([{ revenue: 50 }])
    expect((await server.json('GET', '/api/metrics', undefined, wide.apiKey)).status).toBe(403)
    const ball = { member: 'product_name', operator: 'equals', values: ['Ball'] }
    const narrow = await issueKey(user, {
      access: { datasets: { transactions: { members: ['revenue', 'region'], filters: [ball] } } },
    })
    const rotated = await server.json('POST', `/v1/admin/users/${user.id}/keys/${narrow.id}/rotate`, {})
    const { apiKey } = rotated.body
    expect((await query(apiKey, revenue)).body.data).toEqual([{ revenue: 40 }])
    for (const dimensions of [['region'], ['country']])
      expect((await query(apiKey, { dataset: 'transactions', dimensions })).status).toBe(400)
  })

  it('gets no answer that was stored for a wider key of its user', async () => {
    const user = await withAccess(null)
    const { apiKey } = await issueKey(user, { access: SALES })
    for (const accept of ['application/json', 'text/csv']) {
      const headers = { 'idempotency-key': randomUUID(), 'content-type': 'application/json', accept }
      const send = (key: string) =>
        server.fetch('/v1/query', { method: 'POST', key, headers, body: JSON.stringify(revenue) })
      expect(await (await send(user.key)).text()).toContain('180')
      const replayed = await send(apiKey)
      expect(replayed.status).toBe(422)
      expect(await replayed.text()).not.toContain('180')
      expect(await (await send(user.key)).text()).toContain('180')
    }
  })

  it('shares cached results with equal rights, and with no others', async () => {
    const body = { ...revenue, limit: 7 }
    const ask = async (access: object | null) => {
      const { key } = await withAccess(access)
      const { data, query: facts } = (await query(key, body)).body
      return [data[0].revenue, facts.cached]
    }
    const turned = { datasets: { transactions: { filters: [GERMANY], members: ['revenue', 'category', 'country'] } } }
    expect(await ask(null)).toEqual([180, false])
    expect(await ask(SALES)).toEqual([50, false])
    for (let n = 0; n < 2; n++) {
      expect(await ask(turned)).toEqual([50, true])
      expect(await ask(null)).toEqual([180, true])
    }
  })
})

describe('what is told to a caller who may not see a dataset', () => {
  it('is no name of it in live streams', async () => {
    expect((await server.json('POST', '/v1/admin/datasets', { ...SHOPS, name: 'kiosks' })).status).toBe(201)
    const user = await withAccess({ datasets: {}, dashboards: true })
    const reader = await LiveReader.open(server, { key: user.key })
    const stream = await EventStream.open(`${server.url}/v1/realtime/stream`, { 'x-api-key': user.key })
    const admin = await LiveReader.open(server)
    await Promise.all([reader.snapshot(), admin.snapshot(), stream.first(1, 'snapshot')])
    expect((await upload(server, 'city,size\nRome,3\n', { format: 'csv', dataset: 'kiosks' })).status).toBe(200)
    // Frames wait in line: what would tell of the load has come before the job's end.
    await admin.frame(({ type, data }) => type === 'ingestion' && data.ingestions[0].status === 'succeeded')
    await send(server, [event('behind', 1)])
    await reader.frame(({ type }) => type === 'event')
    await stream.first(1, 'event')
    expect(JSON.stringify([reader.frames, stream.events])).not.toContain('kiosks')
    await Promise.all([reader.close(), admin.close()])
    stream.close()
  })

  it('is no name of it, nor of an endpoint, in its own ledger, statement, requests and use; sums stay exact', async () => {
    const ofShops = { title: 'Hidden sizes', query: { dataset: 'shops', measures: ['area'] } }
    expect((await server.json('PUT', '/v1/admin/endpoints/hidden_sizes', ofShops)).status).toBeLessThan(300)
    const user = await withAccess(null)
    await query(user.key, { dataset: 'shops', measures: ['rows'] })
    await query(user.key, revenue)
    const called = await server.json('GET', '/v1/endpoints/hidden_sizes', undefined, user.key)
    expect(called.status, JSON.stringify(called.body)).toBe(200)
    const { apiKey } = await issueKey(user, { access: { datasets: { transactions: {} } } })
    const month = new Date().toISOString().slice(0, 7)
    const read = async (path: string, key: string) => (await server.fetch(path, { key })).text()
    const paths = [
      '/v1/me/ledger',
      '/v1/me/ledger?format=csv',
      ...['json', 'csv', 'html'].map((format) => `/v1/me/statements/${month}?format=${format}`),
      '/v1/me/requests',
      '/v1/me/usage?by=dataset',
    ]
    const jsonOf = async (path: string, key = apiKey) => (await server.json('GET', path, undefined, key)).body
    const credits = (body: any) => body.data.reduce((sum: number, { creditsUsed }: any) => sum + creditsUsed, 0)
    // What was asked reaches the log a moment later.
    await until(async () => expect(credits(await jsonOf('/v1/me/usage?by=dataset', user.key))).toBe(3))
    for (const path of paths) {
      expect(await read(path, user.key), path).toContain('shops')
      const narrowed = await read(path, apiKey)
      expect(narrowed, path).toContain('transactions')
      expect(narrowed, path).not.toMatch(/shops|hidden_sizes/)
    }
    const reasons = (await jsonOf('/v1/me/ledger')).data.map(({ reason }: any) => reason)
    expect(reasons.slice(0, 3)).toEqual(['query', 'query transactions', 'query'])
    expect((await jsonOf(`/v1/me/statements/${month}`)).usage).toEqual([
      { dataset: null, endpoint: null, requests: 2, charged: -2, released: 0 },
      { dataset: 'transactions', endpoint: null, requests: 1, charged: -1, released: 0 },
    ])
    expect(credits(await jsonOf('/v1/me/usage?by=dataset'))).toBe(3)
    expect((await jsonOf('/v1/me/requests?dataset=shops')).data).toEqual([])
    expect((await jsonOf('/v1/me/requests?dataset=shops', user.key)).data).toHaveLength(2)
  })
})

describe('a dataset with the name of what every object has', () => {
  it('is granted as any other, and what its policy says is checked', async () => {
    for (const name of ['constructor', 'tostring'])
      expect((await server.json('POST', '/v1/admin/datasets', { ...SHOPS, name })).status, name).toBe(201)
    const datasets = { constructor: { members: ['city', 'rows'] }, tostring: {} }
    const user = await withAccess({ datasets })
    expect((await namesOf(user.key)).sort()).toEqual(['constructor', 'tostring'])
    const { body } = await server.json('GET', `/v1/admin/users/${user.id}`)
    expect(JSON.stringify(body)).toContain('"constructor":{"filters":[],"members":["city","rows"]}')
    const { status } = await query(user.key, { dataset: 'constructor', measures: ['rows'] })
    expect(status).toBe(200)

    const patched = (access: object) => server.json('PATCH', `/v1/admin/users/${user.id}`, { access })
    const refusals: [object, string][] = [
      [{ datasets: { constructor: { bogus: 1 } } }, 'access.datasets.constructor.bogus'],
      [{ datasets: { toString: {} } }, 'access.datasets.toString'],
      [{ datasets: { transactions: { constructor: {} } } }, 'access.datasets.transactions.constructor'],
      [{ constructor: { bogus: 1 } }, 'access.constructor'],
    ]
    for (const [access, path] of refusals) {
      const refused = await patched(access)
      expect(refused.status, path).toBe(400)
      expect(refused.body.errors, path).toEqual([expect.objectContaining({ path })])
    }
    const token = { expiresInSeconds: 60, access: { datasets: { constructor: { bogus: 1 } } } }
    expect((await server.json('POST', '/v1/me/tokens', token, user.key)).status).toBe(400)
  })
})

describe('a change of a policy', () => {
  it('holds at once here, and within a moment on another instance, for keys, sessions and live streams', async () => {
    const user = await withAccess({ datasets: { transactions: {} }, dashboards: true })
    const signedIn = await other.fetch('/v1/session', {
      method: 'POST',
      key: null,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ apiKey: user.key }),
    })
    const cookie = signedIn.headers.get('set-cookie')!.split(';')[0]!
    const ofSession = () =>
      other.fetch('/v1/query', {
        method: 'POST',
        key: null,
        headers: { 'content-type': 'application/json', cookie },
        body: JSON.stringify(revenue),
      })
    const { ticket } = (await other.json('POST', '/v1/realtime/ticket', undefined, user.key)).body
    const readers = [await LiveReader.open(other, { ticket }), await LiveReader.open(server, { key: user.key })]
    const stream = await EventStream.open(`${other.url}/v1/realtime/stream`, { 'x-api-key': user.key })
    expect(stream.response.status).toBe(200)
    for (const on of [server, other]) expect((await query(user.key, revenue, on)).body.data).toEqual([{ revenue: 180 }])
    expect(((await (await ofSession()).json()) as any).data).toEqual([{ revenue: 180 }])

    expect((await server.json('PATCH', `/v1/admin/users/${user.id}`, { access: SALES })).status).toBe(200)
    expect((await query(user.key, revenue)).body.data).toEqual([{ revenue: 50 }])
    await until(async () => {
      expect((await query(user.key, revenue, other)).body.data).toEqual([{ revenue: 50 }])
      expect(((await (await ofSession()).json()) as any).data).toEqual([{ revenue: 50 }])
      for (const { closed } of readers) expect(closed?.code).toBe(1008)
      expect(stream.hasEnded).toBe(true)
    }, WITHIN_MS)
    for (const on of [server, other]) {
      expect((await LiveReader.refused(on, { 'x-api-key': user.key })).status).toBe(403)
      for (const path of ['/v1/realtime/stream', '/api/metrics', '/v1/dashboard/overview'])
        expect((await on.json('GET', path, undefined, user.key)).status, path).toBe(403)
      const refused = await on.json('POST', '/v1/realtime/ticket', undefined, user.key)
      expect(refused.body).toMatchObject({ code: 'FORBIDDEN', detail: expect.stringContaining('"dashboards": true') })
    }
  })

  it('leaves sending events to "sendEvents"', async () => {
    const { key } = await Customer.create(server, 0, { access: {}, sendEvents: true })
    const sent = { source: 'access', type: 'sent', values: { n: 1 } }
    expect((await server.json('POST', '/api/ingest', sent, key)).status).toBe(200)
    expect((await server.json('GET', '/api/metrics', undefined, key)).status).toBe(403)
  })
})

describe('a dataset that is dropped and declared again', () => {
  it('is denied where a filter does not fit it any more, else what has the names is allowed', async () => {
    const filters = [{ member: 'size', operator: 'gte', values: [2] }]
    const filtered = await withAccess({ datasets: { shops: { members: ['city', 'rows', 'area'], filters } } })
    const rows = { dataset: 'shops', measures: ['rows'] }
    expect((await query(filtered.key, rows)).body.data).toEqual([{ rows: 1 }])
    await server.json('DELETE', '/v1/admin/datasets/shops?confirm=shops')
    expect((await query(filtered.key, rows)).status).toBe(400)
    expect(await namesOf(filtered.key)).toEqual([])
    // The filter's values are no booleans.
    await declareShops(
      [
        { name: 'city', type: 'text' },
        { name: 'size', type: 'boolean' },
      ],
      [],
    )
    expect((await query(filtered.key, rows)).status).toBe(400)
    expect(await namesOf(filtered.key)).toEqual([])
    await server.json('DELETE', '/v1/admin/datasets/shops?confirm=shops')
    await declareShops()
    expect((await query(filtered.key, rows)).body.data).toEqual([{ rows: 0 }])
    const { members } = (await server.json('GET', '/v1/datasets/shops', undefined, filtered.key)).body
    expect(members.map(({ name }: any) => name).sort()).toEqual(['area', 'city', 'rows'])
  })
})
