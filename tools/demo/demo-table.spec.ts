import { describe, expect, it } from 'vitest'
import { demoTable } from './demo-table.js'

describe('a table of the demo', () => {
  it('separates thousands, keeps every digit and puts numbers at the right', () => {
    const rows = [
      { category: 'Toys', revenue: '12345678901234567.8900', transactions: 1234 },
      { category: 'Books', revenue: '-5.0000', transactions: 12 },
    ]
    expect(demoTable(rows)).toBe(
      [
        'category                      revenue  transactions',
        'Toys      12,345,678,901,234,567.8900         1,234',
        'Books                         -5.0000            12',
      ].join('\n'),
    )
  })

  it('leaves texts and times as they are', () => {
    expect(demoTable([{ month: '2025-01-01', member: true, rating: null }])).toBe(
      ['month       member  rating', '2025-01-01  true    -'].join('\n'),
    )
  })
})
