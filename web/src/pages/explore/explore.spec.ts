import { describe, expect, it } from 'vitest'
import type { ResultData } from '../../results/result-data'
import type { Dataset } from './datasets'
import { brokenDown, filtersOfRow, narrowed, rowsBehind } from './drill'
import type { ExploreQuery } from './query'
import { changed, opened, redone, startHistory, undone } from './query-history'
import { totalQueries } from './result/total-queries'

const MEMBERS: Dataset['members'] = [
  { name: 'id', title: 'Id', type: 'text', kind: 'dimension' },
  { name: 'category', title: 'Category', type: 'text', kind: 'dimension' },
  { name: 'region', title: 'Region', type: 'text', kind: 'dimension' },
  { name: 'day', title: 'Day', type: 'date', kind: 'time' },
  { name: 'revenue', title: 'Revenue', type: 'decimal', kind: 'measure', additive: true },
  { name: 'average', title: 'Average', type: 'decimal', kind: 'measure' },
]
const DATASET: Dataset = {
  ...{ name: 'sales', title: 'Sales', description: '', key: ['id'], timeDimension: 'day' },
  ...{ members: MEMBERS, rowCount: 10, lastIngestion: null },
}
const QUERY: ExploreQuery = {
  dataset: 'sales',
  measures: ['revenue', 'average'],
  dimensions: ['category', 'region'],
  timeDimension: { dimension: 'day', granularity: 'quarter', dateRange: 'this year' },
  filters: [{ member: 'revenue', operator: 'gt', values: ['5'] }],
}
const ROW = { category: 'Toys', region: '', day: '2015-01-01', revenue: 6, average: 2 }
const OF_ROW = [
  { member: 'category', operator: 'equals', values: ['Toys'] },
  { member: 'region', operator: 'notSet' },
  { member: 'day', operator: 'inDateRange', values: ['2015-01-01', '2015-03-31'] },
]

describe('changes of a query', () => {
  it('are undone and redone, and what is typed in one go is one of them', () => {
    const typed = ['a', 'ab', 'abc'].reduce(
      (history, text, at) => changed(history, text, 10_000 + at),
      startHistory(''),
    )
    const more = changed(typed, 'x', 20_000)
    expect(undone(more).present).toBe('abc')
    expect(undone(undone(more)).present).toBe('')
    expect(undone(undone(undone(more))).present).toBe('')
    expect(redone(redone(undone(undone(more)))).present).toBe('x')
    expect(changed(undone(more), 'y', 30_000).future).toEqual([])
    expect(undone(opened(opened(more, 'link'), 'drilled')).present).toBe('link')
  })
})

describe('drilling down', () => {
  it('keeps only the rows of a group, once', () => {
    expect(filtersOfRow(ROW, QUERY)).toEqual(OF_ROW)
    const narrow = narrowed(QUERY, ROW)
    expect(narrow.filters).toEqual([...QUERY.filters!, ...OF_ROW])
    expect(narrowed(narrow, ROW)).toEqual(narrow)
  })

  it('shows the rows behind a group without filters on groups', () => {
    expect(rowsBehind(QUERY, ROW, DATASET)).toEqual({
      dataset: 'sales',
      select: ['id', 'category', 'region', 'day'],
      timeDimension: { dimension: 'day', dateRange: 'this year' },
      filters: OF_ROW,
      limit: 100,
    })
  })

  it('breaks a group of a compared range down within that range', () => {
    const compared: ExploreQuery = {
      dataset: 'sales',
      measures: ['revenue'],
      dimensions: ['category'],
      timeDimension: { dimension: 'day', compareDateRange: ['this year', 'last year'] },
    }
    const row = { compareDateRange: '2015-01-01 - 2015-12-31', category: 'Toys', revenue: 6 }
    expect(brokenDown(compared, row, 'region')).toEqual({
      dataset: 'sales',
      measures: ['revenue'],
      dimensions: ['region'],
      timeDimension: { dimension: 'day', dateRange: ['2015-01-01', '2015-12-31'] },
      filters: [OF_ROW[0]],
      order: [['revenue', 'desc']],
    })
  })
})

describe('totals that no sum gives', () => {
  const query: ExploreQuery = { ...QUERY, filters: [], order: [['revenue', 'desc']] }
  const result: ResultData = { query, columns: [], rows: [ROW], members: MEMBERS, isCut: false }
  const view = { type: 'pivot' as const }

  it('are asked for by the rows, by the columns and of everything', () => {
    const queries = totalQueries(query, result, view)
    expect(queries.map(({ measures }) => measures)).toEqual([['average'], ['average'], ['average']])
    expect(queries.map(({ dimensions, timeDimension }) => [dimensions, timeDimension?.granularity])).toEqual([
      [['category', 'region'], undefined],
      [undefined, 'quarter'],
      [undefined, undefined],
    ])
    expect(queries[2]).toEqual({
      dataset: 'sales',
      measures: ['average'],
      timeDimension: { dimension: 'day', dateRange: 'this year' },
      limit: 50_000,
    })
  })

  it('are not asked for where nothing gives them or nobody wants them', () => {
    expect(totalQueries({ ...query, measures: ['revenue'] }, result, view)).toEqual([])
    expect(totalQueries({ ...query, filters: QUERY.filters }, result, view)).toEqual([])
    expect(totalQueries(query, result, { ...view, totals: false })).toEqual([])
    expect(totalQueries(query, result, { type: 'table' })).toEqual([])
  })
})
