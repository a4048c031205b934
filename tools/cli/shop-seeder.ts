import type { Schemas } from '../../clients/typescript/index.js'
import { orderSignature, type Shop, type ShopOrder } from '../generator/shop.js'
import { forEachConcurrent } from './for-each-concurrent.js'
import type { Display } from './display.js'
import type { ShopClient } from './shop-client.js'

export const SHOP_KINDS = ['categories', 'products', 'customers', 'orders'] as const
export type ShopKind = (typeof SHOP_KINDS)[number]

export interface Seeded {
  added: number
  /** there before */
  present: number
}

type PlacedItems = Schemas['OrderItemBody'][]

/** What is sent before the first answer is needed. */
const IN_FLIGHT = 8
const PRODUCTS_IN_BATCH = 500

/**
 * Brings a shop into the server. What is there already is found by what tells it apart (the name of a category, the name
 * of a product in its category, the email of a customer, the items of an order) and left as it is.
 */
export class ShopSeeder {
  private readonly categoryIds: string[] = []
  private readonly productIds: string[] = []
  private readonly customerIds: string[] = []
  /** by their place in the shop: only these can have anything below them already */
  private readonly knownCategories = new Set<number>()
  private readonly knownCustomers = new Set<number>()

  constructor(
    private readonly shop: Shop,
    private readonly client: ShopClient,
    private readonly display: Display,
  ) {}

  async seed(): Promise<Record<ShopKind, Seeded>> {
    const categories = await this.seedCategories()
    const products = await this.seedProducts()
    const customers = await this.seedCustomers()
    return { categories, products, customers, orders: await this.seedOrders() }
  }

  async totals(): Promise<Record<ShopKind, number>> {
    const totals = await Promise.all(SHOP_KINDS.map((kind) => this.client.total(`GET /v1/${kind}`)))
    return Object.fromEntries(SHOP_KINDS.map((kind, index) => [kind, totals[index]!])) as Record<ShopKind, number>
  }

  private async seedCategories(): Promise<Seeded> {
    const there = await this.client.all('GET /v1/categories')
    return this.addMissing('categories', this.shop.categories, async (category, index) => {
      // Names are unique ignoring case.
      const known = there.find(({ name }) => name.toLowerCase() === category.name.toLowerCase())
      if (known) this.knownCategories.add(index)
      this.categoryIds[index] = (known ?? (await this.client.create('POST /v1/categories', { body: category }))).id
      return known === undefined
    })
  }

  private async seedProducts(): Promise<Seeded> {
    const there = await this.productsThere()
    const missing: number[] = []
    this.shop.products.forEach(({ name, category }, index) => {
      const id = there.get(`${category} ${name}`)
      if (id === undefined) missing.push(index)
      else this.productIds[index] = id
    })
    const tally = this.display.tally('products', missing.length)
    const batches = Array.from({ length: Math.ceil(missing.length / PRODUCTS_IN_BATCH) }, (_, batch) =>
      missing.slice(batch * PRODUCTS_IN_BATCH, (batch + 1) * PRODUCTS_IN_BATCH),
    )
    try {
      await forEachConcurrent(batches, 2, async (batch) => {
        await this.createProducts(batch)
        tally.add(batch.length)
      })
    } finally {
      tally.end()
    }
    return { added: missing.length, present: this.shop.products.length - missing.length }
  }

  /** Ids by place of the category and name. */
  private async productsThere(): Promise<Map<string, string>> {
    const ids = new Map<string, string>()
    for (const category of this.knownCategories) {
      const products = await this.client.all('GET /v1/products', {
        categoryId: this.categoryIds[category]!,
      })
      for (const { id, name } of products) ids.set(`${category} ${name}`, id)
    }
    return ids
  }

  private async createProducts(batch: number[]): Promise<void> {
    const products = batch.map((index) => {
      const { category, ...product } = this.shop.products[index]!
      return { ...product, categoryId: this.categoryIds[category]! }
    })
    const { data } = await this.client.create('POST /v1/products/batch', { body: { products } })
    batch.forEach((index, place) => (this.productIds[index] = data[place]!.id))
  }

  private seedCustomers(): Promise<Seeded> {
    return this.addMissing('customers', this.shop.customers, async (customer, index) => {
      const [known] = await this.client.all('GET /v1/customers', { email: customer.email })
      if (known) this.knownCustomers.add(index)
      this.customerIds[index] = (known ?? (await this.client.create('POST /v1/customers', { body: customer }))).id
      return known === undefined
    })
  }

  private async seedOrders(): Promise<Seeded> {
    const there = new Set<string>()
    await forEachConcurrent(this.knownCustomers, IN_FLIGHT, async (customer) => {
      const orders = await this.client.all('GET /v1/orders', { customerId: this.customerIds[customer]! })
      for (const { items } of orders) there.add(signatureOf(customer, items))
    })
    return this.addMissing('orders', this.shop.orders, async (order) => {
      const items = this.itemsOf(order)
      if (there.has(signatureOf(order.customer, items))) return false
      const body = { customerId: this.customerIds[order.customer]!, items }
      await this.client.create('POST /v1/orders', { body })
      return true
    })
  }

  private itemsOf({ items }: ShopOrder): PlacedItems {
    return items.map(({ product, quantity }) => ({ productId: this.productIds[product]!, quantity }))
  }

  /** `add` says whether it had to. */
  private async addMissing<T>(
    kind: ShopKind,
    all: readonly T[],
    add: (each: T, index: number) => Promise<boolean>,
  ): Promise<Seeded> {
    const tally = this.display.tally(kind, all.length)
    let added = 0
    try {
      await forEachConcurrent(all.entries(), IN_FLIGHT, async ([index, each]) => {
        if (await add(each, index)) added++
        tally.add(1)
      })
    } finally {
      tally.end()
    }
    return { added, present: all.length - added }
  }
}

function signatureOf(customer: number, items: PlacedItems): string {
  const parts = items.map(({ productId, quantity }) => ({ product: productId, quantity }))
  return `${customer}: ${orderSignature(parts)}`
}
