import { describe, expect, it, vi } from 'vitest'
import { DatasetLookup } from '../../datasets/dataset-lookup.js'
import { CompiledQueries } from './compiled-queries.js'

const ALL = new DatasetLookup()
const body = (limit: unknown) => ({ dataset: 'transactions', measures: ['transactions'], limit })

describe('CompiledQueries', () => {
  it('compiles a query once, and another one separately', () => {
    const queries = new CompiledQueries()
    const [one, two] = [body(1), body(2)]
    const first = queries.of(one, ALL)
    expect(queries.of(two, ALL).limit).toBe(2)
    expect(queries.of(one, ALL)).toBe(first)
  })

  it('compiles a query anew where its dataset is another for the caller', () => {
    const queries = new CompiledQueries()
    const query = body(1)
    const [transactions] = ALL.all
    const restriction = {
      cacheKey: 'x',
      members: null,
      rowSql: 't.country = {access_p0:String}',
      params: { access_p0: 'Malta' },
    }
    const restricted = new DatasetLookup([{ ...transactions!, restriction }])
    expect(queries.of(query, ALL).sql).not.toContain('access_p0')
    for (let n = 0; n < 2; n++) expect(queries.of(query, restricted)).toMatchObject({ params: restriction.params })
    expect(queries.of(query, restricted)).toBe(queries.of(query, restricted))
    expect(() => queries.of(query, new DatasetLookup([]))).toThrow('Unknown dataset')
  })

  it('refuses a body that is nested too deep', () => {
    const deep = JSON.parse('['.repeat(40) + ']'.repeat(40)) as unknown
    expect(() => new CompiledQueries().of(deep, ALL)).toThrow('nested deeper')
  })

  it('compiles a query with a relative range again on the next day', () => {
    vi.useFakeTimers({ now: Date.parse('2024-05-15T23:59:59.998Z') })
    try {
      const queries = new CompiledQueries()
      const today = { ...body(1), timeDimension: { dimension: 'transaction_date', dateRange: 'today' } }
      const first = queries.of(today, ALL)
      expect(Object.values(first.params)).toEqual(['2024-05-15', '2024-05-15'])
      vi.advanceTimersByTime(1)
      expect(queries.of(today, ALL)).toBe(first)
      vi.advanceTimersByTime(1)
      expect(Object.values(queries.of(today, ALL).params)).toEqual(['2024-05-16', '2024-05-16'])
    } finally {
      vi.useRealTimers()
    }
  })

  it('refuses a wrong query every time', () => {
    const queries = new CompiledQueries()
    const wrong = { dataset: 'nope' }
    for (let n = 0; n < 2; n++) expect(() => queries.of(wrong, ALL)).toThrow()
    for (const none of [undefined, null, 'text', 7]) expect(() => queries.of(none, ALL)).toThrow('JSON object')
  })
})
