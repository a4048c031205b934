import { expect } from 'vitest'
import { expectedFigures, loadedFigures, NOTHING_LOADED } from './counted-file.js'
import { Customer } from './customer.js'
import { BATCH_EVENTS, SERIES_ROWS, STOCK, type Acknowledged, type MixedLoad } from './mixed-load.js'
import type { TestServer } from './server.js'

/** All pages of a list. */
export async function listAll(server: TestServer, path: string): Promise<any[]> {
  const all: any[] = []
  for (let total = 1; all.length < total;) {
    const { body } = await server.json('GET', `${path}${path.includes('?') ? '&' : '?'}limit=500&offset=${all.length}`)
    all.push(...body.data)
    total = body.pagination.total
    if (body.data.length === 0) break
  }
  return all
}

/** Expects that a system which was copied in the middle of a load holds each thing in whole or not at all, and once. */
export async function expectConsistent(server: TestServer, load: MixedLoad, before: Acknowledged): Promise<void> {
  await expectLedgers(server, load, before)
  const customer = await Customer.create(server, 10_000)
  await expectJobs(server, customer, load, before)
  await expectEvents(server, before)
  await expectOrders(server, customer, load, before)
}

async function expectJobs(
  server: TestServer,
  customer: Customer,
  load: MixedLoad,
  before: Acknowledged,
): Promise<void> {
  const jobs = await listAll(server, '/v1/ingestions')
  const statuses = new Map(jobs.map(({ id, status }) => [id, status]))
  expect(before.jobs.map((id) => statuses.get(id))).toEqual(before.jobs.map(() => 'succeeded'))
  for (const job of jobs) {
    expect(['succeeded', 'failed']).toContain(job.status)
    if (job.status === 'failed') expect(job.error).toContain('upload the file again')
    const file = load.files.get(job.fileName)
    if (!file) continue
    const isLoaded = job.status === 'succeeded' && !job.deletedAt
    expect(await loadedFigures(customer, file), job.fileName).toEqual(isLoaded ? expectedFigures(file) : NOTHING_LOADED)
  }
  const series = jobs.filter(({ fileName, status }) => status === 'succeeded' && fileName.startsWith('series-'))
  const last = Math.max(0, ...series.map(({ fileName }) => Number(/\d+/.exec(fileName)![0])))
  const filters = [{ member: 'country', operator: 'equals', values: ['Wonderland'] }]
  const { data } = await customer.execute({ measures: ['transactions', 'items_sold'], filters })
  const transactions = last > 0 ? SERIES_ROWS : 0
  expect(data[0]).toEqual({ transactions, items_sold: transactions * last })
}

async function expectEvents(server: TestServer, before: Acknowledged): Promise<void> {
  const query = { dataset: 'events', measures: ['events'], dimensions: ['type'], limit: 50_000 }
  const { body } = await server.json('POST', '/v1/query', query)
  const counts = new Map<string, number>(body.data.map((row: any) => [row.type, row.events]))
  expect([...counts].filter(([, count]) => count !== BATCH_EVENTS)).toEqual([])
  expect(before.batches.filter((type) => !counts.has(type))).toEqual([])
}

async function expectOrders(
  server: TestServer,
  customer: Customer,
  load: MixedLoad,
  before: Acknowledged,
): Promise<void> {
  const orders = await listAll(server, '/v1/orders')
  const ids = new Set(orders.map(({ id }) => id))
  expect(before.orders.filter((id) => !ids.has(id))).toEqual([])
  const units = orders.length * (1 + 2 + 3)
  const product = (await server.json('GET', `/v1/products/${load.productId}`)).body
  expect(product).toMatchObject({ stockQuantity: STOCK - units, sold: units })
  // What was in the outbox is sent again.
  const filters = [{ member: 'product_id', operator: 'equals', values: [load.productId] }]
  const query = { measures: ['transactions', 'items_sold'], filters }
  await expect
    .poll(async () => (await customer.execute(query)).data[0])
    .toEqual({ transactions: orders.length * 3, items_sold: units })
}

async function expectLedgers(server: TestServer, load: MixedLoad, before: Acknowledged): Promise<void> {
  let charged = 0
  for (const { id } of load.customers) {
    const entries = await listAll(server, `/v1/admin/users/${id}/ledger`)
    const { body } = await server.json('GET', `/v1/admin/users/${id}`)
    expect(entries.reduce((sum, { amount }) => sum + amount, 0)).toBe(body.credits)
    charged += entries.filter(({ type }) => type === 'charge').length
  }
  expect(charged).toBeGreaterThanOrEqual(before.queries)
}
