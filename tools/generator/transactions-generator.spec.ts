import Papa from 'papaparse'
import { describe, expect, it } from 'vitest'
import { TRANSACTION_COLUMNS, transactionsCsv } from './transactions-generator.js'

const text = (rows: number, seed: number): string => [...transactionsCsv({ rows, seed })].join('')

describe('transactionsCsv', () => {
  it('gives the same bytes for the same seed and others for another', () => {
    expect(text(300, 7)).toBe(text(300, 7))
    expect(text(300, 7)).not.toBe(text(300, 8))
  })

  it('writes well-formed records whose total is price times quantity', () => {
    const { data, errors } = Papa.parse<Record<(typeof TRANSACTION_COLUMNS)[number], string>>(text(12_000, 1), {
      header: true,
      skipEmptyLines: true,
    })
    expect(errors).toEqual([])
    expect(data).toHaveLength(12_000)
    expect(new Set(data.map(({ TransactionId }) => TransactionId)).size).toBe(12_000)
    for (const { Price, Quantity, TotalPrice } of data) {
      expect(Math.round(Number(Price) * 100) * Number(Quantity)).toBe(Math.round(Number(TotalPrice) * 100))
    }
  })
})
