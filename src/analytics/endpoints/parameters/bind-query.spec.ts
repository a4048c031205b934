import { describe, expect, it } from 'vitest'
import type { FilterValue } from '../../../datasets/filters/operators.js'
import { bindQuery } from './bind-query.js'

const p = (param: string) => ({ param })
const bound = (query: Record<string, unknown>, values: Record<string, FilterValue[]>) =>
  bindQuery(query, (name) => values[name])

const condition = (member: string, operator: string, values: unknown) => ({ member, operator, values })

describe('bindQuery', () => {
  it('puts values where parameters stand, several among the values of a filter', () => {
    const query = {
      measures: ['revenue'],
      filters: [condition('country', 'equals', ['Italy', p('country')]), condition('revenue', 'gt', [p('least')])],
      timeDimension: { dimension: 'day', dateRange: [p('from'), '2024-12-31'] },
      limit: p('limit'),
      offset: p('offset'),
    }
    const values = { country: ['Malta', 'Spain'], least: ['10.5'], from: ['2024-01-01'], limit: ['5'], offset: ['0'] }
    expect(bound(query, values)).toEqual({
      body: {
        measures: ['revenue'],
        filters: [condition('country', 'equals', ['Italy', 'Malta', 'Spain']), condition('revenue', 'gt', ['10.5'])],
        timeDimension: { dimension: 'day', dateRange: ['2024-01-01', '2024-12-31'] },
        limit: 5,
        offset: 0,
      },
      uses: [
        { path: 'filters[0].values[1]', parameter: 'country', place: 'values', isGiven: true },
        { path: 'filters[0].values[2]', parameter: 'country', place: 'values', isGiven: true },
        { path: 'filters[1].values[0]', parameter: 'least', place: 'value', isGiven: true },
        { path: 'timeDimension.dateRange[0]', parameter: 'from', place: 'range end', isGiven: true },
        { path: 'limit', parameter: 'limit', place: 'rows', isGiven: true },
        { path: 'offset', parameter: 'offset', place: 'rows', isGiven: true },
      ],
      missing: [],
    })
  })

  it('leaves out what a parameter without a value stands in, with all that is empty then', () => {
    const query = {
      measures: ['revenue'],
      filters: [
        condition('country', 'equals', [p('a')]),
        { or: [condition('region', 'equals', p('a')), { and: [condition('region', 'notEquals', [p('a')])] }] },
        { or: [condition('region', 'equals', [p('a')]), condition('region', 'set', undefined)] },
        condition('country', 'equals', ['Italy', p('a')]),
        condition('day', 'inDateRange', [p('a')]),
      ],
      timeDimension: { dimension: 'day', dateRange: p('a') },
      limit: p('a'),
    }
    expect(bound(query, {}).body).toEqual({
      measures: ['revenue'],
      filters: [{ or: [condition('region', 'set', undefined)] }, condition('country', 'equals', ['Italy'])],
    })
    expect(bound({ timeDimension: { dimension: 'day', granularity: 'day', dateRange: p('a') } }, {}).body).toEqual({
      timeDimension: { dimension: 'day', granularity: 'day' },
    })
  })

  it('tells of a range of which one end is missing, and takes a range of a relative text', () => {
    const query = (dateRange: unknown) => ({ timeDimension: { dimension: 'day', dateRange } })
    expect(bound(query([p('from'), p('to')]), { from: ['2024-01-01'] }).missing).toEqual([
      { parameter: 'to', with: 'from' },
    ])
    expect(bound(query([p('from'), p('to')]), {}).missing).toEqual([])
    expect(bound(query(p('period')), { period: ['last 7 days'] }).body).toEqual(query('last 7 days'))
    expect(bound(query([p('period')]), { period: ['2024-01-01', '2024-01-31'] }).body).toEqual(
      query(['2024-01-01', '2024-01-31']),
    )
    const filter = condition('day', 'inDateRange', [p('period')])
    expect(bound({ filters: [filter] }, { period: ['today'] }).body).toEqual({
      filters: [condition('day', 'inDateRange', ['today'])],
    })
  })

  it.each([
    { filters: 'x', timeDimension: 7, limit: null },
    { filters: [7, null, { or: 'x' }, { member: 'a' }, condition('a', 'equals', 'b')] },
    { timeDimension: { dateRange: 7, compareDateRange: 'x' } },
    { filters: [{ or: [] }], timeDimension: {} },
  ])('leaves a query of any shape to the parser: %j', (query) => {
    expect(bound(query, {}).body).toEqual(query)
  })
})
