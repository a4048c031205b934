import type { SeededRandom } from '../../tools/generator/random.js'

/** A transaction as the tests compute with it: money in whole ten-thousandths. */
export interface Transaction {
  transaction_id: string
  transaction_date: string
  user_id: string
  country: string
  region: string
  product_id: string
  product_name: string
  category: string
  price: bigint
  quantity: bigint
  total_price: bigint
  stock_quantity: bigint
  added_date: string | null
}

const COUNTRIES = [
  'Germany',
  'germany',
  'Österreich',
  'österreich',
  "Côte d'Ivoire",
  'ΟΔΟΣ',
  'İstanbul',
  '日本',
  'GERMANY',
]
const REGIONS = ['', 'North', 'NORTH', 'south', '100%', 'a_b', 'back\\slash']
const NAMES = [
  '',
  'Robert"); DROP TABLE transactions;--',
  'line\nbreak',
  'tab\tinside',
  '{p0:String}',
  'Straße',
  '🎲 dice',
  "O'Brien",
]
const CATEGORIES = ['', 'Toys', 'toys', 'Books', "';--", 'Möbel']
const DATES = [
  '1900-01-01',
  '1969-12-31',
  '1970-01-01',
  '2024-02-29',
  '2023-12-31',
  '2024-01-01',
  '2150-06-07',
  '2299-12-31',
]
const PRICES = [0n, 1n, -1n, 99_999n, 10_000n, 999_999_999_999_999_999n, -999_999_999_999_999_999n]

/** Rows with ties, empty values, edges of every type, and texts that mean something to SQL, CSV and JSON. */
export function randomTransactions(random: SeededRandom, count: number): Transaction[] {
  return Array.from({ length: count }, (_unused, index) => randomTransaction(random, index))
}

function randomTransaction(random: SeededRandom, index: number): Transaction {
  const edge = random.chance(0.05)
  const price = edge ? random.pick(PRICES) : BigInt(random.integer(0, 5_000_000))
  const quantity = edge ? 1n : BigInt(random.pick([1, 1, 2, 3, 5, 10, -1, -2, 0]))
  return {
    transaction_id: `T${index.toString().padStart(5, '0')}${random.pick(['', 'x', 'É'])}`,
    transaction_date: randomDate(random),
    user_id: random.pick(['', 'u1', 'u2', 'U2', 'u3', `u${random.integer(4, 40)}`]),
    country: random.pick(COUNTRIES),
    region: random.pick(REGIONS),
    product_id: `p${random.integer(1, 25)}`,
    product_name: random.pick(NAMES),
    category: random.pick(CATEGORIES),
    price,
    quantity,
    total_price: price * quantity,
    stock_quantity: edge ? random.pick([-2_147_483_648n, 2_147_483_647n, 0n]) : BigInt(random.integer(-5, 200)),
    added_date: random.chance(0.3) ? null : randomDate(random),
  }
}

export function randomDate(random: SeededRandom): string {
  if (random.chance(0.15)) return random.pick(DATES)
  // Around today, for ranges that are told from it.
  if (random.chance(0.25)) return daysFromToday(random.pick([0, 1, -1, -7, random.integer(-500, 40)]))
  return `${random.integer(2022, 2024)}-${twoDigits(random.integer(1, 12))}-${twoDigits(random.integer(1, 28))}`
}

function daysFromToday(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}

const COLUMNS: [string, keyof Transaction][] = [
  ['TransactionId', 'transaction_id'],
  ['TransactionDate', 'transaction_date'],
  ['UserId', 'user_id'],
  ['Country', 'country'],
  ['Region', 'region'],
  ['ProductId', 'product_id'],
  ['ProductName', 'product_name'],
  ['Category', 'category'],
  ['Price', 'price'],
  ['Quantity', 'quantity'],
  ['TotalPrice', 'total_price'],
  ['StockQuantity', 'stock_quantity'],
  ['AddedDate', 'added_date'],
]

/** The rows as a file for `POST /v1/ingestions`. */
export function toCsv(rows: Transaction[]): string {
  const header = COLUMNS.map(([column]) => column).join(',')
  const records = rows.map((row) => COLUMNS.map(([, member]) => csvField(row, member)).join(','))
  return [header, ...records, ''].join('\n')
}

function csvField(row: Transaction, member: keyof Transaction): string {
  if (member === 'price' || member === 'total_price') return moneyText(row[member])
  return `"${String(row[member] ?? '').replaceAll('"', '""')}"`
}

/** Ten-thousandths as a decimal with four digits. */
export function moneyText(amount: bigint): string {
  const digits = String(amount < 0n ? -amount : amount).padStart(5, '0')
  return `${amount < 0n ? '-' : ''}${digits.slice(0, -4)}.${digits.slice(-4)}`
}
