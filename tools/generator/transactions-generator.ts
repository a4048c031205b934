import { seededRandom } from './random.js'

export const TRANSACTION_COLUMNS = [
  'TransactionId',
  'TransactionDate',
  'UserId',
  'Country',
  'Region',
  'ProductId',
  'ProductName',
  'Category',
  'Price',
  'Quantity',
  'TotalPrice',
  'StockQuantity',
  'AddedDate',
] as const

export interface GeneratorOptions {
  rows: number
  seed: number
}

interface Product {
  id: string
  name: string
  category: string
  /** in cents, so that no sum drifts */
  priceCents: number
  stock: number
  added: string
}

const COUNTRIES: [country: string, region: string, weight: number][] = [
  ['United States', 'North America', 30],
  ['Germany', 'Europe', 14],
  ['United Kingdom', 'Europe', 12],
  ['France', 'Europe', 10],
  ['Japan', 'Asia Pacific', 9],
  ['Brazil', 'South America', 7],
  ['India', 'Asia Pacific', 7],
  ['Canada', 'North America', 5],
  ['Australia', 'Asia Pacific', 4],
  ['South Korea', 'Asia Pacific', 3],
  ['Kenya', 'Africa', 2],
  ['Congo, Dem. Rep.', 'Africa', 1],
]

const CATEGORIES: [category: string, nouns: string[], from: number, to: number][] = [
  ['Electronics', ['Headphones', 'Monitor', 'Keyboard', 'Charger', 'Speaker'], 1_500, 90_000],
  ['Home', ['Lamp', 'Shelf', 'Blanket', 'Kettle', 'Mirror'], 900, 30_000],
  ['Toys', ['Puzzle', 'Robot', 'Blocks', 'Kite', 'Board Game'], 500, 9_000],
  ['Books', ['Atlas', 'Novel', 'Cookbook', 'Diary', 'Guide'], 700, 6_000],
  ['Sports', ['Ball', 'Racket', 'Helmet', 'Bottle', 'Mat'], 800, 25_000],
  ['Garden', ['Spade', 'Planter', 'Hose', 'Seeds', 'Bench'], 300, 40_000],
]

const ADJECTIVES = [
  'Compact',
  'Classic',
  'Deluxe',
  'Eco',
  'Folding',
  'Granite',
  'Heavy-Duty',
  'Nordic',
  'Pocket',
  '2" Wide',
]
const PRODUCTS = 2_000
const USERS = 40_000
const FIRST_DAY = Date.UTC(2023, 0, 1)
const DAYS = 3 * 365
const ROWS_PER_PIECE = 5_000

/** The values of one transaction as text, in the order of TRANSACTION_COLUMNS. */
export type TransactionValues = string[]

/**
 * Realistic sales: weighted countries, popular products, more sales towards December, and a few returns. The same
 * options give the same values.
 */
export function* transactions({ rows, seed }: GeneratorOptions): Generator<TransactionValues> {
  const random = seededRandom(seed)
  const products = Array.from({ length: PRODUCTS }, (_, index) => product(index, random))
  const countries = COUNTRIES.flatMap(([country, region, weight]) =>
    Array.from({ length: weight }, (): [string, string] => [country, region]),
  )
  for (let row = 0; row < rows; row++) yield valuesOf(row, random, products, countries)
}

/** The transactions as CSV text, in pieces. */
export function* transactionsCsv(options: GeneratorOptions): Generator<string> {
  yield `${TRANSACTION_COLUMNS.join(',')}\n`
  let piece = ''
  let inPiece = 0
  for (const values of transactions(options)) {
    piece += csvRecord(values, ',')
    if (++inPiece < ROWS_PER_PIECE) continue
    yield piece
    piece = ''
    inPiece = 0
  }
  if (piece !== '') yield piece
}

export function csvRecord(values: TransactionValues, delimiter: string): string {
  let record = quoted(values[0]!, delimiter)
  for (let at = 1; at < values.length; at++) record += delimiter + quoted(values[at]!, delimiter)
  return `${record}\n`
}

function valuesOf(
  row: number,
  random: () => number,
  products: Product[],
  countries: [country: string, region: string][],
): TransactionValues {
  // Squaring makes the first products the popular ones.
  const item = products[Math.floor(random() ** 2 * products.length)]!
  const [country, region] = countries[Math.floor(random() * countries.length)]!
  const user = Math.floor(random() ** 1.5 * USERS)
  const quantity = (random() < 0.02 ? -1 : 1) * (1 + Math.floor(random() ** 3 * 12))
  const id = `TX-${String(row + 1).padStart(9, '0')}`
  const day = dayOf(random)
  const who = `U${String(user).padStart(6, '0')}`
  const total = money(item.priceCents * quantity)
  const { name, category, stock, added } = item
  const price = money(item.priceCents)
  return [id, day, who, country, region, item.id, name, category, price, String(quantity), total, String(stock), added]
}

function product(index: number, random: () => number): Product {
  const [category, nouns, from, to] = CATEGORIES[index % CATEGORIES.length]!
  const noun = nouns[Math.floor(random() * nouns.length)]!
  const adjective = ADJECTIVES[Math.floor(random() * ADJECTIVES.length)]!
  return {
    id: `P${String(index + 1).padStart(5, '0')}`,
    name: `${adjective} ${noun} ${index + 1}`,
    category,
    priceCents: from + Math.floor(random() ** 2 * (to - from)),
    stock: Math.floor(random() * 500),
    added: isoDay(FIRST_DAY - Math.floor(random() * 700) * 86_400_000),
  }
}

/** Later months of a year sell more. */
function dayOf(random: () => number): string {
  const year = Math.floor(random() * 3)
  const dayOfYear = Math.floor((1 - random() ** 1.3) * 365)
  return isoDay(FIRST_DAY + Math.min(year * 365 + dayOfYear, DAYS - 1) * 86_400_000)
}

function isoDay(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}

function money(cents: number): string {
  const digits = String(Math.abs(cents)).padStart(3, '0')
  return `${cents < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

function quoted(text: string, delimiter: string): string {
  return text.includes(delimiter) || text.includes('"') ? `"${text.replaceAll('"', '""')}"` : text
}
