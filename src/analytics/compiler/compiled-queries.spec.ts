import { describe, expect, it, vi } from 'vitest'
import { CompiledQueries } from './compiled-queries.js'

const of = (queries: CompiledQueries, value: unknown) => queries.of(value, JSON.stringify(value))
const body = (limit: number) => ({ dataset: 'transactions', measures: ['transactions'], limit })

describe('CompiledQueries', () => {
  it('compiles a query once, and another one separately', () => {
    const queries = new CompiledQueries()
    const first = of(queries, body(1))
    expect(of(queries, body(1))).toBe(first)
    expect(of(queries, body(2)).limit).toBe(2)
  })

  it('evicts the least recently used query', () => {
    const queries = new CompiledQueries()
    const [first, second] = [of(queries, body(1)), of(queries, body(2))]
    for (let limit = 3; limit <= 2_000; limit++) of(queries, body(limit))
    expect(of(queries, body(1))).toBe(first)
    of(queries, body(2_001))
    expect(of(queries, body(1))).toBe(first)
    expect(of(queries, body(2))).not.toBe(second)
  })

  it('does not take an infinite number for null', () => {
    const queries = new CompiledQueries()
    const filtered = (limit: unknown) => ({ ...body(1), limit })
    expect(() => queries.of(filtered(Infinity), '{"limit":1e999}')).toThrow()
    try {
      queries.of(filtered(null), '{"limit":null}')
    } catch {
      // Whether null is taken is for the parser to decide.
    }
    expect(() => queries.of(filtered(Infinity), '{"limit":1e999}')).toThrow()
  })

  it('compiles a long body each time, and refuses one that is nested too deep', () => {
    const queries = new CompiledQueries()
    expect(queries.of(body(1), undefined)).not.toBe(queries.of(body(1), undefined))
    const deep = JSON.parse('['.repeat(40) + ']'.repeat(40)) as unknown
    expect(() => queries.of(deep, undefined)).toThrow('nested deeper')
  })

  it('compiles a query with a relative range again on the next day', () => {
    vi.useFakeTimers({ now: Date.parse('2024-05-15T23:59:59.998Z') })
    try {
      const queries = new CompiledQueries()
      const today = { ...body(1), timeDimension: { dimension: 'transaction_date', dateRange: 'today' } }
      const first = of(queries, today)
      expect(Object.values(first.params)).toEqual(['2024-05-15', '2024-05-15'])
      vi.advanceTimersByTime(1)
      expect(of(queries, today)).toBe(first)
      vi.advanceTimersByTime(1)
      expect(Object.values(of(queries, today).params)).toEqual(['2024-05-16', '2024-05-16'])
    } finally {
      vi.useRealTimers()
    }
  })

  it('refuses a wrong query every time', () => {
    const queries = new CompiledQueries()
    for (let n = 0; n < 2; n++) expect(() => of(queries, { dataset: 'nope' })).toThrow()
    expect(() => of(queries, undefined)).toThrow('JSON object')
  })
})
