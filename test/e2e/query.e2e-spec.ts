import { request as httpRequest } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Customer } from '../support/customer.js'
import { startServer, type TestServer } from '../support/server.js'

const HEADER =
  'TransactionId,TransactionDate,UserId,Country,Region,ProductId,ProductName,Category,Price,Quantity,TotalPrice,StockQuantity,AddedDate'
const ROWS = [
  'A1,2024-01-15,u1,Germany,North,p1,Robot,Toys,12.3456,2,24.6912,7,2023-05-01',
  'A2,2024-01-31,u2,Germany,,p2,Atlas,Books,99999999999999.9999,1,99999999999999.9999,3,',
  'A3,2024-02-29,u1,France,South,p1,Robot,Toys,10,-1,-10,6,2023-06-01',
]

let server: TestServer

beforeAll(async () => {
  server = await startServer()
  await load(ROWS)
})
afterAll(() => server?.stop())

async function load(rows: string[]): Promise<void> {
  const response = await server.fetch('/v1/ingestions?wait=true&format=csv', {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: [HEADER, ...rows, ''].join('\n'),
  })
  expect(await response.json()).toMatchObject({ status: 'succeeded', rowsAccepted: rows.length })
}

describe('POST /v1/query', () => {
  it('answers groups with columns, page, query and credits', async () => {
    const customer = await Customer.create(server, 10)
    const response = await customer.query({
      measures: ['revenue', 'transactions', 'latest_stock'],
      dimensions: ['country'],
      timeDimension: { dimension: 'transaction_date', granularity: 'month' },
      order: [['revenue', 'desc']],
      total: true,
    })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toMatch(/^application\/json/)
    expect(response.headers.get('x-credits-charged')).toBe('1')
    expect(response.headers.get('x-credits-remaining')).toBe('9')
    const text = await response.text()
    expect(text).toMatch(/"revenue": ?100000000000024\.6911[,}]/)
    expect(JSON.parse(text)).toEqual({
      data: [
        expect.objectContaining({
          country: 'Germany',
          transaction_date: '2024-01-01',
          transactions: 2,
          latest_stock: 7,
        }),
        { country: 'France', transaction_date: '2024-02-01', revenue: -10, transactions: 1, latest_stock: 6 },
      ],
      columns: [
        { name: 'country', type: 'text' },
        { name: 'transaction_date', type: 'date' },
        { name: 'revenue', type: 'decimal' },
        { name: 'transactions', type: 'integer' },
        { name: 'latest_stock', type: 'integer' },
      ],
      page: { limit: 100, offset: 0, returned: 2, total: 2 },
      query: {
        id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
        dataset: 'transactions',
        cached: false,
        elapsedMs: expect.any(Number),
        rowsRead: 3,
      },
      credits: { charged: 1, remaining: 9 },
    })
  })

  it('answers rows', async () => {
    const customer = await Customer.create(server, 10)
    const query = {
      select: ['transaction_id', 'price', 'region', 'added_date'],
      order: [['price', 'asc']],
      total: true,
    }
    const { data, page } = await customer.execute({ ...query, limit: 2, offset: 1 })
    expect(data.map((row: any) => row.transaction_id)).toEqual(['A1', 'A2'])
    expect(data[1]).toMatchObject({ region: '', added_date: null })
    expect(page).toEqual({ limit: 2, offset: 1, returned: 2, total: 3 })
  })

  it('answers averages and sums over no rows', async () => {
    const customer = await Customer.create(server, 10)
    const measures = ['transactions', 'revenue', 'items_sold', 'average_price', 'average_order_value', 'latest_stock']
    const filters = [{ member: 'country', operator: 'equals', values: ['Atlantis'] }]
    expect((await customer.execute({ measures, filters })).data).toEqual([
      {
        transactions: 0,
        revenue: 0,
        items_sold: 0,
        average_price: null,
        average_order_value: null,
        latest_stock: null,
      },
    ])
  })

  it('never gives an old answer after an ingestion, and a new one once', async () => {
    const customer = await Customer.create(server, 100)
    const query = {
      measures: ['transactions', 'revenue'],
      filters: [{ member: 'country', operator: 'equals', values: ['Spain'] }],
    }
    for (let round = 1; round <= 5; round++) {
      await load([`S1,2024-05-0${round},u1,Spain,,p1,Robot,Toys,${round},1,${round},1,`])
      const fresh = await customer.execute(query)
      expect(fresh).toMatchObject({ data: [{ transactions: 1, revenue: round }], query: { cached: false } })
      const again = await customer.execute(query)
      expect(again).toMatchObject({ data: fresh.data, query: { cached: true, rowsRead: 0 }, credits: { charged: 1 } })
    }
    expect(await customer.credits()).toBe(90)
  })

  it('searches Greek without regard to case, wherever a sigma stands', async () => {
    const customer = await Customer.create(server, 100)
    await load(['G1,2024-05-01,u1,ΟΔΟΣ ΚΩΣΤΑΣ,,p1,Robot,Toys,1,1,1,1,'])
    const found = async (operator: string, ...values: string[]) =>
      (await customer.execute({ select: ['transaction_id'], filters: [{ member: 'country', operator, values }] })).data
        .length
    for (const text of ['Σ', 'σ', 'ς', 'οδοσ', 'ΟΔΟΣ Κ', 'ΚΩΣ']) expect(await found('contains', text), text).toBe(1)
    for (const text of ['ΟΔΟΣ', 'οδος', 'οδοσ', 'ΟΔΟΣ ΚΩΣ']) expect(await found('startsWith', text), text).toBe(1)
    for (const text of ['ΤΑΣ', 'τας', 'τασ', 'Σ']) expect(await found('endsWith', text, 'none'), text).toBe(1)
    expect(await found('startsWith', 'Σ')).toBe(0)
  })

  it('sells until the credits are used up; refusals and dry runs cost nothing', async () => {
    const customer = await Customer.create(server, 2)
    expect((await customer.query({ measures: ['profit'] })).status).toBe(400)
    expect(
      (await server.json('POST', '/v1/query/dry-run', { dataset: 'transactions', measures: ['revenue'] }, customer.key))
        .status,
    ).toBe(200)
    expect((await customer.query({ measures: ['revenue'] })).status).toBe(200)
    expect((await customer.query({ measures: ['revenue'] })).status).toBe(200)
    const refused = await customer.query({ measures: ['revenue'] })
    expect(refused.status).toBe(402)
    expect(refused.headers.get('x-credits-charged')).toBeNull()
    expect(await refused.json()).toMatchObject({ code: 'INSUFFICIENT_CREDITS', required: 1, balance: 0 })
  })

  it('charges the root key nothing: it has no account', async () => {
    const { status, body } = await server.json('POST', '/v1/query', { dataset: 'transactions', measures: ['revenue'] })
    expect({ status, credits: body.credits }).toEqual({ status: 200, credits: { charged: 0, remaining: 0 } })
  })

  it('counts queries against the rate limit, wrong ones not', async () => {
    const customer = await Customer.create(server, 10, { rateLimitPerMinute: 2 })
    for (let attempt = 0; attempt < 5; attempt++) expect((await customer.query({ measures: [1] })).status).toBe(400)
    expect((await customer.query({ measures: ['revenue'] })).status).toBe(200)
    expect((await customer.query({ measures: ['revenue'] })).status).toBe(200)
    const refused = await customer.query({ measures: ['revenue'] })
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await customer.credits()).toBe(8)
  })

  it('gives the credit back to a client that goes away', async () => {
    const customer = await Customer.create(server, 5)
    // Long enough to leave while it runs: ClickHouse plans some expressions for each of a thousand texts.
    const values = Array.from({ length: 1000 }, (_unused, index) => `nothing like ς ${index}`)
    const body = JSON.stringify({
      dataset: 'transactions',
      measures: ['transactions'],
      filters: [{ member: 'product_name', operator: 'startsWith', values }],
    })
    const leaving = httpRequest(`${server.url}/v1/query`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': customer.key },
    })
    leaving.on('error', () => undefined)
    leaving.end(body)
    await expect.poll(() => customer.credits(), { interval: 2 }).toBe(4)
    leaving.destroy()
    await expect.poll(() => customer.credits(), { interval: 20 }).toBe(5)
    const { body: ledger } = await server.json('GET', `/v1/admin/users/${customer.id}/ledger`)
    expect(ledger.data.map((entry: any) => entry.type).sort()).toEqual(['charge', 'grant', 'release'])
  })
})

describe('hostile queries get a clean 400', () => {
  const evil = [
    "'; DROP TABLE transactions; --",
    '`) UNION ALL SELECT 1',
    '{p0:String}',
    '\\',
    '\u0000',
    '*',
    '__proto__',
  ]
  let customer: Customer
  beforeAll(async () => {
    customer = await Customer.create(server, 1000, { rateLimitPerMinute: 10_000 })
  })

  async function expectProblem(query: Record<string, unknown>): Promise<void> {
    const response = await customer.query(query)
    const text = await response.text()
    expect(response.status, `${JSON.stringify(query)} ${text}`).toBe(400)
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/)
    expect(JSON.parse(text)).toMatchObject({ code: 'VALIDATION_FAILED', errors: expect.any(Array) })
    expect(text).not.toMatch(/DB::Exception|clickhouse|FROM `|at .*\.js:/i)
  }

  it.each(evil)('with %j as any name', async (name) => {
    await expectProblem({ dataset: name, measures: ['revenue'] })
    await expectProblem({ measures: [name] })
    await expectProblem({ dimensions: [name] })
    await expectProblem({ select: [name] })
    await expectProblem({ measures: ['revenue'], order: [[name, 'asc']] })
    await expectProblem({ measures: ['revenue'], order: [['revenue', name]] })
    await expectProblem({ measures: ['revenue'], timezone: name })
    await expectProblem({ timeDimension: { dimension: name, granularity: 'day' } })
    await expectProblem({ timeDimension: { dimension: 'transaction_date', granularity: name } })
    await expectProblem({ timeDimension: { dimension: 'transaction_date', dateRange: [name] } })
    await expectProblem({ measures: ['revenue'], filters: [{ member: name, operator: 'set' }] })
    await expectProblem({ measures: ['revenue'], filters: [{ member: 'country', operator: name, values: ['x'] }] })
    await expectProblem({ measures: ['revenue'], filters: [{ member: 'price', operator: 'gt', values: [name] }] })
    await expectProblem({ measures: ['revenue'], filters: [{ member: 'revenue', operator: 'gt', values: [name] }] })
    await expectProblem({ measures: ['revenue'], limit: name })
    await expectProblem({ measures: ['revenue'], [`x${name}`]: 1 })
  })

  it.each(evil)('and %j as a text value is only data', async (value) => {
    for (const operator of ['equals', 'notEquals', 'contains', 'notContains', 'startsWith', 'endsWith']) {
      for (const values of [[value], [value, `${value}2`]]) {
        const { data } = await customer.execute({
          measures: ['transactions'],
          filters: [
            { member: 'country', operator, values },
            { member: 'transaction_id', operator: 'startsWith', values: ['A'] },
          ],
        })
        expect(data, operator).toEqual([{ transactions: operator.startsWith('not') ? 3 : 0 }])
      }
    }
  })

  it('and as many texts to search for as there may be', async () => {
    const texts = (count: number) => Array.from({ length: count }, (_, index) => `text ${index}`)
    const equals = texts(99).map((value) => ({ member: 'region', operator: 'notEquals', values: [value] }))
    for (const operator of ['contains', 'notContains', 'startsWith', 'endsWith']) {
      for (const [count, others] of [
        [1000, []],
        [900, equals],
      ] as const) {
        const { data } = await customer.execute({
          measures: ['transactions'],
          filters: [{ member: 'country', operator, values: [...texts(count - 1), 'FRANCE'] }, ...others],
        })
        const ofFrance = await customer.execute({
          measures: ['transactions'],
          filters: [{ member: 'country', operator, values: ['France'] }],
        })
        expect(data, operator).toEqual(ofFrance.data)
      }
    }
  })

  it.each([
    ['null', 'null'],
    ['an array', '[]'],
    ['a text', '"x"'],
    ['a number', '1'],
    ['nothing', ''],
    ['no JSON', '{"dataset":'],
    ['a prototype', '{"dataset":"transactions","measures":["revenue"],"__proto__":{"admin":true}}'],
    ['a constructor', '{"dataset":"transactions","constructor":{"prototype":{"admin":true}}}'],
    ['endless nesting', `{"dataset":"transactions","filters":${'['.repeat(10_000)}${']'.repeat(10_000)}}`],
    ['endless objects', `${'{"dataset":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
    [
      'endless or',
      `{"dataset":"transactions","measures":["revenue"],"filters":[${'{"or":['.repeat(10_000)}${']}'.repeat(10_000)}]}`,
    ],
    ['endless values', `{"dataset":"transactions","measures":["revenue"],"filters":[${'1,'.repeat(200_000)}1]}`],
    ['duplicate keys', '{"dataset":"transactions","dataset":"nope","measures":["revenue"]}'],
  ])('a body that is %s', async (_what, body) => {
    for (const path of ['/v1/query', '/v1/query/dry-run']) {
      const response = await server.fetch(path, {
        method: 'POST',
        key: customer.key,
        headers: { 'content-type': 'application/json' },
        body,
      })
      expect(await response.json()).toMatchObject({ status: 400, code: 'VALIDATION_FAILED' })
    }
  })

  it.each(['99999999999999.9999', '1.0000000000000001', '4732869449324537.7535', '1e400'])(
    'a number that would be rounded: %s',
    async (number) => {
      const filters = `[{"member":"total_price","operator":"gte","values":["1",${number}]}]`
      const bodies = {
        '/v1/query': `{"dataset":"transactions","measures":["revenue"],"filters":${filters}}`,
        '/v1/query/dry-run': `{"dataset":"transactions","measures":["revenue"],"filters":${filters}}`,
        '/v1/products': `{"name":"Robot","category":"Toys","price":${number}}`,
      }
      const before = await customer.credits()
      for (const [path, body] of Object.entries(bodies)) {
        const response = await server.fetch(path, {
          method: 'POST',
          ...(path.startsWith('/v1/query') && { key: customer.key }),
          headers: { 'content-type': 'application/json' },
          body,
        })
        const detail = expect.stringContaining(`${number} would be rounded`)
        expect(await response.json(), path).toMatchObject({ status: 400, code: 'VALIDATION_FAILED', detail })
      }
      expect(await customer.credits()).toBe(before)
    },
  )

  it.each([
    ['100.0000000000000000', '100.0000'],
    ['1e21', `1${'0'.repeat(21)}.0000`],
    ['12345678901234.568', '12345678901234.5680'],
  ])('but %s is as exact as it is long', async (number, bound) => {
    const filters = `[{"member":"revenue","operator":"lte","values":[${number}]}]`
    const response = await server.fetch('/v1/query/dry-run', {
      method: 'POST',
      key: customer.key,
      headers: { 'content-type': 'application/json' },
      body: `{"dataset":"transactions","measures":["revenue"],"filters":${filters}}`,
    })
    expect(await response.json()).toMatchObject({ params: { p0: bound } })
  })

  it('a body that is no JSON is 415, and an answer form that we lack is 406', async () => {
    const post = async (contentType: string, body: string, accept = '*/*') =>
      (
        await server.fetch('/v1/query', {
          method: 'POST',
          key: customer.key,
          headers: { 'content-type': contentType, accept },
          body,
        })
      ).status
    expect(await post('text/csv', 'dataset\ntransactions')).toBe(415)
    expect(await post('application/xml', '<a/>')).toBe(415)
    expect(await post('application/json', '{"dataset":"transactions","measures":["revenue"]}', 'image/png')).toBe(406)
  })

  it('costs nothing and leaves the service well', async () => {
    const before = await customer.credits()
    await expectProblem({ measures: ["'"] })
    expect(await customer.credits()).toBe(before)
    expect((await server.fetch('/health/ready')).status).toBe(200)
  })
})

describe('exports', () => {
  it.each([
    ['text/csv', (body: Buffer) => body.toString().startsWith('"transaction_id","price"\n"A1",12.3456\n')],
    ['application/x-ndjson', (body: Buffer) => body.toString().startsWith('{"transaction_id":"A1","price":12.3456}\n')],
    [
      'application/vnd.apache.parquet',
      (body: Buffer) => body.subarray(0, 4).toString() === 'PAR1' && body.subarray(-4).toString() === 'PAR1',
    ],
    ['application/vnd.apache.arrow.stream', (body: Buffer) => body.readUInt32LE(0) === 0xffff_ffff],
  ])('stream %s for a credit', async (accept, looksRight) => {
    const customer = await Customer.create(server, 5)
    const response = await customer.query({ select: ['transaction_id', 'price'] }, { accept })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toContain(accept)
    expect(response.headers.get('x-credits-charged')).toBe('1')
    expect(looksRight(Buffer.from(await response.arrayBuffer()))).toBe(true)
    await sleep(200)
    expect(await customer.credits()).toBe(4)
  })
})

describe('exports as CSV', () => {
  it.each([
    [['added_date'], ['"added_date"', '""', '"2023-05-01"']],
    [
      ['transaction_id', 'added_date'],
      ['"transaction_id","added_date"', '"A1","2023-05-01"', '"A2",'],
    ],
  ])('of %j tell what is not set in a line of its own', async (select, lines) => {
    const customer = await Customer.create(server, 5)
    const filters = [{ member: 'transaction_id', operator: 'equals', values: ['A1', 'A2'] }]
    const response = await customer.query({ select, filters }, { accept: 'text/csv' })
    expect((await response.text()).trimEnd().split('\n').toSorted()).toEqual(lines.toSorted())
  })
})

describe('POST /v1/query/dry-run', () => {
  it('shows the statement, its parameters, the price and how much would be read', async () => {
    const { status, body } = await server.json('POST', '/v1/query/dry-run', {
      dataset: 'transactions',
      measures: ['revenue'],
      filters: [{ member: 'country', operator: 'equals', values: ["O'Brien"] }],
    })
    expect(status).toBe(200)
    expect(body).toEqual({
      sql: expect.stringContaining('WHERE t.country = {p0:String}'),
      params: { p0: "O'Brien" },
      costCredits: 1,
      estimatedRows: expect.any(Number),
    })
    expect(body.estimatedRows).toBeGreaterThanOrEqual(3)
  })
})

describe('GET /v1/datasets', () => {
  it('describes what can be asked and how much there is', async () => {
    const { status, body } = await server.json('GET', '/v1/datasets')
    expect(status).toBe(200)
    expect(body.pagination).toEqual({ limit: 50, offset: 0, total: 2 })
    const [transactions, events] = body.data
    expect(events).toMatchObject({ name: 'events', rowCount: 0 })
    expect(transactions).toMatchObject({ name: 'transactions', key: ['transaction_id'], rowCount: 5 })
    expect(Date.now() - Date.parse(transactions.lastIngestion)).toBeLessThan(600_000)
    expect(transactions.members).toHaveLength(21)
    expect(transactions.members).toContainEqual({ name: 'added_date', title: 'Added date', type: 'date', kind: 'time' })
    expect(transactions.members).toContainEqual({
      name: 'revenue',
      title: 'Revenue',
      type: 'decimal',
      kind: 'measure',
      additive: true,
    })
    expect((await server.json('GET', '/v1/datasets/transactions')).body).toEqual(transactions)
  })

  it.each(['nope', '__proto__', "x'%20OR%201", 'TRANSACTIONS'])('does not know %s', async (name) => {
    expect((await server.json('GET', `/v1/datasets/${name}`)).status).toBe(404)
  })
})
