import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Customer as Account } from '../support/customer.js'
import { canStopClickHouse, tableOf } from '../support/on-cluster.js'
import { startCluster, type TestCluster } from '../support/cluster.js'
import { redisInstalled, TestRedis } from '../support/redis.js'
import { startServer, type TestServer } from '../support/server.js'
import { until } from '../support/until.js'

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

/** How many transactions the views know of. */
const total = async (): Promise<number> =>
  (await report('/api/sales/monthly')).data.reduce((all: number, { transactions }: any) => all + transactions, 0)

/** Waits until the views show what the job brought. */
async function caughtUp(job: { finishedAt: string }): Promise<void> {
  await until(async () => {
    const { refreshedAt } = (await server.json('GET', '/v1/admin/views')).body
    expect(refreshedAt > job.finishedAt).toBe(true)
    // On a machine where a refresh takes seconds, the rest between two is long.
  }, 240_000)
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
    expect(Date.now() - Date.parse(refreshedAt)).toBeLessThan(600_000)
  }
}

/** What orders bring arrives by and by; refreshed on demand, because by itself it rests longer than a refresh takes. */
async function untilReports(sales: Sale[]): Promise<void> {
  await until(async () => {
    expect((await server.json('POST', '/v1/admin/views/refresh')).status).toBe(200)
    await expectReports(sales)
  })
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

  it('equal it after a load was taken back, and after orders came and went', async () => {
    const standing = [...salesOf(600, 1), ...salesOf(900, 0).slice(600)]
    const extra = salesOf(200, 2).map((sale) => ({ ...sale, id: `extra ${sale.id}` }))
    const job = await load(extra)
    await caughtUp(job)
    await expectReports([...standing, ...extra])
    expect((await server.json('DELETE', `/v1/ingestions/${job.id}`)).status).toBe(200)
    await untilReports(standing)

    const made = async (path: string, body: object) => (await server.json('POST', path, body)).body
    const { id: categoryId } = await made('/v1/categories', { name: 'Reported' })
    const product = await made('/v1/products', { name: 'Ordered', price: '1.25', stockQuantity: 9, categoryId })
    const buyer = { name: 'Cleo', email: 'cleo@example.com', country: 'Österreich', region: 'Region 7' }
    const { id: customerId } = await made('/v1/customers', buyer)
    const order = await made('/v1/orders', { customerId, items: [{ productId: product.id, quantity: 4 }] })
    const date = order.createdAt.slice(0, 10)
    const ordered = { id: order.items[0].id, date, country: buyer.country, region: buyer.region, total: 50_000 }
    const row = { ...ordered, product: product.id, name: 'Ordered', quantity: 4, stock: 5, added: date }
    await untilReports([...standing, row])
    expect((await server.json('DELETE', `/v1/orders/${order.id}`)).status).toBe(204)
    await untilReports(standing)
    for (const path of [`/v1/products/${product.id}`, `/v1/customers/${customerId}`, `/v1/categories/${categoryId}`])
      expect((await server.json('DELETE', path)).status).toBe(204)
  })

  // Promised while a refresh is quick, which it is not on a machine that is busy with other things.
  it('show a load, and that it was taken back, in the very next answer', { retry: 3 }, async () => {
    const before = await total()
    const job = await load(salesOf(50, 3).map((sale) => ({ ...sale, id: uuidv7() })))
    const loaded = await total()
    expect((await server.json('DELETE', `/v1/ingestions/${job.id}`)).status).toBe(200)
    expect([loaded, await total()]).toEqual([before + 50, before])
  })

  it('show orders, and that they were deleted, in the very next answer', { retry: 3 }, async () => {
    const made = async (path: string, body: object) => (await server.json('POST', path, body)).body
    const { id: categoryId } = await made('/v1/categories', { name: `At once ${uuidv7()}` })
    const { id: productId } = await made('/v1/products', { name: 'Quick', price: 2, stockQuantity: 99, categoryId })
    const { id: customerId } = await made('/v1/customers', { name: 'Nia', email: `${uuidv7()}@example.com` })
    const before = await total()
    const orders = []
    const totals = []
    for (let n = 0; n < 5; n++) {
      orders.push(await made('/v1/orders', { customerId, items: [{ productId, quantity: 1 }] }))
      totals.push(await total())
    }
    const { data } = await report('/api/revenue/countries?country=Unknown')
    for (const { id } of orders) expect((await server.json('DELETE', `/v1/orders/${id}`)).status).toBe(204)
    totals.push(await total())
    for (const path of [`/v1/products/${productId}`, `/v1/customers/${customerId}`, `/v1/categories/${categoryId}`])
      expect((await server.json('DELETE', path)).status).toBe(204)
    expect(totals).toEqual([1, 2, 3, 4, 5, 0].map((count) => before + count))
    // A transaction has a country, also where the customer has none.
    const row = { country: 'Unknown', productId, productName: 'Quick', totalRevenue: 10, transactions: 5 }
    expect(data).toEqual([row])
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
    const { total } = (await report('/api/revenue/countries')).pagination
    const { length: months } = (await report('/api/sales/monthly')).data
    expect(body.data.map(({ rows }: any) => rows)).toEqual([total, 20, months, 40])
    expect((await server.json('POST', '/v1/admin/views/refresh', undefined, member.key)).status).toBe(403)
    expect((await server.json('GET', '/v1/admin/views')).body.refreshedAt).toBe(body.refreshedAt)
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
    // The database tells of the deletion once more, when this process knows already.
    await until(async () => expect((await server.fetch('/v1/dashboard/overview')).headers.get('x-cache')).toBe('hit'))
  })
})

const VIEW_REPORTS = ['/api/revenue/countries', '/api/products/top', '/api/sales/monthly', '/api/revenue/regions']

describe('two instances', () => {
  const canStop = canStopClickHouse('What views answer while ClickHouse is away')
  let cluster: TestCluster
  let one: TestServer
  let other: TestServer

  beforeAll(async () => {
    cluster = await startCluster()
    one = await cluster.start()
    other = await cluster.start()
    const response = await one.fetch('/v1/ingestions?wait=true', {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body: csvOf(salesOf(300, 0)),
    })
    expect(await response.json()).toMatchObject({ status: 'succeeded' })
    expect((await one.json('POST', '/v1/admin/views/refresh')).status).toBe(200)
  })
  afterAll(async () => {
    await cluster?.stop()
  })

  const seen = async (instance: TestServer): Promise<unknown[]> =>
    Promise.all(VIEW_REPORTS.map(async (path) => (await instance.json('GET', path)).body))
  const refreshes = async (): Promise<number> =>
    Number((await cluster.sql('SELECT refresh FROM rollup_state'))[0].refresh)
  const viewStates = async (): Promise<any> => (await other.json('GET', '/v1/admin/views')).body
  /** Sessions that hold the lock of the refresh, and those that wait for it. */
  const locks = async (): Promise<{ granted: boolean }[]> =>
    cluster.sql(`SELECT granted FROM pg_locks WHERE locktype = 'advisory'
      AND (classid::bigint << 32 | objid::bigint) = hashtextextended('countinghouse:views', 0) ORDER BY granted DESC`)

  it.runIf(canStop)('answer from the old views while one refreshes, and refresh one after the other', async () => {
    const before = await seen(one)
    const count = await refreshes()
    cluster.pauseClickhouse()
    let refreshing: Promise<{ status: number }[]>
    try {
      // Both want to; one has begun and stands still in the middle, because ClickHouse does.
      refreshing = Promise.all([one, other].map((each) => each.json('POST', '/v1/admin/views/refresh')))
      await until(async () => expect(await locks()).toEqual([{ granted: true }, { granted: false }]))
      for (const instance of [one, other]) expect(await seen(instance)).toEqual(before)
      // Not only from the cache.
      for (const view of ['mv_country_product_revenue', 'mv_top_product', 'mv_monthly_sales', 'mv_region_revenue'])
        expect(Number((await cluster.sql(`SELECT count(*) FROM ${view}`))[0].count)).toBeGreaterThan(0)
      expect(await refreshes()).toBe(count)
    } finally {
      cluster.resumeClickhouse()
    }
    expect((await refreshing).map(({ status }) => status)).toEqual([200, 200])
    expect(await refreshes()).toBe(count + 2)
  })

  it('never show half of a refresh', async () => {
    let isOver = false
    const readings = (async () => {
      const found: number[] = []
      while (!isOver) {
        const { body } = await other.json('GET', `/api/revenue/countries?limit=500&offset=${found.length % 2}`)
        found.push(body.data.length + (found.length % 2))
      }
      return found
    })()
    for (let round = 0; round < 5; round++) await one.json('POST', '/v1/admin/views/refresh')
    isOver = true
    expect(new Set(await readings)).toEqual(new Set([150]))
  })

  it('keep the old views when a refresh fails, say why, and try again by themselves', async () => {
    const before = await seen(one)
    const { named, onEveryNode } = tableOf(cluster.urls)
    const [there, away] = [named('transactions'), named('transactions_away')]
    await cluster.clickhouse(`RENAME TABLE ${there} TO ${away}${onEveryNode}`)
    try {
      expect((await one.json('POST', '/v1/admin/views/refresh')).status).toBeGreaterThanOrEqual(500)
      const { data } = await viewStates()
      for (const view of data) {
        expect(view).toMatchObject({ lastError: expect.any(String), lastErrorAt: expect.any(String) })
        expect(view.refreshedAt < view.lastErrorAt).toBe(true)
        expect(view.lastError).not.toMatch(/transactions|FROM/)
      }
      expect(await seen(one)).toEqual(before)
    } finally {
      await cluster.clickhouse(`RENAME TABLE ${away} TO ${there}${onEveryNode}`)
    }
    // As if the change had been another process's.
    await cluster.sql(`UPDATE dataset_versions SET version = version + 1 WHERE dataset = 'transactions'`)
    await until(async () => expect((await viewStates()).data[0].lastError).toBeNull())
  })

  it('show what the other loaded in the very next answer', { retry: 3 }, async () => {
    const months = async (): Promise<string[]> =>
      (await other.json('GET', '/api/sales/monthly')).body.data.map(({ month }: any) => month)
    expect(await months()).not.toContain('1999-05')
    const body = csvOf([{ ...salesOf(1, 0)[0]!, id: uuidv7(), date: '1999-05-05' }])
    const job: any = await (
      await one.fetch('/v1/ingestions?wait=true', { method: 'POST', headers: { 'content-type': 'text/csv' }, body })
    ).json()
    expect(job.status).toBe('succeeded')
    const loaded = await months()
    expect((await one.json('DELETE', `/v1/ingestions/${job.id}`)).status).toBe(200)
    expect(await months()).not.toContain('1999-05')
    expect(loaded).toContain('1999-05')
  })

  it.runIf(canStop)('answer from the old views at once while ClickHouse is away for long', { retry: 3 }, async () => {
    const before = await seen(one)
    cluster.pauseClickhouse()
    try {
      await cluster.sql(`UPDATE dataset_versions SET version = version + 1 WHERE dataset = 'transactions'`)
      expect(await seen(one)).toEqual(before)
      const started = performance.now()
      expect(await seen(one)).toEqual(before)
      // The first ones waited for three seconds.
      expect(performance.now() - started).toBeLessThan(1_500)
    } finally {
      cluster.resumeClickhouse()
    }
  })

  it('tell each other of changes on the order side', async () => {
    const stockSeen = async (): Promise<number> => (await other.json('GET', '/v1/dashboard/products')).body.totalStock
    expect(await stockSeen()).toBe(0)
    const { id: categoryId } = (await one.json('POST', '/v1/categories', { name: 'Toys' })).body
    const body = { name: 'Yo-yo', price: 1, stockQuantity: 7, categoryId }
    const { id } = (await one.json('POST', '/v1/products', body)).body
    await until(async () => expect(await stockSeen()).toBe(7))
    await until(async () => expect((await other.fetch('/v1/dashboard/products')).headers.get('x-cache')).toBe('hit'))
    await one.json('PATCH', `/v1/products/${id}`, { stockQuantity: 8 })
    await until(async () => expect(await stockSeen()).toBe(8))
  })

  describe.skipIf(!redisInstalled())('with Redis', () => {
    let redis: TestRedis
    let shared: TestServer[]

    beforeAll(async () => {
      redis = await TestRedis.start()
      shared = [await cluster.start({ REDIS_URL: redis.url }), await cluster.start({ REDIS_URL: redis.url })]
    })
    afterAll(async () => {
      for (const each of shared ?? []) await each.stop()
      await redis?.stop()
    })

    const total = async (instance: TestServer): Promise<number> =>
      (await instance.json('GET', '/v1/dashboard/products')).body.totalProducts
    const add = async (instance: TestServer, name: string): Promise<void> => {
      const [category] = (await instance.json('GET', '/v1/categories')).body.data
      const body = { name, price: 1, stockQuantity: 1, categoryId: category.id }
      expect((await instance.json('POST', '/v1/products', body)).status).toBe(201)
    }

    it('see a change at once on both, also one made while Redis hung', async () => {
      const [writer, reader] = shared as [TestServer, TestServer]
      const before = await total(reader)
      await add(writer, 'first')
      expect([await total(writer), await total(reader)]).toEqual([before + 1, before + 1])
      redis.pause()
      await add(writer, 'second')
      redis.resume()
      expect(await total(writer)).toBe(before + 2)
      await until(async () => expect(await total(reader)).toBe(before + 2), 10_000)
    })
  })
})
