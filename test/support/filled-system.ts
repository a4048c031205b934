import { expect } from 'vitest'
import { Customer } from './customer.js'
import { listAll } from './restored-system.js'
import { sample, SUPERSTORE_MAPPING } from './samples.js'
import type { TestServer } from './server.js'
import { until } from './until.js'
import { upload } from './upload.js'

const SUPERSTORE_ROWS = 9_994
/** with the item of the order */
const TRANSACTIONS = SUPERSTORE_ROWS + 1
const CREDITS = 50

/** A system with something of everything, and what it says of itself. */
export class FilledSystem {
  private answers: unknown

  private constructor(
    readonly server: TestServer,
    private readonly customer: Customer,
    private readonly jobId: string,
  ) {}

  static async create(server: TestServer): Promise<FilledSystem> {
    const customer = await Customer.create(server, CREDITS, { email: 'ann@example.com', firstName: 'Ann' })
    const options = { mapping: SUPERSTORE_MAPPING, fileName: 'superstore.csv' }
    const { body: job } = await upload(server, sample('superstore.csv'), options, { 'content-type': 'text/csv' })
    const system = new FilledSystem(server, customer, job.id)
    await system.fill()
    system.answers = await system.answersOf(server)
    return system
  }

  /** Expects that it answers as this one did, and goes on from there. */
  async expectSame(restored: TestServer): Promise<void> {
    // The views of the reports are made anew at the first start.
    await expect.poll(() => this.answersOf(restored)).toEqual(this.answers)
    this.customer.moveTo(restored)
    const filters = [{ member: 'transaction_id', operator: 'equals', values: ['1'] }]
    const query = { measures: ['revenue'], dimensions: ['country'], filters }
    expect((await this.customer.execute(query)).data).toEqual([{ country: 'United States', revenue: 261.96 }])
    expect(await this.customer.credits()).toBe(CREDITS - 2)
    const again = await upload(restored, sample('superstore.csv'), { mapping: SUPERSTORE_MAPPING })
    expect(again.body).toMatchObject({ id: this.jobId, duplicate: true })
    const newer = 'TransactionId,TransactionDate,Country,ProductId,Price,Quantity\n1,2024-01-01,Peru,p,1,1\n'
    expect((await upload(restored, newer, {}, { 'content-type': 'text/csv' })).body.status).toBe('succeeded')
    expect((await this.customer.execute(query)).data).toEqual([{ country: 'Peru', revenue: 1 }])
    const [{ items, customerId }] = await listAll(restored, '/v1/orders')
    const order = { customerId, items: [{ productId: items[0].productId, quantity: 1 }] }
    expect((await restored.json('POST', '/v1/orders', order)).status).toBe(201)
    await expect.poll(() => transactions(restored)).toBe(TRANSACTIONS + 1)
  }

  private async fill(): Promise<void> {
    const { server, customer } = this
    await customer.execute({ measures: ['revenue'], dimensions: ['category'] })
    await declareRides(server)
    const event = { source: 'till', type: 'sale', values: { amount: 0.1, note: 'it\'s\t"5\\"', isPaid: true } }
    await server.json('POST', '/api/ingest/batch', [event, { ...event, timestamp: '1999-12-31T23:59:59.999Z' }])
    const user = `/v1/admin/users/${customer.id}`
    await server.json('POST', `${user}/keys`, { name: 'second' })
    await server.json('PUT', `${user}/low-balance`, { threshold: 5, url: 'https://example.com/' })
    const { body: category } = await server.json('POST', '/v1/categories', { name: 'Toys' })
    const product = { name: 'Yo-yo', price: 19.99, categoryId: category.id, stockQuantity: 10 }
    const { body: made } = await server.json('POST', '/v1/products', product)
    const { body: buyer } = await server.json('POST', '/v1/customers', { name: 'Ada', email: 'ada@example.com' })
    await server.json('POST', '/v1/orders', { customerId: buyer.id, items: [{ productId: made.id, quantity: 3 }] })
    await until(async () => expect(await transactions(server)).toBe(TRANSACTIONS))
    // When a key was used last is written a while later.
    await until(async () => expect((await listAll(server, `${user}/keys`)).some((key) => key.lastUsedAt)).toBe(true))
    await until(async () => expect((await server.json('GET', '/api/products/top')).body.data).toHaveLength(20))
  }

  private async answersOf(server: TestServer): Promise<unknown> {
    const user = `/v1/admin/users/${this.customer.id}`
    const lists = ['/v1/admin/users', `${user}/keys`, `${user}/ledger`, `${user}/grants`, '/v1/ingestions']
    const shop = [
      '/v1/admin/datasets',
      '/v1/categories',
      '/v1/products',
      '/v1/customers',
      '/v1/orders',
      '/v1/admin/audit',
    ]
    const reports = ['/api/products/top', '/api/sales/monthly', '/api/revenue/regions', '/v1/datasets', user]
    const rejects = `/v1/ingestions/${this.jobId}/rejects`
    return {
      lists: await Promise.all([...lists, ...shop, rejects].map((path) => listAll(server, path))),
      results: await Promise.all(QUERIES.map((query) => rowsOf(server, query))),
      reports: await Promise.all(reports.map((path) => reportOf(server, path))),
    }
  }
}

/** A declared dataset without a key, and with a column that came later. */
async function declareRides(server: TestServer): Promise<void> {
  const columns = [
    { name: 'bike', type: 'text', lowCardinality: true },
    { name: 'day', type: 'date' },
    { name: 'fare', type: 'decimal' },
  ]
  const rides = { name: 'rides', columns, measures: [{ name: 'fares', type: 'sum', column: 'fare' }] }
  expect((await server.json('POST', '/v1/admin/datasets', rides)).status).toBe(201)
  await upload(server, 'bike,day,fare\nred,2024-01-05,2.5\nred,,\n', { dataset: 'rides', format: 'csv' })
  const added = { addColumns: [{ name: 'order', type: 'text' }] }
  expect((await server.json('PATCH', '/v1/admin/datasets/rides', added)).status).toBe(200)
  await upload(server, 'bike,day,fare,order\nblue,2024-01-06,1,first\n', { dataset: 'rides', format: 'csv' })
}

const QUERIES = [
  { measures: ['transactions', 'revenue', 'items_sold', 'unique_users', 'latest_stock'] },
  { measures: ['revenue', 'average_price'], dimensions: ['country', 'category'], limit: 1_000 },
  { select: ['transaction_id', 'transaction_date', 'price', 'added_date', 'product_name'], limit: 20_000 },
  { dataset: 'rides', select: ['bike', 'day', 'fare', 'order'] },
  { dataset: 'rides', measures: ['rows', 'fares'], dimensions: ['bike'] },
  { dataset: 'events', select: ['timestamp', 'source', 'type', 'values.amount', 'values.note', 'values.isPaid'] },
]

async function transactions(server: TestServer): Promise<number> {
  return (await rowsOf(server, { measures: ['transactions'] }))[0].transactions
}

async function rowsOf(server: TestServer, query: object): Promise<any[]> {
  const { status, body } = await server.json('POST', '/v1/query', { dataset: 'transactions', ...query })
  expect(status, JSON.stringify(body)).toBe(200)
  return body.data
}

/** Without when it was made. */
async function reportOf(server: TestServer, path: string): Promise<unknown> {
  const { refreshedAt: _, ...report } = (await server.json('GET', path)).body
  return report
}
