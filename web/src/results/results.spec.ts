import { describe, expect, it } from 'vitest'
import { chartDataOf } from './chart-data'
import { changeOf, comparisonOf } from './comparison'
import { compare, difference, growth, sum } from './decimals'
import { withMissing } from './periods'
import { pivotOf, totalsOf } from './pivot'
import type { ResultData, ResultQuery, ResultRow } from './result-data'
import { ringOf } from './ring'
import { shortOf, writerOf } from './value-format'
import { defaultView, fittingView, viewsFor } from './views-for'

const MEMBERS: ResultData['members'] = [
  { name: 'category', title: 'Category', type: 'text', kind: 'dimension' },
  { name: 'region', title: 'Region', type: 'text', kind: 'dimension' },
  { name: 'day', title: 'Day', type: 'date', kind: 'time' },
  { name: 'revenue', title: 'Revenue', type: 'decimal', kind: 'measure', additive: true },
  { name: 'average', title: 'Average', type: 'decimal', kind: 'measure' },
]

function result(query: ResultQuery, rows: ResultRow[], isCut = false): ResultData {
  const columns = Object.keys(rows[0] ?? {}).map((name) => ({
    name,
    type: MEMBERS.find((member) => member.name === name)?.type ?? ('text' as const),
  }))
  return { query, columns, rows, members: MEMBERS, isCut }
}

describe('decimals', () => {
  it('add up, differ and are sorted exactly', () => {
    expect(sum(['0.1', 0.2, '99999999999999999999.0001'])).toBe('99999999999999999999.3001')
    expect(sum([-5, '2.50'])).toBe('-2.50')
    expect(sum([1e300, 1e300])).toBe(`2${'0'.repeat(300)}`)
    expect(difference('10000000000000000001', '10000000000000000000')).toBe('1')
    expect(difference(1, '1.0000000000000000001')).toBe('-0.0000000000000000001')
    expect(compare('10000000000000000001', '10000000000000000000')).toBe(1)
    expect(['-1', '1e2', 3, '-0.5'].sort(compare)).toEqual(['-1', '-0.5', 3, '1e2'])
  })

  it('have no growth from nothing', () => {
    expect(growth(150, 100)).toBe(0.5)
    expect(growth(-50, -100)).toBe(0.5)
    expect(growth(5, 0)).toBeNull()
  })
})

describe('numbers of a column', () => {
  it('are written with all of their digits, longer ones on hover', () => {
    const plain = writerOf('decimal', ['1234.5', '0.1250'])
    expect(plain.text('12345678901234567890.5')).toBe('12,345,678,901,234,567,890.5000')
    const long = writerOf('decimal', ['1.123456789'])
    expect([long.text('1.123456789'), long.exact('1.123456789')]).toEqual(['1.1235', '1.123456789'])
  })

  it('are written as currency, percent or short', () => {
    const of = (format: Parameters<typeof writerOf>[2]) => writerOf('decimal', ['1234.5678'], format).text('1234.5678')
    expect(of({ kind: 'currency', currency: 'EUR' })).toBe('€1,234.57')
    expect(of({ kind: 'currency', currency: 'E' })).toBe('$1,234.57')
    expect(of({ kind: 'percent', decimals: 0 })).toBe('123,457%')
    expect(of({ kind: 'compact' })).toBe('1.2K')
    expect(of({ kind: 'number', decimals: 1 })).toBe('1,234.6')
    expect(shortOf({ kind: 'percent' })(0.5)).toBe('50%')
  })
})

describe('periods', () => {
  it('without rows are known', () => {
    expect(withMissing(['2024-03-01', '2024-01-01'], 'month')).toEqual(['2024-01-01', '2024-02-01', '2024-03-01'])
    expect(withMissing(['2015-10-01', '2016-04-01'], 'quarter')).toHaveLength(3)
    expect(withMissing(['2024-01-01T22:00:00.000Z', '2024-01-02T00:00:00.000Z'], 'hour')[1]).toBe(
      '2024-01-01T23:00:00.000Z',
    )
    // Local days that begin at other hours in summer: none is invented.
    const local = ['2024-03-30T23:00:00.000Z', '2024-03-31T22:00:00.000Z']
    expect(withMissing(local, 'day')).toEqual(local)
  })

  it('without rows are gaps in a chart', () => {
    const query: ResultQuery = { measures: ['revenue'], timeDimension: { dimension: 'day', granularity: 'month' } }
    const { labels, series, rowAt } = chartDataOf(
      result(query, [
        { day: '2024-01-01', revenue: '1.10' },
        { day: '2024-03-01', revenue: 3 },
      ]),
      ['revenue'],
    )
    expect(labels).toEqual(['2024-01', '2024-02', '2024-03'])
    expect(series[0]!.values).toEqual(['1.10', null, 3])
    expect(rowAt(0, 2)).toEqual({ day: '2024-03-01', revenue: 3 })
    expect(rowAt(0, 1)).toBeUndefined()
  })
})

describe('charts', () => {
  it('measure what is far smaller by an axis of its own, unless all are wanted on one', () => {
    const query: ResultQuery = { measures: ['revenue', 'average'], dimensions: ['category'] }
    const rows = [{ category: 'Toys', revenue: 1000, average: 3 }]
    const axes = (right?: string[]) =>
      chartDataOf(result(query, rows), ['revenue', 'average'], { right }).series.map(({ axis }) => axis)
    expect([axes(), axes([]), axes(['revenue'])]).toEqual([
      ['y', 'y2'],
      ['y', 'y'],
      ['y2', 'y'],
    ])
  })

  it('keep the eight largest series', () => {
    const query: ResultQuery = { measures: ['revenue'], dimensions: ['category', 'region'] }
    const rows = Array.from({ length: 10 }, (_none, at) => ({ category: 'Toys', region: `r${at}`, revenue: at }))
    const { series, left } = chartDataOf(result(query, rows), ['revenue'])
    expect([series.length, left, series[0]!.label]).toEqual([8, 2, 'r2'])
    const stack = chartDataOf(result(query, rows), ['revenue'], { isStacked: true })
    expect([stack.series.length, stack.left, stack.series.at(-1)]).toMatchObject([
      8,
      0,
      { label: 'Others', values: ['3'] },
    ])
  })
})

describe('a ring', () => {
  const rows = Array.from({ length: 10 }, (_none, at) => ({ category: `c${at}`, revenue: at, average: 1 }))
  const all = result({ measures: ['revenue', 'average'], dimensions: ['category'] }, rows)

  it('has the smallest of many parts as one', () => {
    const ring = ringOf(all, 'revenue')
    if (typeof ring === 'string') throw new Error(ring)
    expect(ring.parts).toHaveLength(8)
    expect(ring.parts[0]).toMatchObject({ label: 'c9', share: 9 / 45 })
    expect(ring.parts.at(-1)).toMatchObject({ label: '3 others', value: '3' })
  })

  it('is refused where there is no whole', () => {
    expect(ringOf(all, 'average')).toContain('averages')
    expect(ringOf(result(all.query, [{ category: 'c', revenue: -1, average: 1 }]), 'revenue')).toContain('below zero')
  })
})

describe('a pivot', () => {
  const query: ResultQuery = {
    measures: ['revenue', 'average'],
    dimensions: ['category'],
    timeDimension: { dimension: 'day', granularity: 'quarter' },
  }
  const rows = [
    { category: 'Toys', day: '2015-04-01', revenue: '2.2', average: 2 },
    { category: 'Toys', day: '2015-01-01', revenue: '1.1', average: 1 },
    { category: 'Art', day: '2015-04-01', revenue: '10', average: 5 },
  ]
  const view = { type: 'pivot' as const }

  it('has its periods across, in order, and a gap where there is no row', () => {
    const pivot = pivotOf(result(query, rows), view)
    expect(pivot.columns.map(({ names }) => names)).toEqual([['2015 Q1'], ['2015 Q2']])
    expect(pivot.lines.map(({ names, cells }) => [names[0], cells[0]?.['revenue'], cells[1]?.['revenue']])).toEqual([
      ['Toys', '1.1', '2.2'],
      ['Art', undefined, '10'],
    ])
  })

  it('sums up what adds up, and nothing else', () => {
    const whole = result(query, rows)
    const pivot = pivotOf(whole, view)
    const revenue = totalsOf('revenue', pivot, whole)
    expect([revenue.ofLine(pivot.lines[0]!), revenue.ofColumn(1), revenue.all]).toEqual(['3.3', '12.2', '13.3'])
    const average = totalsOf('average', pivot, whole)
    expect([average.ofLine(pivot.lines[0]!), average.ofColumn(1), average.all]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect(totalsOf('revenue', pivot, { ...whole, isCut: true }).all).toBeUndefined()
  })

  it('takes totals that were asked for', () => {
    const whole = result(query, rows)
    const pivot = pivotOf(whole, view)
    const average = totalsOf('average', pivot, whole, {
      ofRows: [{ category: 'Toys', average: '1.5' }],
      ofColumns: [{ day: '2015-04-01', average: 4 }],
      all: { average: '2.67' },
    })
    expect([average.ofLine(pivot.lines[0]!), average.ofColumn(1), average.all]).toEqual(['1.5', 4, '2.67'])
  })
})

describe('compared ranges', () => {
  const query: ResultQuery = {
    measures: ['revenue'],
    timeDimension: {
      dimension: 'day',
      granularity: 'month',
      compareDateRange: [
        ['a', 'b'],
        ['c', 'd'],
      ],
    },
  }
  const rows = [
    { compareDateRange: '2016-01-01 - 2016-12-31', day: '2016-02-01', revenue: '12.5' },
    { compareDateRange: '2015-01-01 - 2015-12-31', day: '2015-01-01', revenue: 7 },
    { compareDateRange: '2015-01-01 - 2015-12-31', day: '2015-02-01', revenue: 10 },
  ]

  it('stand beside each other with what changed', () => {
    const { ranges, lines } = comparisonOf(result(query, rows))
    expect(ranges).toHaveLength(2)
    expect(lines.map(({ names }) => names)).toEqual([['month 2'], ['month 1']])
    expect(changeOf(lines[0]!, 'revenue', 1)).toEqual({ difference: '2.5', share: 0.25 })
    expect(changeOf(lines[1]!, 'revenue', 1)).toBeNull()
  })
})

describe('the view of a result', () => {
  it('suits its columns', () => {
    const shape = (query: ResultQuery) => ({ query, members: MEMBERS })
    const time = { dimension: 'day', granularity: 'month' as const }
    expect(viewsFor(shape({ select: ['day'] }))).toEqual(['table'])
    expect(defaultView(shape({ measures: ['revenue'] }))).toEqual({ type: 'figure' })
    expect(defaultView(shape({ measures: ['revenue'], timeDimension: time }))).toEqual({ type: 'line' })
    expect(viewsFor(shape({ measures: ['revenue'], dimensions: ['category'] }))).toContain('ring')
    expect(viewsFor(shape({ measures: ['average'], dimensions: ['category'] }))).not.toContain('ring')
    const formats = { revenue: { kind: 'currency' as const } }
    expect(fittingView({ type: 'pivot', formats }, shape({ measures: ['revenue'] }))).toEqual({
      type: 'figure',
      formats,
    })
  })
})
