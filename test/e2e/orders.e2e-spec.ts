import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Customer as Account } from '../support/customer.js'
import { startServer, type TestServer } from '../support/server.js'

let server: TestServer
let member: Account
let names = 0

beforeAll(async () => {
  server = await startServer({ env: { RATE_LIMIT_PER_MINUTE: '100000' } })
  member = await Account.create(server, 10_000)
})
afterAll(async () => {
  await server?.stop()
})

const unique = (name: string): string => `${name} ${++names}`

async function created(path: string, body: object): Promise<any> {
  const answer = await server.json('POST', path, body)
  expect(answer.status, JSON.stringify(answer.body)).toBe(201)
  return answer.body
}

const category = () => created('/v1/categories', { name: unique('Toys') })
const customer = (more = {}) =>
  created('/v1/customers', { name: unique('Ada'), email: `ada${++names}@example.com`, ...more })
const product = async (more = {}) =>
  created('/v1/products', {
    name: unique('Yo-yo'),
    price: 19.99,
    categoryId: (await category()).id,
    stockQuantity: 10,
    ...more,
  })
const order = (customerId: string, items: object[]) => server.json('POST', '/v1/orders', { customerId, items })
const productNow = async (id: string) => (await server.json('GET', `/v1/products/${id}`)).body

/** What the dataset says of a product, once the outbox has been emptied. */
async function sales(productId: string, transactions: number): Promise<any> {
  for (let attempt = 0; ; attempt++) {
    const query = {
      measures: ['transactions', 'items_sold', 'revenue', 'latest_stock'],
      filters: [{ member: 'product_id', operator: 'equals', values: [productId] }],
    }
    const { data } = await member.execute(query)
    if (data[0].transactions === transactions || attempt === 600) return data[0]
    await new Promise((done) => setTimeout(done, 100))
  }
}

const BODIES: Record<string, () => object | Promise<object>> = {
  categories: () => ({ name: unique('Toys'), description: 'Things to play with' }),
  products: async () => ({ name: 'Yo-yo', price: 1.5, categoryId: (await category()).id, stockQuantity: 3 }),
  customers: () => ({ name: 'Ada', email: `crud${++names}@example.com`, country: 'France' }),
}

describe('categories, products and customers', () => {
  it.each(Object.keys(BODIES))('creates, reads, changes, replaces and deletes %s', async (kind) => {
    const sent = await BODIES[kind]!()
    const made = await created(`/v1/${kind}`, sent)
    expect(made).toMatchObject(sent)
    expect(made.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/)
    expect(new Date(made.createdAt).toISOString()).toBe(made.createdAt)
    expect((await server.json('GET', `/v1/${kind}/${made.id}`)).body).toEqual(made)

    const changed = await server.json('PATCH', `/v1/${kind}/${made.id}`, { name: unique('New') })
    expect(changed.status).toBe(200)
    expect(changed.body).toMatchObject({ ...sent, name: `New ${names}` })
    const replaced = await server.json('PUT', `/v1/${kind}/${made.id}`, { ...sent, name: unique('Newer') })
    expect(replaced.body.name).toBe(`Newer ${names}`)
    expect((await server.json('PATCH', `/v1/${kind}/${made.id}`, { nonsense: 1 })).status).toBe(400)
    expect((await server.json('PATCH', `/v1/${kind}/${made.id}`, { name: null })).status).toBe(400)

    const { body: list } = await server.json('GET', `/v1/${kind}?limit=1`)
    expect(list.data).toHaveLength(1)
    expect(list.pagination.total).toBeGreaterThan(0)
    expect((await server.json('DELETE', `/v1/${kind}/${made.id}`)).status).toBe(204)
    expect((await server.json('DELETE', `/v1/${kind}/${made.id}`)).status).toBe(404)
    expect((await server.json('GET', `/v1/${kind}/${made.id}`)).status).toBe(404)
    expect((await server.json('GET', `/v1/${kind}/nonsense`)).status).toBe(404)
  })

  it('resets on PUT what is absent, and leaves it on PATCH', async () => {
    const { id: categoryId, name } = await created('/v1/categories', { name: unique('Toys'), description: 'd' })
    const whole = { name: unique('Kite'), price: 2, categoryId, stockQuantity: 3 }
    const { id } = await created('/v1/products', { ...whole, description: 'd', isActive: false })
    const changed = await server.json('PATCH', `/v1/products/${id}`, { price: 3 })
    expect(changed.body).toMatchObject({ ...whole, price: 3, description: 'd', isActive: false })
    const replaced = await server.json('PUT', `/v1/products/${id}`, whole)
    expect(replaced.body).toMatchObject({ ...whole, description: null, isActive: true })
    expect((await server.json('PUT', `/v1/products/${id}`, { price: 3 })).status).toBe(400)
    expect((await server.json('PUT', `/v1/categories/${categoryId}`, { name })).body.description).toBeNull()
    const buyer = await customer({ country: 'France', region: 'Europe' })
    const { body } = await server.json('PUT', `/v1/customers/${buyer.id}`, { name: 'Ada', email: buyer.email })
    expect(body).toMatchObject({ name: 'Ada', country: null, region: null })
  })

  it('creates products in batches, all or none', async () => {
    const { id: categoryId } = await category()
    const make = (count: number, more = {}) =>
      Array.from({ length: count }, (_, n) => ({
        name: `Batch ${n}`,
        price: '0.1',
        categoryId,
        stockQuantity: n,
        ...more,
      }))
    const batch = (products: unknown[]) => server.json('POST', '/v1/products/batch', { products })
    const total = async () => (await server.json('GET', `/v1/products?categoryId=${categoryId}`)).body.pagination.total
    const { status, body } = await batch(make(1000))
    expect(status).toBe(201)
    expect(body.data.map(({ name }: any) => name)).toEqual(make(1000).map(({ name }) => name))
    expect(body.data[7]).toMatchObject({ price: 0.1, stockQuantity: 7, isActive: true, description: null, sold: 0 })
    expect(await productNow(body.data[999].id)).toEqual(body.data[999])
    const nowhere = { ...make(1)[0], categoryId: '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11' }
    expect(await batch([...make(2), nowhere])).toMatchObject({
      status: 404,
      body: { detail: 'The category of products[2] does not exist.' },
    })
    expect(await batch([...make(1), { ...make(1)[0], price: -1 }])).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'products[1].price' }] },
    })
    for (const products of [[], make(1001), ['x'], [null], make(1, { id: 'x' })])
      expect((await batch(products)).status).toBe(400)
    expect(await total()).toBe(1000)
  })

  it('keeps a price to its last digit', async () => {
    const made = await product({ price: '99999999999999.9999' })
    const text = await (await server.fetch(`/v1/products/${made.id}`)).text()
    expect(text).toMatch(/"price" ?: ?99999999999999\.9999[,}]/)
    const tooExact = `{"name":"X","price":12345678901234.5678,"categoryId":"${made.categoryId}","stockQuantity":1}`
    const headers = { 'content-type': 'application/json' }
    const refused = await server.fetch('/v1/products', { method: 'POST', headers, body: tooExact })
    expect(refused.status).toBe(400)
  })

  it('says which name or email is taken, and what is still needed', async () => {
    const { name, id } = await category()
    expect((await server.json('POST', '/v1/categories', { name: name.toUpperCase() })).status).toBe(409)
    await product({ categoryId: id })
    expect((await server.json('DELETE', `/v1/categories/${id}`)).body.detail).toMatch(/has products/)
    const { email } = await customer()
    expect((await server.json('POST', '/v1/customers', { name: 'B', email: email.toUpperCase() })).status).toBe(409)
    const unknown = { name: 'X', price: 1, categoryId: '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11', stockQuantity: 1 }
    expect((await server.json('POST', '/v1/products', unknown)).status).toBe(404)
  })

  it('finds products by part of the name, category and price, and sorts them', async () => {
    const { id: categoryId } = await category()
    for (const [name, price] of [
      ['100% wool', 30],
      ['1000 pieces', 10],
      ['Wool hat', 20],
    ])
      await product({ name, price, categoryId })
    const names = async (query: string): Promise<string[]> =>
      (await server.json('GET', `/v1/products?categoryId=${categoryId}&${query}`)).body.data.map(
        ({ name }: any) => name,
      )
    expect(await names('name=100%25')).toEqual(['100% wool'])
    expect(await names('name=WOOL&sort=price')).toEqual(['Wool hat', '100% wool'])
    expect(await names('minPrice=10.5&maxPrice=20')).toEqual(['Wool hat'])
    expect(await names('sort=-price')).toEqual(['100% wool', 'Wool hat', '1000 pieces'])
    expect(await names('sort=-createdAt&limit=1')).toEqual(['Wool hat'])
    for (const query of [
      'sort=-name',
      'limit=501',
      'limit=0',
      'offset=-1',
      'minPrice=x',
      'maxPrice=-1',
      'categoryId=1',
      'x=1',
    ])
      expect((await server.json('GET', `/v1/products?${query}`)).status, query).toBe(400)
    const past = (await server.json('GET', `/v1/products?categoryId=${categoryId}&offset=9&limit=2`)).body
    expect(past).toEqual({ data: [], pagination: { limit: 2, offset: 9, total: 3 } })
  })
})

describe('orders', () => {
  it('take the stock, keep the price of the moment, and reach the dataset', async () => {
    const buyer = await customer({ country: 'France', region: 'Europe' })
    const [yoyo, ball] = [await product(), await product({ price: '0.0001', stockQuantity: 5 })]
    const items = [
      { productId: yoyo.id, quantity: 3 },
      { productId: ball.id, quantity: 5 },
    ]
    const { status, body } = await order(buyer.id, items)
    expect(status).toBe(201)
    expect(body).toMatchObject({ customerId: buyer.id, total: 59.9705 })
    expect(body.items).toMatchObject([
      { productId: yoyo.id, quantity: 3, price: 19.99, totalPrice: 59.97 },
      { productId: ball.id, quantity: 5, price: 0.0001, totalPrice: 0.0005 },
    ])
    await server.json('PATCH', `/v1/products/${yoyo.id}`, { price: 1 })
    expect((await server.json('GET', `/v1/orders/${body.id}`)).body).toEqual(body)
    expect((await server.json('GET', `/v1/orders?customerId=${buyer.id}`)).body.data).toEqual([body])
    expect(await productNow(yoyo.id)).toMatchObject({ stockQuantity: 7, sold: 3 })
    expect(await sales(yoyo.id, 1)).toEqual({ transactions: 1, items_sold: 3, revenue: 59.97, latest_stock: 7 })

    expect((await server.json('DELETE', `/v1/products/${yoyo.id}`)).status).toBe(409)
    expect((await server.json('DELETE', `/v1/customers/${buyer.id}`)).status).toBe(409)
    expect((await server.json('DELETE', `/v1/orders/${body.id}`)).status).toBe(204)
    expect((await server.json('GET', `/v1/orders/${body.id}`)).status).toBe(404)
    expect(await productNow(yoyo.id)).toMatchObject({ stockQuantity: 10, sold: 0 })
    expect(await sales(yoyo.id, 0)).toMatchObject({ transactions: 0, revenue: 0 })
  })

  it('take all of the stock they want or none', async () => {
    const buyer = await customer()
    const [plenty, scarce] = [await product(), await product({ stockQuantity: 3 })]
    const refused = await order(buyer.id, [
      { productId: plenty.id, quantity: 1 },
      { productId: scarce.id, quantity: 2 },
      { productId: scarce.id, quantity: 2 },
    ])
    expect(refused.status).toBe(409)
    expect(refused.body).toMatchObject({ code: 'OUT_OF_STOCK', errors: [{ path: 'items[1].quantity' }] })
    expect(await productNow(plenty.id)).toMatchObject({ stockQuantity: 10, sold: 0 })
  })

  it('say how much is left when far too much is wanted', async () => {
    const [buyer, little] = [await customer(), await product()]
    const { status, body } = await order(buyer.id, [{ productId: little.id, quantity: 2_000_000_000 }])
    expect(status).toBe(409)
    expect(body).toMatchObject({
      code: 'OUT_OF_STOCK',
      detail: expect.stringMatching(/requested 2000000000, available 10/),
    })
    expect((await order(buyer.id, [{ productId: little.id, quantity: 2 ** 31 }])).status).toBe(400)
  })

  it('never sell more than there is, however many come at once', async () => {
    const buyer = await customer()
    const [first, second] = [await product({ stockQuantity: 20 }), await product({ stockQuantity: 20 })]
    const items = [first, second].map(({ id }) => ({ productId: id, quantity: 1 }))
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => order(buyer.id, index % 2 ? items : items.toReversed())),
    )
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(20)
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(30)
    expect(await productNow(first.id)).toMatchObject({ stockQuantity: 0, sold: 20 })
    expect(await sales(second.id, 20)).toMatchObject({ transactions: 20, items_sold: 20 })
  })

  it.each([1, 2, 3, 4, 5])('leave the reports with the stock that the last of parallel ones left: %s', async () => {
    const buyer = await customer()
    // Enough to be among the products of which the most was sold.
    const [first, second] = [
      await product({ stockQuantity: 100_000_010 }),
      await product({ stockQuantity: 100_000_010 }),
    ]
    const items = [first, second, first].map(({ id }) => ({ productId: id, quantity: 5_000_000 }))
    const answers = await Promise.all(Array.from({ length: 10 }, () => order(buyer.id, items)))
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201))
    expect(await productNow(first.id)).toMatchObject({ stockQuantity: 10, sold: 100_000_000 })
    expect(await sales(first.id, 20)).toMatchObject({ transactions: 20, latest_stock: 10 })
    expect(await sales(second.id, 10)).toMatchObject({ transactions: 10, latest_stock: 50_000_010 })
    const reported = async (id: string) =>
      (await server.json('GET', '/api/products/top')).body.data.find(({ productId }: any) => productId === id)
    await expect.poll(() => reported(first.id)).toMatchObject({ purchaseCount: 100_000_000, stockQuantity: 10 })
    await expect.poll(() => reported(second.id)).toMatchObject({ purchaseCount: 50_000_000, stockQuantity: 50_000_010 })

    // What an operator sets, and what a deleted order gives back, is where the next order begins.
    expect((await server.json('PATCH', `/v1/products/${first.id}`, { stockQuantity: 7 })).status).toBe(200)
    expect((await server.json('DELETE', `/v1/orders/${answers[9]!.body.id}`)).status).toBe(204)
    expect((await order(buyer.id, [{ productId: first.id, quantity: 1 }])).status).toBe(201)
    expect(await productNow(first.id)).toMatchObject({ stockQuantity: 10_000_006 })
    // On a cluster there are also 19 while one shard has taken the deletion and the other one has not.
    await expect.poll(() => sales(first.id, 19)).toMatchObject({ latest_stock: 10_000_006 })
  })

  it('name the item that is wrong', async () => {
    const buyer = await customer()
    const retired = await product({ isActive: false })
    const nobody = '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11'
    const item = { productId: retired.id, quantity: 1 }
    expect((await order(buyer.id, [item])).body).toMatchObject({
      status: 400,
      errors: [{ path: 'items[0].productId' }],
    })
    expect((await order(nobody, [item])).status).toBe(404)
    expect((await order(buyer.id, [{ productId: nobody, quantity: 1 }])).status).toBe(404)
    for (const items of [[], [{ ...item, quantity: 0 }], [{ ...item, quantity: 1.5 }], [{ ...item, price: 1 }], 'x']) {
      expect((await server.json('POST', '/v1/orders', { customerId: buyer.id, items })).status).toBe(400)
    }
  })

  it('are written by admins; products and categories are read by every key, personal data is not', async () => {
    for (const [path, status] of [
      ['/v1/categories', 200],
      ['/v1/products', 200],
      ['/v1/customers', 403],
      ['/v1/orders', 403],
    ] as const) {
      expect((await server.json('GET', path, undefined, member.key)).status).toBe(status)
      expect((await server.json('POST', path, {}, member.key)).status).toBe(403)
    }
  })
})
