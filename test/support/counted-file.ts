import Papa from 'papaparse'
import { transactionsCsv } from '../../tools/generator/transactions-generator.js'
import type { Customer } from './customer.js'

/** A generated file whose keys begin with a prefix of its own, and its figures computed here, money in whole cents. */
export interface CountedFile {
  prefix: string
  text: string
  rows: number
  /** records with a quantity that is none, by number */
  bad: number[]
  cents: bigint
  items: bigint
}

export interface CountedFileOptions {
  seed: number
  rows: number
  /** record numbers, from 1 */
  bad?: number[]
}

export function countedFile({ seed, rows, bad = [] }: CountedFileOptions): CountedFile {
  const prefix = `S${seed}-`
  const text = [...transactionsCsv({ rows, seed })].join('').replace(/^TX-/gm, prefix)
  const { data } = Papa.parse<Record<string, string>>(text, { header: true, skipEmptyLines: true })
  const isBad = new Set(bad)
  data.forEach((row, at) => isBad.has(at + 1) && (row.Quantity = 'two'))
  const good = data.filter((_row, at) => !isBad.has(at + 1))
  return {
    prefix,
    text: bad.length === 0 ? text : `${Papa.unparse(data, { newline: '\n' })}\n`,
    rows: data.length,
    bad,
    cents: good.reduce((sum, row) => sum + BigInt(row.TotalPrice!.replace('.', '')), 0n),
    items: good.reduce((sum, row) => sum + BigInt(row.Quantity!), 0n),
  }
}

/** What of the file ClickHouse holds, in the terms of `expectedFigures`. */
export async function loadedFigures(customer: Customer, { prefix }: CountedFile) {
  const { data } = await customer.execute({
    measures: ['transactions', 'revenue', 'items_sold'],
    filters: [{ member: 'transaction_id', operator: 'startsWith', values: [prefix] }],
  })
  const [{ transactions, revenue, items_sold: items }] = data
  return { transactions, cents: BigInt(Math.round(revenue * 100)), items: BigInt(items) }
}

export function expectedFigures({ rows, bad, cents, items }: CountedFile) {
  return { transactions: rows - bad.length, cents, items }
}

export const NOTHING_LOADED = { transactions: 0, cents: 0n, items: 0n }
