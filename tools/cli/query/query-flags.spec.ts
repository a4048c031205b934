import { describe, expect, it } from 'vitest'
import { parseDateRange, parseFilter, parseOrder, parseTimeDimension } from './query-flags.js'

describe('the flags of a query', () => {
  const filters: [text: string, filter: unknown][] = [
    ['country=Germany,France', { member: 'country', operator: 'equals', values: ['Germany', 'France'] }],
    ['country=["a,b","c"]', { member: 'country', operator: 'equals', values: ['a,b', 'c'] }],
    ['revenue >= 1000', { member: 'revenue', operator: 'gte', values: ['1000'] }],
    ['name!~toy', { member: 'name', operator: 'notContains', values: ['toy'] }],
    ['name=a=b', { member: 'name', operator: 'equals', values: ['a=b'] }],
    ['region notSet', { member: 'region', operator: 'notSet' }],
    ['name startsWith Red Toy', { member: 'name', operator: 'startsWith', values: ['Red Toy'] }],
    [
      'day inDateRange 2024-01-01,2024-03-31',
      { member: 'day', operator: 'inDateRange', values: ['2024-01-01', '2024-03-31'] },
    ],
  ]
  it.each(filters)('%s is a filter', (text, filter) => {
    expect(parseFilter(text)).toEqual(filter)
  })

  it.each(['country', 'country=', 'region set yes', 'name like x', 'a=["b"'])('%s is refused', (text) => {
    expect(() => parseFilter(text)).toThrow()
  })

  it('order ascends where nothing is said, and takes times with their range', () => {
    expect(parseOrder('revenue:desc,country')).toEqual([
      ['revenue', 'desc'],
      ['country', 'asc'],
    ])
    expect(parseTimeDimension('day:month')).toEqual({ dimension: 'day', granularity: 'month' })
    expect(parseDateRange('2024-01-01..2024-12-31')).toEqual(['2024-01-01', '2024-12-31'])
    expect(parseDateRange('last year')).toBe('last year')
    expect(() => parseDateRange('2024-01-01..')).toThrow()
  })
})
