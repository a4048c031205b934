import Papa from 'papaparse'
import { randomTransactions, toCsv, type Transaction } from './random-transactions.js'
import { sample, SUPERSTORE_MAPPING } from './samples.js'
import type { SeededRandom } from '../../tools/generator/random.js'

const SUPERSTORE_FIELDS = 21

/** Rows, the files that make them, and the settings of the server that is asked about them. */
export interface QueryFixture {
  name: string
  env: Record<string, string>
  /** of all the queries */
  share: number
  make: (random: SeededRandom) => { rows: Transaction[]; files: { csv: string; mapping?: object }[] }
}

/** Another setting of the server is one more entry. */
export const QUERY_FIXTURES: QueryFixture[] = [
  {
    name: 'generated rows',
    env: {},
    share: 0.75,
    make: (random) => {
      const rows = randomTransactions(random, 600)
      // Every row first with other values: the file that is loaded later replaces it.
      return { rows, files: [{ csv: toCsv(rows.map(outdated)) }, { csv: toCsv(rows) }] }
    },
  },
  {
    name: 'superstore.csv',
    env: {},
    share: 0.25,
    make: () => {
      const csv = sample('superstore.csv').toString()
      return { rows: superstoreRows(csv), files: [{ csv, mapping: JSON.parse(SUPERSTORE_MAPPING) as object }] }
    },
  },
]

/** The same key with everything else different. */
function outdated(row: Transaction): Transaction {
  return { ...row, country: 'Nowhere', quantity: 1n, price: 10_000n, total_price: 10_000n, added_date: '2001-01-01' }
}

/** The orders of the file, by another parser than the server's; the leftovers of other sheets have two fields. */
function superstoreRows(csv: string): Transaction[] {
  const [header, ...records] = Papa.parse<string[]>(csv.trimEnd()).data
  return records
    .filter((record) => record.length === SUPERSTORE_FIELDS)
    .map((record) => superstoreRow(Object.fromEntries(header!.map((name, at) => [name, record[at]!]))))
}

function superstoreRow(record: Record<string, string>): Transaction {
  const [month, day, year] = record['Order Date']!.split('/') as [string, string, string]
  const quantity = BigInt(record.Quantity!)
  const total_price = tenThousandths(record.Sales!)
  return {
    transaction_id: record['Row ID']!,
    transaction_date: `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`,
    user_id: record['Customer ID']!,
    country: record.Country!,
    region: record.Region!,
    product_id: record['Product ID']!,
    product_name: record['Product Name']!,
    category: record.Category!,
    // Both positive here; halves away from zero.
    price: (total_price * 2n + quantity) / (quantity * 2n),
    quantity,
    total_price,
    stock_quantity: 0n,
    added_date: null,
  }
}

function tenThousandths(text: string): bigint {
  const [whole, fraction = ''] = text.split('.') as [string, string?]
  return BigInt(`${whole}${fraction.padEnd(4, '0')}`)
}
