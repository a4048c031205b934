import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sampleShop } from '../../tools/generator/shop.js'
import { transactionsCsv } from '../../tools/generator/transactions-generator.js'
import { startCli, startCliOnTerminal } from '../support/cli.js'
import { PlannedPostgres, type Execution } from '../support/planned-postgres.js'
import { startServer, type TestServer } from '../support/server.js'
import { isInstalled } from '../support/services.js'

const hasScript = isInstalled('script', 'the progress bar of seeding')

let postgres: PlannedPostgres
let server: TestServer

beforeAll(async () => {
  postgres = await PlannedPostgres.start()
  server = await startServer({ env: { POSTGRES_URL: postgres.url } })
})
afterAll(async () => {
  await server?.stop()
  await postgres?.stop()
})

const environment = () => ({ COUNTINGHOUSE_URL: server.url, COUNTINGHOUSE_API_KEY: server.rootKey })
const rows = async (sql: string): Promise<any[]> => (await postgres.client.query(sql)).rows

describe('countinghouse seed', () => {
  async function seed(): Promise<any> {
    const { code, stdout, stderr } = await startCli(['seed', '--json'], { env: environment() }).ended
    expect(code, stderr).toBe(0)
    return JSON.parse(stdout)
  }

  it('adds what is missing, whatever is there already', async () => {
    // Some of each, as an interrupted run leaves it; and things of the operator's own.
    const { products, customers, orders } = sampleShop(1)
    const made = async (path: string, body: object) => (await server.json('POST', path, body)).body
    const own = await made('/v1/categories', { name: 'Own' })
    const electronics = await made('/v1/categories', { name: 'ELECTRONICS' })
    const first = await made('/v1/products', { ...products[0], category: undefined, categoryId: electronics.id })
    await made('/v1/products', { name: products[5]!.name, price: 1, stockQuantity: 1, categoryId: own.id })
    const buyer = await made('/v1/customers', customers[orders[0]!.customer]!)
    await made('/v1/orders', { customerId: buyer.id, items: [{ productId: first.id, quantity: 1 }] })

    const { seeded, totals } = await seed()
    expect(seeded).toEqual({
      categories: { added: 4, present: 1 },
      products: { added: 9_999, present: 1 },
      customers: { added: 499, present: 1 },
      orders: { added: 1_000, present: 0 },
    })
    expect(totals).toEqual({ categories: 6, products: 10_001, customers: 500, orders: 1_001 })
    // Ten seconds, unless the machine has a lot else to do.
  }, 600_000)

  it('changes nothing when it is run again, with a bar for each kind on a terminal', async () => {
    const before = await rows('SELECT id, stock_quantity, sold FROM products ORDER BY id')
    const start = hasScript ? startCliOnTerminal : startCli
    const { code, stdout } = await start(['seed'], { env: environment() }).ended
    expect(code).toBe(0)
    if (hasScript) expect(stdout).toMatch(/adding {4}customers +[█░]+ +\d+%/)
    expect(stdout).toMatch(/categories: 0 added, 5 there before; now 6 in all/)
    expect(stdout).toMatch(/products: 0 added, 10,000 there before; now 10,001 in all/)
    expect(stdout).toMatch(/customers: 0 added, 500 there before; now 500 in all/)
    expect(stdout).toMatch(/orders: 0 added, 1,000 there before; now 1,001 in all/)
    expect(await rows('SELECT id, stock_quantity, sold FROM products ORDER BY id')).toEqual(before)
  })

  it('leaves the shop that was generated, its stock less what was ordered', async () => {
    const { products, orders } = sampleShop(1)
    const pieces = products.map(() => 0)
    for (const { items } of orders) for (const { product, quantity } of items) pieces[product]! += quantity
    // One piece of the first product was ordered before.
    pieces[0]! += 1
    const stored = await rows(
      `SELECT p.name, p.price::text, p.stock_quantity AS stock, p.sold::int FROM products p
       JOIN categories c ON c.id = p.category_id WHERE c.name <> 'Own' ORDER BY right(p.name, 5)`,
    )
    expect(stored).toEqual(
      products.map(({ name, price, stockQuantity }, index) => ({
        name,
        price: `${price}00`,
        stock: stockQuantity - pieces[index]!,
        sold: pieces[index],
      })),
    )
  })

  it('says what is wrong, and ends with 1', async () => {
    const wrong = startCli(['seed'], { env: { ...environment(), COUNTINGHOUSE_API_KEY: 'ch_wrong' } })
    expect(await wrong.ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/^error: The server does not/) })
    expect(await startCli(['seed', '--seed', 'x'], { env: environment() }).ended).toMatchObject({ code: 2 })
  })
})

describe('the items of orders', () => {
  it('have ids in the order in which stock was taken, also when the clock was set back meanwhile', async () => {
    const made = async (path: string, body: object) => (await server.json('POST', path, body)).body
    const { id: categoryId } = await made('/v1/categories', { name: 'Clocks' })
    const product = await made('/v1/products', { name: 'Clock', price: 1, categoryId, stockQuantity: 100 })
    const buyer = await made('/v1/customers', { name: 'Ada', email: 'clocks@example.com' })
    const order = () =>
      made('/v1/orders', {
        customerId: buyer.id,
        items: Array.from({ length: 3 }, () => ({ productId: product.id, quantity: 1 })),
      })
    const first = await order()
    // As an order left it while the clock was a year ahead.
    await rows(
      `UPDATE products SET last_item_micros = last_item_micros + 365 * 86400000000 WHERE id = '${product.id}' RETURNING id`,
    )
    const [second, third] = [await order(), await order()]
    const ids = [first, second, third].flatMap(({ items }) => items.map(({ id }: any) => id))
    expect(ids).toEqual(ids.toSorted())
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    // The sales are not a year ahead.
    expect(Math.abs(Date.parse(third.createdAt) - Date.parse(first.createdAt))).toBeLessThan(86_400_000)
  })
})

describe('on 10,000 products and 100,000 order items', () => {
  const LARGE = /^(products|orders|order_items)$/
  // As the application writes them; a refresh of the views has statements of its own.
  const OF_THE_SHOP =
    /\b(products|customers|orders|order_items|orders_create|orders_delete)\b|FROM mv_country_product_revenue t\b/
  let category: string
  let customer: string

  beforeAll(async () => {
    await postgres.client.query(`
      WITH o AS (
        INSERT INTO orders (id, customer_id, total)
        SELECT ('019aa4c2-0000-7000-8000-' || lpad(to_hex(row_number() OVER ()), 12, '0'))::uuid, c.id, 30
        FROM generate_series(1, 80), customers c RETURNING id)
      INSERT INTO order_items (id, order_id, line, product_id, quantity, price, total_price)
      SELECT gen_random_uuid(), n.id, l.line, p.ids[1 + ((n.number * 7 + l.line * 3301) % 10000)], 1, 10, 10
      FROM (SELECT id, row_number() OVER () AS number FROM o) n, generate_series(1, 3) l (line),
        (SELECT array_agg(id) AS ids FROM products) p`)
    const sales = [...transactionsCsv({ rows: 50_000, seed: 1 })].join('')
    const headers = { 'content-type': 'text/csv' }
    const job = await server.fetch('/v1/ingestions?wait=true', { method: 'POST', headers, body: sales })
    expect(await job.json()).toMatchObject({ status: 'succeeded' })
    expect((await server.json('POST', '/v1/admin/views/refresh')).status).toBe(200)
    // One by one: VACUUM takes no part in a transaction.
    for (const table of ['products', 'customers', 'orders', 'order_items', 'mv_country_product_revenue'])
      await postgres.client.query(`VACUUM ANALYZE ${table}`)
    expect(Number((await rows('SELECT count(*) FROM order_items'))[0].count)).toBeGreaterThan(100_000)
    category = (await rows('SELECT id FROM categories LIMIT 1'))[0].id
    customer = (await rows('SELECT id FROM customers LIMIT 1'))[0].id
  })

  const answered = async (path: string): Promise<void> => {
    const { status, body } = await server.json('GET', path.replace('CATEGORY', category).replace('CUSTOMER', customer))
    expect(status, JSON.stringify(body)).toBe(200)
  }

  function expectNoTableRead(executions: Execution[]): void {
    const scans = executions.flatMap(({ nodes }) => nodes).filter((node) => node['Node Type'] === 'Seq Scan')
    expect(scans.filter((node) => LARGE.test(node['Relation Name'] ?? ''))).toEqual([])
  }

  /** With those of which nothing but the index was read marked. */
  const indexesOf = (executions: Execution[]): string[] =>
    executions
      .flatMap(({ nodes }) => nodes)
      .flatMap((node) => {
        const name = node['Index Name'] ?? []
        return node['Node Type'] === 'Index Only Scan' ? [name, `${String(name)} only`].flat() : name
      })

  it.each([
    ['/v1/products', ['products_name']],
    ['/v1/products?sort=price', ['products_price']],
    ['/v1/products?sort=-price', ['products_price']],
    ['/v1/products?sort=-sold', ['products_sold']],
    ['/v1/products?sort=-createdAt', ['products_created_at']],
    ['/v1/products?name=1-0123', ['products_name_trgm']],
    ['/v1/products?name=lamp&sort=-sold', ['products_name_trgm']],
    ['/v1/products?categoryId=CATEGORY&sort=price', ['products_category_price', 'products_category_price only']],
    ['/v1/products?categoryId=CATEGORY&minPrice=20&maxPrice=21', ['products_category_price only']],
    ['/v1/products?minPrice=20&maxPrice=20.5', ['products_price only']],
    ['/v1/products?minPrice=20&sort=price', ['products_price']],
    ['/v1/products?maxPrice=20&sort=-price', ['products_price']],
    ['/v1/customers', ['customers_pkey']],
    ['/v1/customers?email=ADA@example.com', ['customers_email_unique']],
    ['/v1/orders', ['orders_pkey', 'order_items_order_id_line_key', 'products_pkey']],
    ['/v1/orders?customerId=CUSTOMER', ['orders_customer', 'orders_customer only']],
    ['/v1/dashboard/products', ['products_created_at', 'products_price only']],
    ['/v1/dashboard/overview', ['products_created_at', 'products_price only', 'customers_spent only']],
    ['/v1/dashboard/top-customers?limit=7', ['customers_spent only']],
    ['/api/revenue/countries', ['mv_country_product_revenue_order']],
    ['/api/revenue/countries?country=France&limit=10', ['mv_country_product_revenue_order']],
  ])('%s reads indexes instead of whole tables: %s', async (path, indexes) => {
    const executions = await postgres.during(OF_THE_SHOP, () => answered(path))
    expectNoTableRead(executions)
    expect(indexesOf(executions)).toEqual(expect.arrayContaining(indexes))
  })

  it.each([
    ['/v1/categories?limit=500', 0],
    ['/v1/products?limit=500', 1],
    ['/v1/customers?limit=500', 1],
    ['/v1/orders?limit=500', 1],
    ['/v1/dashboard/overview', 3],
    ['/api/revenue/countries?limit=500', 1],
  ])('%s takes the same few statements however many rows it answers', async (path, statements) => {
    // So that no report comes from the cache.
    await server.json('PATCH', `/v1/customers/${customer}`, { region: 'Europe' })
    expect(await postgres.during(OF_THE_SHOP, () => answered(path))).toHaveLength(statements)
  })

  it.each([1, 200])('an order of %s items takes one statement, reading it one, deleting it one', async (count) => {
    const products = await rows(`SELECT id FROM products WHERE stock_quantity > 0 LIMIT ${count}`)
    const items = products.map(({ id }) => ({ productId: id, quantity: 1 }))
    let id = ''
    const creating = await postgres.during(OF_THE_SHOP, async () => {
      const { status, body } = await server.json('POST', '/v1/orders', { customerId: customer, items })
      expect(status).toBe(201)
      expect(body.items).toHaveLength(count)
      id = body.id
    })
    expect(creating.map(({ sql }) => sql)).toEqual([
      expect.stringContaining('orders_create'),
      expect.stringContaining('FROM orders t'),
    ])
    expect(await postgres.during(OF_THE_SHOP, () => answered(`/v1/orders/${id}`))).toHaveLength(1)
    const deleting = await postgres.during(OF_THE_SHOP, () => server.json('DELETE', `/v1/orders/${id}`))
    expect(deleting.map(({ sql }) => sql)).toEqual([expect.stringContaining('orders_delete')])
  })
})
