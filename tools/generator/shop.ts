import { SeededRandom } from './random.js'

/** A shop as the API takes it; products and customers are referred to by their place in the lists. */
export interface Shop {
  categories: { name: string; description: string }[]
  products: ShopProduct[]
  customers: { name: string; email: string; country: string; region: string }[]
  orders: ShopOrder[]
}

export interface ShopProduct {
  name: string
  price: string
  category: number
  stockQuantity: number
  description: string
}

export interface ShopOrder {
  customer: number
  items: { product: number; quantity: number }[]
}

const SIZES = { products: 10_000, customers: 500, orders: 1_000 }
const MAX_ITEMS = 5
const MAX_PIECES = 4

const CATEGORIES: [name: string, description: string, nouns: string[], from: number, to: number][] = [
  ['Electronics', 'Plugged in or charged', ['Headphones', 'Monitor', 'Keyboard', 'Speaker', 'Charger'], 1_500, 90_000],
  ['Home', 'For every room', ['Lamp', 'Shelf', 'Blanket', 'Kettle', 'Mirror'], 900, 30_000],
  ['Toys', 'Things to play with', ['Puzzle', 'Robot', 'Kite', 'Yo-yo', 'Board Game'], 500, 9_000],
  ['Books', 'Printed on paper', ['Atlas', 'Novel', 'Cookbook', 'Diary', 'Guide'], 700, 6_000],
  ['Sports', 'Indoors and out', ['Ball', 'Racket', 'Helmet', 'Bottle', 'Mat'], 800, 25_000],
]
const ADJECTIVES = ['Compact', 'Classic', 'Deluxe', 'Eco', 'Folding', 'Granite', 'Nordic', 'Pocket', 'Silent', 'Sturdy']
const FIRST_NAMES = ['Ada', 'Alan', 'Barbara', 'Dennis', 'Edsger', 'Frances', 'Grace', 'Jean', 'Katherine', 'Niklaus']
const LAST_NAMES = [
  'Allen',
  'Bartik',
  'Dijkstra',
  'Hopper',
  'Johnson',
  'Liskov',
  'Lovelace',
  'Ritchie',
  'Turing',
  'Wirth',
]
const PLACES: [country: string, region: string][] = [
  ['United States', 'North America'],
  ['Germany', 'Europe'],
  ['France', 'Europe'],
  ['Japan', 'Asia Pacific'],
  ['Brazil', 'South America'],
  ['Kenya', 'Africa'],
]

/**
 * 5 categories, 10,000 products, 500 customers and 1,000 orders. The same seed gives the same shop; another seed other
 * products and customers in the same categories. No product is ordered more often than it is in stock, and no customer
 * orders the same twice, so that an order can be told by what is in it.
 */
export function sampleShop(seed: number): Shop {
  const random = new SeededRandom(seed)
  const products = Array.from({ length: SIZES.products }, (_, index) => product(index, seed, random))
  const customers = Array.from({ length: SIZES.customers }, (_, index) => customer(index, seed, random))
  const orders = ordersOf(random)
  for (const { items } of orders)
    for (const { product, quantity } of items) products[product]!.stockQuantity += quantity
  return {
    categories: CATEGORIES.map(([name, description]) => ({ name, description })),
    products,
    customers,
    orders,
  }
}

/** Whether two orders of a customer are the same. */
export function orderSignature(items: { product: number | string; quantity: number }[]): string {
  return items
    .map(({ product, quantity }) => `${product} ${quantity}`)
    .sort()
    .join()
}

function product(index: number, seed: number, random: SeededRandom): ShopProduct {
  const category = index % CATEGORIES.length
  const [, , nouns, from, to] = CATEGORIES[category]!
  const noun = random.pick(nouns)
  return {
    // The model number tells products apart, also those of other seeds.
    name: `${random.pick(ADJECTIVES)} ${noun} ${seed}-${String(index + 1).padStart(5, '0')}`,
    price: cents(random.integer(from, to)),
    category,
    stockQuantity: random.integer(0, 500),
    description: `A ${noun.toLowerCase()} as good as any`,
  }
}

function customer(index: number, seed: number, random: SeededRandom): Shop['customers'][number] {
  const [first, last] = [random.pick(FIRST_NAMES), random.pick(LAST_NAMES)]
  const [country, region] = random.pick(PLACES)
  const email = `${first}.${last}.${index + 1}@shop-${seed}.example`.toLowerCase()
  return { name: `${first} ${last}`, email, country, region }
}

function ordersOf(random: SeededRandom): ShopOrder[] {
  const taken = new Set<string>()
  const orders: ShopOrder[] = []
  while (orders.length < SIZES.orders) {
    const order = { customer: popular(SIZES.customers, random), items: itemsOf(random) }
    const signature = `${order.customer}: ${orderSignature(order.items)}`
    if (taken.has(signature)) continue
    taken.add(signature)
    orders.push(order)
  }
  return orders
}

function itemsOf(random: SeededRandom): ShopOrder['items'] {
  const products = new Set(Array.from({ length: random.integer(1, MAX_ITEMS) }, () => popular(SIZES.products, random)))
  return [...products].map((product) => ({ product, quantity: random.integer(1, MAX_PIECES) }))
}

/** A few are wanted by many. */
function popular(count: number, random: SeededRandom): number {
  return Math.floor(count * random.next() ** 3)
}

function cents(value: number): string {
  return (value / 100).toFixed(2)
}
