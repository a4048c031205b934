import { describe, expect, it, vi } from 'vitest'
import { DatasetLookup } from '../../datasets/dataset-lookup.js'
import { CompiledQueries } from './compiled-queries.js'

const newQueries = (lookup = new DatasetLookup()) => new CompiledQueries(() => lookup)
const body = (limit: unknown) => ({ dataset: 'transactions', measures: ['transactions'], limit })

describe('CompiledQueries', () => {
  it('compiles a query once, and another one separately', () => {
    const queries = newQueries()
    const [one, two] = [body(1), body(2)]
    const first = queries.of(one)
    expect(queries.of(two).limit).toBe(2)
    expect(queries.of(one)).toBe(first)
  })

  it('refuses a body that is nested too deep', () => {
    const deep = JSON.parse('['.repeat(40) + ']'.repeat(40)) as unknown
    expect(() => newQueries().of(deep)).toThrow('nested deeper')
  })

  it('compiles a query with a relative range again on the next day', () => {
    vi.useFakeTimers({ now: Date.parse('2024-05-15T23:59:59.998Z') })
    try {
      const queries = newQueries()
      const today = { ...body(1), timeDimension: { dimension: 'transaction_date', dateRange: 'today' } }
      const first = queries.of(today)
      expect(Object.values(first.params)).toEqual(['2024-05-15', '2024-05-15'])
      vi.advanceTimersByTime(1)
      expect(queries.of(today)).toBe(first)
      vi.advanceTimersByTime(1)
      expect(Object.values(queries.of(today).params)).toEqual(['2024-05-16', '2024-05-16'])
    } finally {
      vi.useRealTimers()
    }
  })

  it('refuses a wrong query every time', () => {
    const queries = newQueries()
    const wrong = { dataset: 'nope' }
    for (let n = 0; n < 2; n++) expect(() => queries.of(wrong)).toThrow()
    for (const none of [undefined, null, 'text', 7]) expect(() => queries.of(none)).toThrow('JSON object')
  })
})
