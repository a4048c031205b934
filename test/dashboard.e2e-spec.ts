import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Customer as Account } from './support/customer.js'
import { startProgram } from './support/program.js'
import { startServer, type TestServer } from './support/server.js'
import { until } from './support/until.js'

let server: TestServer
let member: Account

beforeAll(async () => {
  server = await startServer({ env: { RATE_LIMIT_PER_MINUTE: '100000' } })
  member = await Account.create(server, 10_000)
})
afterAll(async () => {
  await server?.stop()
})

interface Sale {
  id: string
  date: string
  country: string
  region: string
  product: string
  name: string
  /** in ten-thousandths */
  total: number
  quantity: number
  stock: number
  added: string
}

const HEADER =
  'TransactionId,TransactionDate,UserId,Country,Region,ProductId,ProductName,Category,Quantity,TotalPrice,StockQuantity,AddedDate'

function salesOf(count: number, round: number): Sale[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `T${index}`,
    date: `202${index % 3}-${String(1 + ((index * 7 + round) % 12)).padStart(2, '0')}-15`,
    country: ['France', 'Österreich', 'Chile'][(index + round) % 3]!,
    region: `Region ${(index * 13) % 40}`,
    product: `P${(index * 31) % 50}`,
    name: `Product ${(index * 31) % 50} of ${index % 2}`,
    total: index * 12_345 + round,
    quantity: 1 + ((index + round) % 5),
    stock: (index * 17) % 1000,
    added: `2019-0${1 + (index % 9)}-01`,
  }))
}

function csvOf(sales: Sale[]): string {
  const lines = sales.map((sale) =>
    [
      ...[sale.id, sale.date, 'U', sale.country, sale.region, sale.product, sale.name, 'C', sale.quantity],
      ...[(sale.total / 10_000).toFixed(4), sale.stock, sale.added],
    ].join(','),
  )
  return [HEADER, ...lines].join('\n')
}

async function load(sales: Sale[], options = ''): Promise<any> {
  const response = await server.fetch(`/v1/ingestions?wait=true${options}`, {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: csvOf(sales),
  })
  const job = await response.json()
  expect(job).toMatchObject({ status: 'succeeded', rowsAccepted: sales.length })
  return job
}

const report = async (path: string) => (await server.json('GET', path, undefined, member.key)).body

/** Waits until the views show what the job brought. */
async function caughtUp(job: { finishedAt: string }): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const { refreshedAt } = (await server.json('GET', '/v1/admin/views')).body
    if (refreshedAt > job.finishedAt) return
    await new Promise((done) => setTimeout(done, 100))
  }
  throw new Error('the views did not catch up')
}

function groups<T>(sales: Sale[], key: (sale: Sale) => string, row: (group: Sale[]) => T): T[] {
  const all = new Map<string, Sale[]>()
  for (const sale of sales) all.set(key(sale), [...(all.get(key(sale)) ?? []), sale])
  return [...all.values()].map(row)
}

const sum = (group: Sale[], value: (sale: Sale) => number) => group.reduce((total, sale) => total + value(sale), 0)
const revenue = (group: Sale[]) => sum(group, ({ total }) => total) / 10_000
const items = (group: Sale[]) => sum(group, ({ quantity }) => quantity)
const newest = (group: Sale[]) =>
  group.reduce((best, sale) => ([sale.added, sale.date, sale.id] > [best.added, best.date, best.id] ? sale : best))
const by =
  (...keys: ((row: any) => string | number)[]) =>
  (a: any, b: any): number => {
    for (const key of keys) if (key(a) !== key(b)) return key(a) < key(b) ? -1 : 1
    return 0
  }

function expectedReports(sales: Sale[]) {
  return {
    '/api/revenue/countries?limit=500': groups(
      sales,
      ({ country, product }) => `${country}/${product}`,
      (group) => ({
        country: group[0]!.country,
        productId: group[0]!.product,
        productName: newest(group).name,
        totalRevenue: revenue(group),
        transactions: group.length,
      }),
    ).sort(
      by(
        ({ country }) => Buffer.from(country).toString('hex'),
        ({ totalRevenue }) => -totalRevenue,
        ({ productId }) => productId,
      ),
    ),
    '/api/products/top': groups(
      sales,
      ({ product }) => product,
      (group) => ({
        productId: group[0]!.product,
        productName: newest(group).name,
        purchaseCount: items(group),
        stockQuantity: newest(group).stock,
      }),
    )
      .sort(
        by(
          ({ purchaseCount }) => -purchaseCount,
          ({ productId }) => productId,
        ),
      )
      .slice(0, 20),
    '/api/sales/monthly': groups(
      sales,
      ({ date }) => date.slice(0, 7),
      (group) => ({
        month: group[0]!.date.slice(0, 7),
        transactions: group.length,
        itemsSold: items(group),
        revenue: revenue(group),
      }),
    ).sort(by(({ month }) => month)),
    '/api/revenue/regions': groups(
      sales,
      ({ region }) => region,
      (group) => ({ region: group[0]!.region, totalRevenue: revenue(group), itemsSold: items(group) }),
    )
      .sort(
        by(
          ({ totalRevenue }) => -totalRevenue,
          ({ region }) => region,
        ),
      )
      .slice(0, 30),
  }
}

async function expectReports(sales: Sale[]): Promise<void> {
  for (const [path, rows] of Object.entries(expectedReports(sales))) {
    const { data, refreshedAt } = await report(path)
    expect(data, path).toEqual(rows)
    expect(Date.now() - Date.parse(refreshedAt)).toBeLessThan(60_000)
  }
}

describe('the reports on the views', () => {
  it('are empty before anything was loaded', async () => {
    for (const path of ['/api/revenue/countries', '/api/products/top', '/api/sales/monthly', '/api/revenue/regions'])
      expect((await report(path)).data).toEqual([])
  })

  it('equal a recomputation after a load, and after its rows were replaced', async () => {
    await caughtUp(await load(salesOf(900, 0)))
    await expectReports(salesOf(900, 0))
    await caughtUp(await load(salesOf(600, 1)))
    await expectReports([...salesOf(600, 1), ...salesOf(900, 0).slice(600)])
  })

  it('take one country, one page, one year', async () => {
    const france = await report('/api/revenue/countries?country=France&limit=3&offset=1')
    expect(france.data).toHaveLength(3)
    expect(france.data.every(({ country }: any) => country === 'France')).toBe(true)
    expect(france.pagination).toMatchObject({ limit: 3, offset: 1, total: expect.any(Number) })
    const year = await report('/api/sales/monthly?year=2021')
    expect(new Set(year.data.map(({ month }: any) => month.slice(0, 4)))).toEqual(new Set(['2021']))
    expect((await server.json('GET', '/api/sales/monthly?year=x')).status).toBe(400)
  })

  it('come from the cache the second time', async () => {
    await server.json('POST', '/v1/admin/views/refresh')
    const cacheOf = async () => (await server.fetch('/api/revenue/regions')).headers.get('x-cache')
    expect(await cacheOf()).toBe('miss')
    expect(await cacheOf()).toBe('hit')
  })

  it('cost nothing, and every key may read them', async () => {
    const before = await member.credits()
    await report('/api/sales/monthly')
    expect(await member.credits()).toBe(before)
    expect((await server.json('GET', '/api/sales/monthly', undefined, null)).status).toBe(401)
  })

  it('are refreshed on demand by admins, who see how it went', async () => {
    const { status, body } = await server.json('POST', '/v1/admin/views/refresh')
    expect(status).toBe(200)
    expect(body.data.map(({ name }: any) => name)).toEqual([
      'mv_country_product_revenue',
      'mv_top_product',
      'mv_monthly_sales',
      'mv_region_revenue',
    ])
    for (const view of body.data)
      expect(view).toMatchObject({ rows: expect.any(Number), durationMs: expect.any(Number), lastError: null })
    expect(body.data[3].rows).toBe(40)
    expect((await server.json('POST', '/v1/admin/views/refresh', undefined, member.key)).status).toBe(403)
    expect((await server.json('GET', '/v1/admin/views')).body.refreshedAt).toBe(body.refreshedAt)
  })

  it('never wait for a refresh, and never see half of one', async () => {
    let refreshing = true
    const refreshes = (async () => {
      for (let round = 0; round < 5; round++) await server.json('POST', '/v1/admin/views/refresh')
      refreshing = false
    })()
    let reads = 0
    for (; refreshing; reads++) {
      const { data } = await report(`/api/revenue/countries?limit=500&offset=${reads % 2}`)
      expect(data.length).toBe(150 - (reads % 2))
    }
    await refreshes
    expect(reads).toBeGreaterThan(5)
  })
})

describe('the reports on the order side', () => {
  it('follow every change at once', async () => {
    const empty = await report('/v1/dashboard/overview')
    expect(empty).toMatchObject({ productReport: { totalProducts: 0, averagePrice: null }, topCustomers: [] })
    const category = (await server.json('POST', '/v1/categories', { name: 'Toys' })).body
    const product = async (name: string, price: number, stockQuantity: number) =>
      (await server.json('POST', '/v1/products', { name, price, stockQuantity, categoryId: category.id })).body
    const [yoyo, ball] = [await product('Yo-yo', 10, 5), await product('Ball', 20.0001, 7)]
    const figures = await report('/v1/dashboard/products')
    expect(figures).toMatchObject({ totalProducts: 2, totalStock: 12, averagePrice: 15.0001 })
    expect(figures.recentProducts.map(({ name }: any) => name)).toEqual(['Ball', 'Yo-yo'])

    const customer = async (name: string) =>
      (await server.json('POST', '/v1/customers', { name, email: `${name}@example.com` })).body
    const [ada, bob] = [await customer('ada'), await customer('bob')]
    const order = async (customerId: string, productId: string) =>
      (await server.json('POST', '/v1/orders', { customerId, items: [{ productId, quantity: 1 }] })).body
    await order(ada.id, yoyo.id)
    const second = await order(bob.id, ball.id)
    expect((await report('/v1/dashboard/top-customers')).data).toEqual([
      { id: bob.id, name: 'bob', totalSpent: 20.0001, totalOrders: 1 },
      { id: ada.id, name: 'ada', totalSpent: 10, totalOrders: 1 },
    ])
    expect((await report('/v1/dashboard/top-customers?limit=1')).data).toHaveLength(1)
    await server.json('DELETE', `/v1/orders/${second.id}`)
    expect((await report('/v1/dashboard/overview')).topCustomers).toMatchObject([{ name: 'ada' }])
    expect((await server.fetch('/v1/dashboard/overview')).headers.get('x-cache')).toBe('hit')
  })
})

describe('two instances without Redis', () => {
  it('tell each other of changes on the order side', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'countinghouse-test-'))
    const engines = startProgram('engines', { DATA_DIR: dataDir })
    const [, POSTGRES_URL] = await engines.printed(/^POSTGRES_URL=(\S+)$/m)
    const [, CLICKHOUSE_URL] = await engines.printed(/^CLICKHOUSE_URL=(\S+)$/m)
    const env = { POSTGRES_URL: POSTGRES_URL!, CLICKHOUSE_URL: CLICKHOUSE_URL! }
    const one = await startServer({ env, dataDir })
    const other = await startServer({ env, dataDir, rootKey: one.rootKey })
    try {
      const stockSeen = async (): Promise<number> => (await other.json('GET', '/v1/dashboard/products')).body.totalStock
      expect(await stockSeen()).toBe(0)
      const { id: categoryId } = (await one.json('POST', '/v1/categories', { name: 'Toys' })).body
      const body = { name: 'Yo-yo', price: 1, stockQuantity: 7, categoryId }
      const { id } = (await one.json('POST', '/v1/products', body)).body
      await until(async () => expect(await stockSeen()).toBe(7), 2_000)
      expect((await other.fetch('/v1/dashboard/products')).headers.get('x-cache')).toBe('hit')
      await one.json('PATCH', `/v1/products/${id}`, { stockQuantity: 8 })
      await until(async () => expect(await stockSeen()).toBe(8), 2_000)
    } finally {
      await other.stop({ keepData: true })
      await one.stop({ keepData: true })
      await engines.end()
      rmSync(dataDir, { recursive: true, force: true })
    }
  })
})
