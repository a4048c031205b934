import { createClient } from '@clickhouse/client'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Customer } from '../support/customer.js'
import { TestEngines } from '../support/engines.js'
import { startServer, type TestServer } from '../support/server.js'
import { until } from '../support/until.js'
import { upload } from '../support/upload.js'

const ORDERS = {
  name: 'orders',
  columns: [
    { name: 'line', source: 'Line No', type: 'integer', required: true },
    { name: 'shop', type: 'text', lowCardinality: true },
    { name: 'day', type: 'date' },
    { name: 'amount', type: 'decimal' },
    { name: 'pieces', type: 'integer' },
  ],
  key: ['line'],
  measures: [
    { name: 'revenue', type: 'sum', column: 'amount' },
    { name: 'pieces_sold', type: 'sum', column: 'pieces' },
    { name: 'shops', type: 'countDistinct', column: 'shop' },
  ],
}

const HEADER = 'Line No,shop,day,amount,pieces'

let engines: TestEngines
let server: TestServer
let other: TestServer
let customer: Customer

const admin = '/v1/admin/datasets'
const declare = (body: object) => server.json('POST', admin, body)
const drop = (name: string) => server.json('DELETE', `${admin}/${name}?confirm=${name}`)
const load = (dataset: string, rows: string[], options: Record<string, string> = {}, header = HEADER) =>
  upload(server, [header, ...rows, ''].join('\n'), { dataset, format: 'csv', ...options })
const ask = async (query: Record<string, unknown>) => (await customer.execute(query)).data
const pathsOf = (body: any): string[] => body.errors.map(({ path }: { path: string }) => path)

beforeAll(async () => {
  engines = await TestEngines.start()
  const env = { ...engines.urls, RATE_LIMIT_PER_MINUTE: '100000', INGESTION_CHUNK_BYTES: String(64 * 1024) }
  server = await startServer({ env })
  other = await startServer({ env, rootKey: server.rootKey })
  customer = await Customer.create(server, 100_000)
})

afterAll(async () => {
  await other?.stop()
  await server?.stop()
  await engines?.stop()
})

describe('a declared dataset', () => {
  it('is answered as it is kept, and is there for everybody', async () => {
    const { status, body } = await declare(ORDERS)
    expect(status).toBe(201)
    expect(body).toMatchObject({
      ...{ name: 'orders', title: 'Orders', key: ['line'], timeDimension: 'day', rowCount: 0, revision: 1 },
      ...{ price: null, fileOptions: {}, lastIngestion: null, measures: ORDERS.measures },
    })
    expect(body.columns[0]).toEqual({ name: 'line', source: 'Line No', type: 'integer', required: true })
    expect(body.members.map(({ name }: { name: string }) => name)).toEqual([
      ...['line', 'shop', 'day', 'amount', 'pieces', 'rows', 'revenue', 'pieces_sold', 'shops'],
    ])
    const seen = await server.json('GET', '/v1/datasets/orders', undefined, customer.key)
    expect(seen.body).toMatchObject({ name: 'orders', rowCount: 0 })
    expect(seen.body.columns).toBeUndefined()
    await until(async () => expect((await other.json('GET', '/v1/datasets/orders')).status).toBe(200))
  })

  it('takes files, replaces rows by their key, and forgets a load that is deleted', async () => {
    const first = await load('orders', [
      '1,Rome,2024-01-05,10.50,1',
      '2,Oslo,2024-02-05,0.25,2',
      'x,Oslo,2024-02-05,1,1',
    ])
    expect(first.body).toMatchObject({ rowsRead: 3, rowsAccepted: 2, rowsRejected: 1, status: 'succeeded' })
    const second = await load('orders', ['2,Oslo,2024-02-06,1.25,7', '3,,,,'])
    const asked = { dataset: 'orders', measures: ['rows', 'revenue', 'pieces_sold', 'shops'] }
    expect(await ask(asked)).toEqual([{ rows: 3, revenue: 11.75, pieces_sold: 8, shops: 2 }])
    expect(await ask({ dataset: 'orders', select: ['line', 'shop', 'day', 'amount', 'pieces'] })).toEqual([
      { line: 1, shop: 'Rome', day: '2024-01-05', amount: 10.5, pieces: 1 },
      { line: 2, shop: 'Oslo', day: '2024-02-06', amount: 1.25, pieces: 7 },
      { line: 3, shop: '', day: null, amount: null, pieces: null },
    ])
    const deleted = await server.json('DELETE', `/v1/ingestions/${second.body.id}`)
    expect(deleted.body).toMatchObject({ rowsDeleted: 2 })
    expect(await ask(asked)).toEqual([{ rows: 1, revenue: 10.5, pieces_sold: 1, shops: 1 }])
  })

  it('without a key counts every row, also the same one twice', async () => {
    await declare({ ...ORDERS, name: 'lines', key: undefined })
    const rows = ['1,Rome,2024-01-05,10.50,1', '1,Rome,2024-01-05,10.50,1']
    await load('lines', rows)
    const again = await load('lines', rows, { force: 'true' })
    const asked = { dataset: 'lines', measures: ['rows', 'revenue'], dimensions: ['shop'] }
    expect(await ask(asked)).toEqual([{ shop: 'Rome', rows: 4, revenue: 42 }])
    expect((await server.json('DELETE', `/v1/ingestions/${again.body.id}`)).body.rowsDeleted).toBe(2)
    expect(await ask(asked)).toEqual([{ shop: 'Rome', rows: 2, revenue: 21 }])
    expect((await server.json('GET', '/v1/datasets/lines')).body.rowCount).toBe(2)
  })

  it('with a key of several columns replaces what has all of them', async () => {
    const columns = ORDERS.columns.map((column) => ({ ...column, required: column.name === 'shop' || column.required }))
    await declare({ ...ORDERS, name: 'pairs', columns, key: ['shop', 'line'] })
    await load('pairs', ['1,Rome,2024-01-05,1,1', '1,Oslo,2024-01-05,2,1'])
    await load('pairs', ['1,Rome,2024-01-05,5,1'])
    expect(await ask({ dataset: 'pairs', select: ['shop', 'amount'] })).toEqual([
      { shop: 'Oslo', amount: 2 },
      { shop: 'Rome', amount: 5 },
    ])
  })

  it('keeps rows that one side of an `or` keeps, where the other can hold for none', async () => {
    const columns = [
      { name: 'shop', type: 'text', required: true },
      { name: 'day', type: 'date', required: true },
      { name: 'pieces', type: 'integer' },
      { name: 'checked_at', type: 'timestamp' },
    ]
    await declare({ name: 'checks', columns, key: ['shop', 'day'] })
    const rows = ['Rome,2023-01-05,1,2023-02-01T10:00:00Z', 'Oslo,2024-02-05,2,2023-03-01T10:00:00Z']
    await load('checks', rows, {}, 'shop,day,pieces,checked_at')
    const none = { member: 'pieces', operator: 'equals', values: ['2.5'] }
    const some = { member: 'day', operator: 'lte', values: ['2024-03-19'] }
    const later = { member: 'checked_at', operator: 'gt', values: ['2023-01-01'] }
    const filters = [later, { or: [none, some] }]
    expect(await ask({ dataset: 'checks', measures: ['rows'], filters })).toEqual([{ rows: 2 }])
    const all = [later, { or: [{ ...none, operator: 'notEquals' }, some] }]
    expect(await ask({ dataset: 'checks', measures: ['rows'], filters: all })).toEqual([{ rows: 2 }])
  })

  it('may be called after words of SQL, and so may its columns and measures', async () => {
    const names = [
      'select',
      'from',
      'order',
      'table',
      'null',
      'f0',
      'text_order',
      'value_from',
      't',
      'c',
      'constructor',
    ]
    const columns = names.map((name) => ({ name, type: 'text' }))
    const measures = [
      { name: 'where', type: 'countDistinct', column: 'from' },
      { name: 'p0', type: 'max', column: 'order' },
    ]
    expect((await declare({ name: 'system', columns, measures })).status).toBe(201)
    const values = names.map((name) => `${name} value`)
    const { body } = await load('system', [values.join(',')], {}, names.join(','))
    expect(body).toMatchObject({ rowsAccepted: 1 })
    expect(await ask({ dataset: 'system', select: names })).toEqual([
      Object.fromEntries(names.map((name, index) => [name, values[index]])),
    ])
    const filters = [{ member: 'table', operator: 'contains', values: ['VALUE'] }]
    const asked = { dataset: 'system', measures: ['where', 'p0', 'rows'], dimensions: ['select'], filters }
    expect(await ask(asked)).toEqual([{ select: 'select value', where: 1, p0: 'order value', rows: 1 }])
  })
})

describe('a quantile', () => {
  it('of dates, numbers and moments is one of the values', async () => {
    const types = ['integer', 'decimal', 'number', 'date', 'timestamp']
    const columns = types.map((type) => ({ name: `a_${type}`, type }))
    const measures = types.flatMap((type) =>
      [0, 0.5, 1].map((level, at) => ({ name: `${type}_${at}`, type: 'quantile', column: `a_${type}`, level })),
    )
    expect((await declare({ name: 'quantiles', columns, measures })).status).toBe(201)
    const rows = [
      '3,1.5,0.25,2299-12-31,1900-01-01T00:00:00Z',
      ',,,,',
      '5,2.5,0.75,1900-01-01,2299-12-31T23:59:59.999Z',
    ]
    const header = columns.map(({ name }) => name).join(',')
    expect((await load('quantiles', rows, {}, header)).body).toMatchObject({ rowsAccepted: 3 })
    const [row] = await ask({ dataset: 'quantiles', measures: measures.map(({ name }) => name) })
    expect(row).toEqual({
      ...{ integer_0: 3, integer_1: 3, integer_2: 5, decimal_0: 1.5, decimal_1: 1.5, decimal_2: 2.5 },
      ...{ number_0: 0.25, number_1: 0.25, number_2: 0.75 },
      ...{ date_0: '1900-01-01', date_1: '1900-01-01', date_2: '2299-12-31' },
      ...{ timestamp_0: '1900-01-01T00:00:00.000Z', timestamp_1: '1900-01-01T00:00:00.000Z' },
      ...{ timestamp_2: '2299-12-31T23:59:59.999Z' },
    })
  })
})

describe('a declaration that cannot be', () => {
  const column = (more: object) => ({
    ...ORDERS,
    name: 'bad',
    columns: [...ORDERS.columns, { name: 'extra', type: 'text', ...more }],
  })
  const measure = (more: object) => ({
    ...ORDERS,
    name: 'bad',
    measures: [{ name: 'm', type: 'sum', column: 'amount', ...more }],
  })

  it.each<[string, object, string]>([
    ['a name in capitals', { ...ORDERS, name: 'Orders' }, 'name'],
    ['a name with a quote', { ...ORDERS, name: 'o`rders' }, 'name'],
    ['no columns', { ...ORDERS, name: 'bad', columns: [] }, 'columns'],
    ['an unknown field', { ...ORDERS, name: 'bad', colour: 1 }, 'colour'],
    ['an unknown type', column({ type: 'uuid' }), 'columns[5].type'],
    ['a column twice', column({ name: 'shop' }), 'columns[5].name'],
    ['two columns of one header', column({ source: 'SHOP' }), 'columns[5].source'],
    ['a scale of a text', column({ scale: 2 }), 'columns[5].scale'],
    ['a scale beyond 18', column({ type: 'decimal', scale: 19 }), 'columns[5].scale'],
    ['a column named rows', column({ name: 'rows' }), 'columns[5].name'],
    ['a column with a hostile name', column({ name: 'x`) DROP' }), 'columns[5].name'],
    ['a key that is no column', { ...ORDERS, name: 'bad', key: ['nope'] }, 'key[0]'],
    ['a key that is not required', { ...ORDERS, name: 'bad', key: ['shop'] }, 'key[0]'],
    ['a time dimension that is no time', { ...ORDERS, name: 'bad', timeDimension: 'shop' }, 'timeDimension'],
    ['a measure of an unknown column', measure({ column: 'amonut' }), 'measures[0].column'],
    ['a sum of texts', measure({ column: 'shop' }), 'measures[0].column'],
    ['a measure named as a column', measure({ name: 'shop' }), 'measures[0].name'],
    ['a quantile without a level', measure({ type: 'quantile' }), 'measures[0].level'],
    ['a level of 1.5', measure({ type: 'quantile', level: 1.5 }), 'measures[0].level'],
    ['a latest value without an order', measure({ type: 'latest' }), 'measures[0].by'],
    [
      'a ratio of a column',
      measure({ type: 'ratio', column: undefined, numerator: 'amount', denominator: 'rows' }),
      'measures[0].numerator',
    ],
    [
      'a filter on an unknown member',
      measure({ filters: [{ member: 'x', operator: 'equals', values: ['1'] }] }),
      'measures[0].filters[0].member',
    ],
    [
      'a filter from today',
      measure({ filters: [{ member: 'day', operator: 'inDateRange', values: ['last 7 days'] }] }),
      'measures[0].filters',
    ],
    ['a price in parts of credits', { ...ORDERS, name: 'bad', price: { query: 0.5 } }, 'price.query'],
  ])('with %s is refused', async (_what, body, path) => {
    const answer = await declare(body)
    expect(answer.status).toBe(400)
    expect(pathsOf(answer.body)).toContain(path)
    expect((await server.json('GET', '/v1/datasets/bad')).status).toBe(404)
  })

  it.each(['orders', 'transactions', 'events', 'users'])('is refused when %s is taken or reserved', async (name) => {
    const answer = await declare({ ...ORDERS, name })
    expect(answer.status).toBe(409)
    expect(answer.body.code).toBe('CONFLICT')
  })

  it('is refused for whoever is no admin', async () => {
    expect((await server.json('POST', admin, ORDERS, customer.key)).status).toBe(403)
    expect((await server.json('DELETE', `${admin}/orders?confirm=orders`, undefined, customer.key)).status).toBe(403)
  })
})

describe('a change of a declaration', () => {
  it('adds columns that are null in the rows from before, while a load runs', async () => {
    await declare({ ...ORDERS, name: 'growing' })
    const rows = Array.from({ length: 60_000 }, (_, line) => `${line},Rome,2024-01-05,1,1`)
    const loading = load('growing', rows)
    await until(async () => {
      const { body } = await server.json('GET', '/v1/ingestions?dataset=growing')
      expect(body.data[0]?.status).toBe('running')
    })
    const changed = await server.json('PATCH', `${admin}/growing`, {
      addColumns: [
        { name: 'note', type: 'text' },
        { name: 'weight', type: 'decimal', required: true },
      ],
      measures: [{ name: 'total_weight', type: 'sum', column: 'weight' }],
    })
    expect(changed.status).toBe(200)
    expect(changed.body).toMatchObject({ revision: 2 })
    expect((await loading).body).toMatchObject({ status: 'succeeded', rowsAccepted: 60_000 })
    const after = await load('growing', ['70000,Oslo,2024-01-05,1,1,hello,2.5'], {}, `${HEADER},note,weight`)
    expect(after.body).toMatchObject({ rowsAccepted: 1 })
    const lacking = await load('growing', ['70001,Oslo,2024-01-05,1,1,hello,'], {}, `${HEADER},note,weight`)
    expect(lacking.body).toMatchObject({ status: 'failed', rowsRejected: 1 })
    const asked = { dataset: 'growing', measures: ['rows', 'total_weight'], dimensions: ['note'] }
    expect(await ask(asked)).toEqual([
      { note: '', rows: 60_000, total_weight: 0 },
      { note: 'hello', rows: 1, total_weight: 2.5 },
    ])
    const select = { dataset: 'growing', select: ['line', 'weight'], limit: 1 }
    expect(await ask(select)).toEqual([{ line: 0, weight: null }])
    await until(async () => expect((await other.json('POST', '/v1/query', asked, customer.key)).status).toBe(200))
  })

  it('of measures holds for the next query, on every instance within a second', async () => {
    const asked = { dataset: 'orders', measures: ['best'] }
    expect((await server.json('POST', '/v1/query', asked, customer.key)).status).toBe(400)
    const measures = [{ name: 'best', type: 'max', column: 'amount' }]
    expect((await server.json('PATCH', `${admin}/orders`, { measures })).status).toBe(200)
    expect(await ask(asked)).toEqual([{ best: 10.5 }])
    const since = Date.now()
    await until(async () => expect((await other.json('POST', '/v1/query', asked, customer.key)).status).toBe(200))
    expect(Date.now() - since).toBeLessThan(1_000)
    await server.json('PATCH', `${admin}/orders`, { measures: ORDERS.measures })
    expect((await server.json('POST', '/v1/query', asked, customer.key)).status).toBe(400)
  })

  it.each<[string, object]>([
    ['its columns', { columns: [{ name: 'line', type: 'text', required: true }] }],
    ['its key', { key: ['shop'] }],
    ['a column that is there', { addColumns: [{ name: 'amount', type: 'integer' }] }],
  ])('cannot touch %s', async (_what, body) => {
    const answer = await server.json('PATCH', `${admin}/orders`, body)
    expect(answer.status).toBe(409)
    expect(answer.body.detail).toMatch(/another dataset|another name/)
  })

  it('of a dataset that is built in or not there is refused', async () => {
    expect((await server.json('PATCH', `${admin}/transactions`, { title: 'x' })).status).toBe(409)
    expect((await server.json('PATCH', `${admin}/oders`, { title: 'x' })).body.detail).toContain('"orders"')
  })

  it('is in the audit trail', async () => {
    const { body } = await server.json('GET', '/v1/admin/audit?target=growing')
    expect(body.data.map(({ action }: { action: string }) => action)).toEqual(['dataset.update', 'dataset.create'])
  })
})

describe('a sum that no format of tables holds', () => {
  it('is exact as JSON and CSV, and refused in words as Parquet', async () => {
    const columns = [{ name: 'amount', type: 'decimal', scale: 0 }]
    await declare({ name: 'huge', columns, measures: [{ name: 'total', type: 'sum', column: 'amount' }] })
    const most = '9'.repeat(38)
    await load('huge', [most, most], {}, 'amount')
    const asked = { dataset: 'huge', measures: ['total'] }
    expect(await (await customer.query(asked)).text()).toContain(`"total":1${'9'.repeat(37)}8}`)
    expect(await (await customer.query(asked, { accept: 'text/csv' })).text()).toContain(`1${'9'.repeat(37)}8`)
    const before = await customer.credits()
    const refused = await customer.query(asked, { accept: 'application/vnd.apache.parquet' })
    expect(refused.status).toBe(400)
    expect(((await refused.json()) as any).detail).toContain('more digits')
    expect(await customer.credits()).toBe(before)
  })
})

describe('a sum of doubles beyond the doubles', () => {
  it('is null in every format, and so is its average', async () => {
    const columns = [{ name: 'v', type: 'number' }]
    const measures = ['sum', 'avg', 'max'].map((type) => ({ name: type, type, column: 'v' }))
    await declare({ name: 'beyond', columns, measures })
    await load('beyond', ['1.7e308', '1.7e308'], {}, 'v')
    const asked = { dataset: 'beyond', measures: ['sum', 'avg', 'max'] }
    const row = '{"sum":null,"avg":null,"max":1.7e308}'
    expect(await (await customer.query(asked)).text()).toContain(row)
    expect((await (await customer.query(asked, { accept: 'application/x-ndjson' })).text()).trim()).toBe(row)
    expect(await (await customer.query(asked, { accept: 'text/csv' })).text()).toMatch(/\n,,1\.7e308\s*$/)
  })
})

describe('a price', () => {
  it('is what a query and an export cost, and what dry-run says', async () => {
    await declare({ ...ORDERS, name: 'dear', price: { query: 3, export: 5 } })
    await load('dear', ['1,Rome,2024-01-05,10.50,1'])
    const asked = { dataset: 'dear', measures: ['rows'] }
    const before = await customer.credits()
    for (const time of [1, 2]) expect((await customer.execute(asked)).credits.charged, `time ${time}`).toBe(3)
    expect((await customer.query(asked, { accept: 'text/csv' })).headers.get('x-credits-charged')).toBe('5')
    expect(await customer.credits()).toBe(before - 11)
    const dryRun = async (accept: string) =>
      (await (
        await server.fetch('/v1/query/dry-run', {
          method: 'POST',
          key: customer.key,
          headers: { accept, 'content-type': 'application/json' },
          body: JSON.stringify({ ...asked, maxCostCredits: 1 }),
        })
      ).json()) as { costCredits: number; estimatedRows: number }
    for (const accept of ['*/*', 'application/json']) expect((await dryRun(accept)).costCredits).toBe(3)
    for (const accept of ['text/csv', 'application/vnd.apache.parquet'])
      expect(await dryRun(accept)).toMatchObject({ costCredits: 5, estimatedRows: 1 })
    await server.json('PATCH', `${admin}/dear`, { price: { query: 0, perMillionRows: 7 } })
    expect((await customer.execute({ ...asked, dimensions: ['shop'] })).credits.charged).toBe(7)
    await server.json('PATCH', `${admin}/dear`, { price: { query: 3, export: 5 } })
    for (const [accept, cost] of [
      ['application/json', 3],
      ['text/csv', 5],
    ] as const) {
      const left = await customer.credits()
      const refused = await customer.query({ ...asked, maxCostCredits: cost - 1 }, { accept })
      expect(await refused.json()).toMatchObject({ status: 400, code: 'COST_LIMIT_EXCEEDED', cost })
      expect(await customer.credits()).toBe(left)
      const paid = await customer.query({ ...asked, maxCostCredits: cost }, { accept })
      expect(paid.headers.get('x-credits-charged')).toBe(String(cost))
      await paid.arrayBuffer()
    }
    for (const maxCostCredits of [-1, 1.5, '1', null])
      expect((await customer.query({ ...asked, maxCostCredits })).status).toBe(400)
    await server.json('PATCH', `${admin}/dear`, { price: null })
    expect((await customer.execute(asked)).credits.charged).toBe(1)
  })
})

describe('a price for each million rows', () => {
  it('is what dry-run says while the table grows past a million, and counts both reads of a query with a total', async () => {
    const price = { query: 1, export: 2, perMillionRows: 7 }
    await declare({ name: 'crowd', columns: [{ name: 'n', type: 'integer' }], price })
    const grow = (rows: number) =>
      load(
        'crowd',
        Array.from({ length: rows }, (_, n) => String(n % 10)),
        {},
        'n',
      )
    const asked = { dataset: 'crowd', measures: ['rows'], dimensions: ['n'], limit: 5 }
    const withTotal = { ...asked, total: true }
    const charged = async (query: Record<string, unknown>, accept = 'application/json') => {
      const request = { key: customer.key, headers: { accept, 'content-type': 'application/json' } }
      const dryRun = await server.fetch('/v1/query/dry-run', {
        ...request,
        method: 'POST',
        body: JSON.stringify(query),
      })
      const { costCredits, estimatedRows } = (await dryRun.json()) as { costCredits: number; estimatedRows: number }
      const paid = await customer.query({ ...query, maxCostCredits: costCredits }, { accept })
      expect(paid.headers.get('x-credits-charged')).toBe(String(costCredits))
      await paid.arrayBuffer()
      return [estimatedRows, costCredits]
    }
    await grow(600_000)
    expect(await charged(asked)).toEqual([600_000, 1 + 7])
    expect(await charged(withTotal)).toEqual([1_200_000, 1 + 14])
    expect((await customer.execute({ ...withTotal, offset: 1 })).page.total).toBe(10)
    const refused = await customer.query({ ...withTotal, maxCostCredits: 14 })
    expect(await refused.json()).toMatchObject({ code: 'COST_LIMIT_EXCEEDED', cost: 15 })
    await grow(500_000)
    expect(await charged(asked)).toEqual([1_100_000, 1 + 14])
    expect(await charged(withTotal)).toEqual([2_200_000, 1 + 21])
    expect(await charged(withTotal, 'text/csv')).toEqual([1_100_000, 2 + 14])
  })
})

describe('a dataset that is dropped', () => {
  it('needs its name twice', async () => {
    const { status, body } = await server.json('DELETE', `${admin}/lines?confirm=orders`)
    expect(status).toBe(400)
    expect(pathsOf(body)).toEqual(['confirm'])
  })

  it('is gone with its rows, and its jobs stay', async () => {
    const { status } = await drop('lines')
    expect(status).toBe(204)
    expect(
      (await server.json('POST', '/v1/query', { dataset: 'lines', measures: ['rows'] }, customer.key)).status,
    ).toBe(400)
    expect((await server.json('GET', '/v1/datasets/lines')).status).toBe(404)
    expect((await drop('lines')).status).toBe(404)
    const jobs = await server.json('GET', '/v1/ingestions?dataset=lines')
    expect(jobs.body.data).toHaveLength(2)
    for (const job of jobs.body.data) expect(job).toMatchObject({ status: 'succeeded', deletedAt: expect.any(String) })
    const refused = await load('lines', ['1,Rome,2024-01-05,1,1'])
    expect(refused.status).toBe(400)
    await until(async () => expect(await tables('lines')).toEqual([]), 10_000)
  })

  it('can be declared again, empty, and takes the same files', async () => {
    expect((await declare({ ...ORDERS, name: 'lines' })).status).toBe(201)
    const asked = { dataset: 'lines', measures: ['rows', 'revenue'] }
    expect(await ask(asked)).toEqual([{ rows: 0, revenue: 0 }])
    const again = await load('lines', ['1,Rome,2024-01-05,10.50,1', '1,Rome,2024-01-05,10.50,1'])
    expect(again.body).toMatchObject({ duplicate: false, rowsAccepted: 2 })
    expect(await ask(asked)).toEqual([{ rows: 1, revenue: 10.5 }])
  })

  it('ends the load that is under way', async () => {
    await declare({ ...ORDERS, name: 'cut' })
    const rows = Array.from({ length: 200_000 }, (_, line) => `${line},Rome,2024-01-05,1,1`)
    const loading = load('cut', rows)
    await until(async () => {
      const { body } = await server.json('GET', '/v1/ingestions?dataset=cut')
      expect(body.data[0]?.rowsRead, JSON.stringify(body.data[0])).toBeGreaterThan(0)
    })
    expect((await drop('cut')).status).toBe(204)
    expect((await loading).body).toMatchObject({ status: 'canceled' })
    expect((await declare({ ...ORDERS, name: 'cut' })).status).toBe(201)
    await sleep(1_000)
    expect(await ask({ dataset: 'cut', measures: ['rows'] })).toEqual([{ rows: 0 }])
  })
})

describe('two instances at once', () => {
  const LINES = 60_000
  const rows = Array.from({ length: LINES }, (_, line) => `${line},Rome,2024-01-05,1.25,1`)
  const loadAtOther = (dataset: string) =>
    upload(other, [HEADER, ...rows, ''].join('\n'), { dataset, format: 'csv', force: 'true' })

  it('make one dataset of a declaration that is posted at both', async () => {
    const twin = { ...ORDERS, name: 'twin' }
    const answers = await Promise.all([declare(twin), other.json('POST', admin, twin)])
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409])
    const one = answers.find(({ status }) => status === 201)!.body
    expect((await other.json('GET', `${admin}/twin`)).body.id).toBe(one.id)
    expect((await load('twin', ['1,Rome,2024-01-05,10.50,1'])).body).toMatchObject({ rowsAccepted: 1 })
    await until(async () => expect(await tables('twin')).toHaveLength(1))
  })

  it('change a dataset that the other one loads into, and lose neither a row nor a change', async () => {
    const loading = loadAtOther('twin')
    for (let n = 0; n < 5; n++) {
      const addColumns = [{ name: `more_${n}`, type: 'integer' }]
      const { status, body } = await (n % 2 ? other : server).json('PATCH', `${admin}/twin`, { addColumns })
      expect(status, JSON.stringify(body)).toBe(200)
    }
    expect((await loading).body).toMatchObject({ status: 'succeeded', rowsAccepted: LINES, rowsRejected: 0 })
    const { body } = await other.json('GET', `${admin}/twin`)
    expect(body.columns.map(({ name }: { name: string }) => name).slice(-5)).toEqual(
      [0, 1, 2, 3, 4].map((n) => `more_${n}`),
    )
    const asked = { dataset: 'twin', measures: ['rows', 'revenue'] }
    expect(await ask(asked)).toEqual([{ rows: LINES, revenue: LINES * 1.25 }])
  })

  it('drop a dataset that the other one loads into: its job ends, and nothing of it stays', async () => {
    const jobs = async () => (await server.json('GET', '/v1/ingestions?dataset=twin')).body.data.length
    const before = await jobs()
    const loading = loadAtOther('twin')
    await until(async () => expect(await jobs()).toBeGreaterThan(before))
    // While the load is being made visible the drop is refused, and says so.
    await until(async () => expect((await drop('twin')).status).toBe(204))
    expect(['canceled', 'succeeded']).toContain((await loading).body.status)
    expect((await other.json('GET', `${admin}/twin`)).status).toBe(404)
    await until(async () => expect(await tables('twin')).toEqual([]))
    expect((await other.json('POST', admin, { ...ORDERS, name: 'twin' })).status).toBe(201)
    expect(await ask({ dataset: 'twin', measures: ['rows'] })).toEqual([{ rows: 0 }])
  })
})

async function tables(name: string): Promise<string[]> {
  const client = createClient({ url: engines.urls.CLICKHOUSE_URL, database: engines.urls.CLICKHOUSE_DATABASE })
  const query = `SELECT name FROM system.tables WHERE match(name, '^dataset_[0-9]+_${name}(_local)?$')`
  const rows = await (await client.query({ query, format: 'JSONEachRow' })).json<{ name: string }>()
  await client.close()
  return rows.map((row) => row.name)
}
