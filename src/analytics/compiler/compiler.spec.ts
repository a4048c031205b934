import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compile } from './compiler.js'
import { MAX_STATEMENT_BYTES } from '../execution/query-settings.js'
import { parseQuery } from '../parsing/query-parser.js'

function compiled(query: Record<string, unknown>) {
  return compile(parseQuery({ dataset: 'transactions', ...query }))
}

function whereOf(member: string, operator: string, ...values: unknown[]) {
  const { sql, params } = compiled({ measures: ['transactions'], filters: [{ member, operator, values }] })
  return { where: /^WHERE (.*)$/m.exec(sql)?.[1], params: Object.values(params) }
}

describe('compile', () => {
  it('writes a query with groups, filters and an order', () => {
    const { sql, totalSql, params, columns } = compiled({
      measures: ['revenue', 'transactions'],
      dimensions: ['country'],
      timeDimension: {
        dimension: 'transaction_date',
        granularity: 'month',
        dateRange: ['2024-01-01', '2024-12-31'],
      },
      filters: [
        { member: 'category', operator: 'equals', values: ['Toys'] },
        {
          or: [
            { member: 'revenue', operator: 'gt', values: ['1000'] },
            { member: 'transactions', operator: 'gte', values: ['5'] },
          ],
        },
      ],
      order: [['revenue', 'desc']],
    })
    expect(sql).toBe(
      [
        'SELECT',
        '  t.country AS `country`,',
        "  dateTrunc('month', t.transaction_date) AS `transaction_date`,",
        '  sum(t.total_price) AS `revenue`,',
        '  count() AS `transactions`',
        'FROM `transactions` AS t FINAL',
        'WHERE (t.transaction_date >= {p0:Date32} AND t.transaction_date <= {p1:Date32})',
        '  AND t.category = {p2:String}',
        "GROUP BY t.country, dateTrunc('month', t.transaction_date)",
        'HAVING (sum(t.total_price) >= {p3:Decimal(38, 4)} OR count() >= {p4:UInt64})',
        'ORDER BY sum(t.total_price) DESC NULLS LAST, t.country ASC NULLS LAST, ' +
          "dateTrunc('month', t.transaction_date) ASC NULLS LAST",
        'LIMIT 100 OFFSET 0',
      ].join('\n'),
    )
    expect(params).toEqual({ p0: '2024-01-01', p1: '2024-12-31', p2: 'Toys', p3: '1000.0001', p4: '5' })
    expect(totalSql).toContain('SELECT count() AS total\nFROM (\nSELECT count()\nFROM')
    expect(columns.map(({ name, type }) => `${name}:${type}`)).toEqual([
      'country:text',
      'transaction_date:date',
      'revenue:decimal',
      'transactions:integer',
    ])
  })

  it('pages rows in an order that ends with the key', () => {
    const { sql } = compiled({ select: ['country', 'price'], order: [['price', 'desc']], limit: 10, offset: 20 })
    expect(sql).toContain('ORDER BY t.price DESC NULLS LAST, t.country ASC NULLS LAST, t.transaction_id ASC NULLS LAST')
    expect(sql).toContain('LIMIT 10 OFFSET 20')
  })

  it('writes no limit for an export that sets none', () => {
    const query = parseQuery({ dataset: 'transactions', select: ['country'] }, { unlimited: true })
    expect(compile(query).sql).not.toContain('LIMIT')
  })

  it('writes compared ranges as one statement, each value once', () => {
    const { sql, totalSql, params, columns } = compiled({
      measures: ['revenue'],
      dimensions: ['country'],
      timeDimension: {
        dimension: 'transaction_date',
        compareDateRange: [['2024-01-01', '2024-12-31'], '2023-01-01'],
      },
      filters: [{ member: 'category', operator: 'equals', values: ['Toys'] }],
      order: [['revenue', 'desc']],
    })
    const part = (place: number, label: string, where: string) => [
      'SELECT',
      `  ${label} AS \`compareDateRange\`,`,
      `  ${place} AS \`#range\`,`,
      '  t.country AS `country`,',
      '  sum(t.total_price) AS `revenue`',
      'FROM `transactions` AS t FINAL',
      `WHERE ${where}`,
      '  AND t.category = {p0:String}',
      'GROUP BY t.country',
    ]
    expect(sql).toBe(
      [
        'SELECT',
        '  c.`compareDateRange` AS `compareDateRange`,',
        '  c.`country` AS `country`,',
        '  c.`revenue` AS `revenue`',
        'FROM (',
        ...part(0, '{p3:String}', '(t.transaction_date >= {p1:Date32} AND t.transaction_date <= {p2:Date32})'),
        'UNION ALL',
        ...part(1, '{p6:String}', '(t.transaction_date >= {p4:Date32} AND t.transaction_date <= {p5:Date32})'),
        ') AS c',
        'ORDER BY c.`#range` ASC NULLS LAST, c.`revenue` DESC NULLS LAST, c.`country` ASC NULLS LAST',
        'LIMIT 100 OFFSET 0',
      ].join('\n'),
    )
    expect(params).toMatchObject({ p0: 'Toys', p3: '2024-01-01 - 2024-12-31', p6: '2023-01-01 - 2023-01-01' })
    expect(totalSql).toMatch(/^SELECT sum\(c.total\) AS total\nFROM \(\nSELECT count\(\) AS total\nFROM \(/)
    expect(columns[0]).toEqual({ name: 'compareDateRange', type: 'text' })
  })

  it('labels compared ranges of timestamps by timestamps, and those of days by days', () => {
    const labelsOf = (compareDateRange: unknown) => {
      const { params } = compiled({
        dataset: 'events',
        measures: ['events'],
        timeDimension: { dimension: 'timestamp', compareDateRange },
      })
      return Object.values(params).filter((value) => value.includes(' - '))
    }
    expect(
      labelsOf([
        ['2026-03-29T00:00:00Z', '2026-03-29T00:59:59.999Z'],
        ['2026-03-29 03:00:00+02:00', '2026-03-29T03:59:59.9999+0200'],
        ['2026-03-29T12:00Z'],
      ]),
    ).toEqual([
      '2026-03-29T00:00:00.000Z - 2026-03-29T00:59:59.999Z',
      '2026-03-29T01:00:00.000Z - 2026-03-29T01:59:59.999Z',
      '2026-03-29T12:00:00.000Z - 2026-03-29T12:00:00.000Z',
    ])
    expect(labelsOf(['2026-03-29', ['2026-03-28', '2026-03-29']])).toEqual([
      '2026-03-29 - 2026-03-29',
      '2026-03-28 - 2026-03-29',
    ])
  })

  it('orders compared ranges by their column where the query does', () => {
    const { sql } = compiled({
      select: ['country'],
      timeDimension: { dimension: 'transaction_date', compareDateRange: ['2024-01-01', '2023-01-01'] },
      order: [
        ['country', 'asc'],
        ['compareDateRange', 'desc'],
      ],
    })
    expect(sql).toContain(
      'ORDER BY c.`country` ASC NULLS LAST, c.`compareDateRange` DESC NULLS LAST, ' +
        'c.`#range` ASC NULLS LAST, c.`#key0` ASC NULLS LAST',
    )
  })

  it.each([
    ['quantity', 'gt', ['5.5'], 't.quantity >= {p0:Int32}', ['6']],
    ['quantity', 'lt', ['5.5'], 't.quantity <= {p0:Int32}', ['5']],
    ['quantity', 'lte', ['-5.5'], 't.quantity <= {p0:Int32}', ['-6']],
    ['quantity', 'equals', ['5.5'], 'false', []],
    ['quantity', 'equals', ['99999999999'], 'false', []],
    ['quantity', 'notEquals', ['99999999999'], 'true', []],
    ['quantity', 'gt', ['99999999999'], 'false', []],
    ['quantity', 'lt', ['1e300'], 'true', []],
    ['quantity', 'equals', [1, '1.0', 2], 't.quantity IN {p0:Array(Int32)}', ['[1,2]']],
    ['added_date', 'afterDate', ['0001-01-01'], 'isNotNull(t.added_date)', []],
    ['added_date', 'beforeDate', ['2024-01-01'], 't.added_date <= {p0:Date32}', ['2023-12-31']],
    ['added_date', 'notEquals', ['2024-01-01'], 'ifNull(NOT (t.added_date = {p0:Date32}), true)', ['2024-01-01']],
    ['added_date', 'inDateRange', ['2300-01-01', '2400-01-01'], 'false', []],
    ['region', 'notSet', [], "NOT (t.region != '')", []],
    ['country', 'contains', ['A'], 'position(lowerUTF8(t.country), lowerUTF8({p0:String})) > 0', ['A']],
    [
      ...(['country', 'startsWith', ['ΚΩΣ']] as const),
      "startsWith(replaceAll(lowerUTF8(t.country), 'ς', 'σ'), replaceAll(lowerUTF8({p0:String}), 'ς', 'σ'))",
      ['ΚΩΣ'],
    ],
    ['country', 'equals', ["'", '\\'], 't.country IN {p0:Array(String)}', [["'", '\\']]],
    ['country', 'equals', [true], 't.country = {p0:String}', ['true']],
  ])('%s %s %j is %s', (member, operator, values, where, params) => {
    expect(whereOf(member, operator, ...values)).toEqual({ where, params })
  })

  it('works out what can hold for no row or for every one', () => {
    const none = { member: 'quantity', operator: 'equals', values: ['5.5'] }
    const every = { ...none, operator: 'notEquals' }
    const some = { member: 'country', operator: 'equals', values: ['Rome'] }
    const where = (...filters: object[]) =>
      /WHERE (.*)\n/.exec(compiled({ measures: ['revenue'], filters: filters }).sql)?.[1]
    expect(where({ or: [none, some] })).toBe('(t.country = {p0:String})')
    expect(where({ or: [every, some] })).toBe('true')
    expect(where({ or: [none, { and: [none, some] }] })).toBe('false')
    expect(where({ and: [every, some] })).toBe('t.country = {p0:String}')
    expect(where({ or: [{ and: [every, some] }, none] })).toBe('((t.country = {p0:String}))')
  })

  it('binds the texts of a search in lists, so that no query has too many parameters', () => {
    const values = Array.from({ length: 900 }, (_, index) => `text ${index}`)
    const equals = Array.from({ length: 99 }, (_, index) => ({
      member: 'country',
      operator: 'equals',
      values: [`country ${index}`],
    }))
    const { sql, params } = compiled({
      measures: ['revenue'],
      filters: [{ member: 'country', operator: 'contains', values }, ...equals],
    })
    expect(sql).toContain(
      'multiSearchAny(lowerUTF8(t.country), arrayMap(searched -> lowerUTF8(searched), {p0:Array(String)})) OR',
    )
    const bound = Object.values(params).slice(0, 4)
    expect(bound.flat()).toEqual(values)
    for (const list of bound) expect(list.length).toBeLessThanOrEqual(255)
    expect(Object.keys(params)).toHaveLength(4 + 99)
  })

  it('writes no longer statement than ClickHouse takes', () => {
    const long = (n: number) => '\u20ac'.repeat(120) + String(n).padStart(8, 'k')
    const measures = Array.from({ length: 50 }, (_, n) => `avg(values.${long(n)})`)
    const dimensions = Array.from({ length: 50 }, (_, n) => `values.${long(n + 50)}`)
    const contains = Array.from({ length: 50 }, (_, n) => ({
      member: `values.${long(n)}`,
      operator: 'startsWith',
      values: Array.from({ length: 20 }, (_, text) => `ς ${n} ${text}`),
    }))
    const { sql, totalSql } = compiled({
      dataset: 'events',
      measures,
      dimensions,
      timeDimension: {
        dimension: 'timestamp',
        granularity: 'day',
        compareDateRange: ['2024-01-01', '2024-01-02', '2024-01-03', '2024-01-04'],
      },
      filters: [...contains, ...measures.map((member) => ({ member, operator: 'notEquals', values: ['1', '2'] }))],
      order: [...measures, ...dimensions].map((name) => [name, 'desc']),
      timezone: 'America/Argentina/ComodRivadavia',
    })
    expect(sql.length).toBeGreaterThan(MAX_STATEMENT_BYTES / 8)
    expect(Math.max(sql.length, totalSql.length)).toBeLessThan(MAX_STATEMENT_BYTES / 2)
  })

  it('never writes a value into the statement', () => {
    const plain = compiled({
      measures: ['revenue'],
      filters: [{ member: 'country', operator: 'contains', values: ['x'] }],
    })
    // Not fast-check's own unit `binary`: its table of all characters takes a second to make.
    const character = fc.nat(0x10ffff).map((point) => String.fromCodePoint(point).replace(/\p{Surrogate}/u, '?'))
    fc.assert(
      fc.property(fc.string({ unit: character }), (text) => {
        const { sql, params } = compiled({
          measures: ['revenue'],
          filters: [{ member: 'country', operator: 'contains', values: [text] }],
        })
        expect(sql).toBe(plain.sql)
        expect(params).toEqual({ p0: text })
      }),
    )
  })
})
