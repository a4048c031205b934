import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ValidationError } from '../../common/errors/app-error.js'
import { compile } from '../compiler/compiler.js'
import { parseQuery } from './query-parser.js'

const VALID = { dataset: 'transactions', measures: ['revenue'], dimensions: ['country'] }

/** The paths that are complained about, sorted; none when the body is a query. */
function pathsOf(body: unknown): string[] {
  try {
    parseQuery(body)
    return []
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error
    return error.options.errors!.map(({ path }) => path).sort()
  }
}

function pathsWith(fields: Record<string, unknown>): string[] {
  return pathsOf({ ...VALID, ...fields })
}

function condition(member: string, operator: string, ...values: unknown[]) {
  return { member, operator, values }
}

describe('the body', () => {
  it.each([null, undefined, [], 'x', 1, true, [VALID]])('%j is no query', (body) => {
    expect(pathsOf(body)).toEqual([''])
  })

  it('reports everything that is wrong at once', () => {
    const body = {
      dataset: 'transactions',
      measures: ['profit', 'revenue', 'revenue'],
      dimensions: ['country', 7],
      filters: [condition('nope', 'like', 1), { or: [condition('country', 'gt', 'A'), condition('price', 'gt', 'A')] }],
      order: [['region', 'down']],
      limit: 0,
      offset: -1,
      total: 'yes',
      timezone: 'Mars/Base',
      extra: 1,
    }
    expect(pathsOf(body)).toEqual(
      [
        'dimensions[1]',
        'extra',
        'filters[0].member',
        'filters[0].operator',
        'filters[1].or[0].operator',
        'filters[1].or[1].values[0]',
        'limit',
        'measures[0]',
        'measures[2]',
        'offset',
        'order[0][0]',
        'order[0][1]',
        'timezone',
        'total',
      ].sort(),
    )
  })

  it.each([{}, { dataset: 'nope' }, { dataset: null }, { dataset: '__proto__' }, { dataset: ['transactions'] }])(
    '%j has no dataset',
    (body) => {
      expect(pathsOf(body)).toEqual(['dataset'])
    },
  )

  it('refuses a query that selects nothing', () => {
    expect(pathsOf({ dataset: 'transactions' })).toEqual([''])
    expect(pathsOf({ dataset: 'transactions', measures: [], dimensions: [] })).toEqual([''])
    expect(pathsOf({ dataset: 'transactions', select: [] })).toEqual(['select'])
  })

  it.each(['limit', 'offset'])('takes only whole numbers as %s', (field) => {
    for (const value of [-1, 1.5, '1', null, NaN, Infinity, 1e300, [], {}]) {
      expect(pathsWith({ [field]: value })).toEqual([field])
    }
  })

  it('limits results to 50,000 rows, exports not at all', () => {
    expect(parseQuery(VALID).limit).toBe(100)
    expect(pathsWith({ limit: 50_000 })).toEqual([])
    expect(pathsWith({ limit: 50_001 })).toEqual(['limit'])
    expect(parseQuery(VALID, { unlimited: true }).limit).toBeUndefined()
    expect(parseQuery({ ...VALID, limit: 1_000_000 }, { unlimited: true }).limit).toBe(1_000_000)
  })

  it.each(['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5'])(
    'knows the time zone %s',
    (timezone) => {
      expect(pathsWith({ timezone })).toEqual([])
    },
  )

  it.each(['', '+01:00', 'Europe/Nowhere', "UTC'; DROP TABLE x;--", 5, null])(
    'does not know the time zone %j',
    (timezone) => {
      expect(pathsWith({ timezone })).toEqual(['timezone'])
    },
  )
})

describe('members', () => {
  it('keeps dimensions and measures apart', () => {
    expect(pathsWith({ measures: ['country'] })).toEqual(['measures[0]'])
    expect(pathsWith({ dimensions: ['revenue'] })).toEqual(['dimensions[0]'])
    expect(pathsOf({ dataset: 'transactions', select: ['revenue'] })).toEqual(['select[0]'])
    expect(pathsOf({ ...VALID, select: ['country'] })).toEqual(['dimensions', 'measures'])
  })

  it.each(['__proto__', 'constructor', 'country`', "country' OR 1=1", 'TransactionId', '', '*', 'count()'])(
    'does not know %s',
    (name) => {
      expect(pathsWith({ dimensions: [name] })).toEqual(['dimensions[0]'])
    },
  )

  it('does not group by one member twice', () => {
    expect(pathsWith({ dimensions: ['country', 'country'] })).toEqual(['dimensions[1]'])
    const timeDimension = { dimension: 'transaction_date', granularity: 'month' }
    expect(pathsWith({ dimensions: ['transaction_date'], timeDimension })).toEqual(['timeDimension.dimension'])
  })

  it('orders by columns of the query, each once', () => {
    expect(
      pathsWith({
        order: [
          ['country', 'asc'],
          ['revenue', 'desc'],
        ],
      }),
    ).toEqual([])
    expect(pathsWith({ order: [['category', 'asc']] })).toEqual(['order[0][0]'])
    expect(
      pathsWith({
        order: [
          ['country', 'asc'],
          ['country', 'desc'],
        ],
      }),
    ).toEqual(['order[1][0]'])
    for (const entry of ['country', ['country'], ['country', 'ASC', 1], null, { country: 'asc' }]) {
      expect(pathsWith({ order: [entry] })).toEqual(['order[0]'])
    }
  })
})

describe('timeDimension', () => {
  it.each([
    [{ dimension: 'transaction_date' }, ['timeDimension']],
    [{ dimension: 'country', granularity: 'day' }, ['timeDimension.dimension']],
    [{ dimension: 'transaction_date', granularity: 'hour' }, ['timeDimension.granularity']],
    [{ dimension: 'transaction_date', dateRange: [] }, ['timeDimension.dateRange']],
    [{ dimension: 'transaction_date', dateRange: 'today' }, []],
    [{ dimension: 'transaction_date', dateRange: ['last 30 days'] }, []],
    [{ dimension: 'transaction_date', dateRange: '2024-02-02' }, []],
    [{ dimension: 'transaction_date', dateRange: 'tomorrow' }, ['timeDimension.dateRange']],
    [{ dimension: 'transaction_date', dateRange: 7 }, ['timeDimension.dateRange']],
    [{ dimension: 'transaction_date', dateRange: ['today', '2024-02-02'] }, ['timeDimension.dateRange[0]']],
    [{ dimension: 'transaction_date', dateRange: '2024-02-30' }, ['timeDimension.dateRange']],
    [{ dimension: 'transaction_date', compareDateRange: ['today', ['2024-02-01', '2024-02-02']] }, []],
    [{ dimension: 'transaction_date', compareDateRange: ['today'] }, ['timeDimension.compareDateRange']],
    [{ dimension: 'transaction_date', compareDateRange: Array(5).fill('today') }, ['timeDimension.compareDateRange']],
    [{ dimension: 'transaction_date', compareDateRange: ['today', 'once'] }, ['timeDimension.compareDateRange[1]']],
    [{ dimension: 'transaction_date', compareDateRange: ['today', {}] }, ['timeDimension.compareDateRange[1]']],
    [
      { dimension: 'transaction_date', compareDateRange: ['today', 'yesterday'], dateRange: 'today' },
      ['timeDimension.compareDateRange'],
    ],
    [{ dimension: 'transaction_date', dateRange: ['2024-02-30'] }, ['timeDimension.dateRange[0]']],
    [{ dimension: 'transaction_date', dateRange: ['2024-02-02', '2024-02-01'] }, ['timeDimension.dateRange']],
    [{ dimension: 'transaction_date', granularity: 'day', unit: 1 }, ['timeDimension.unit']],
    [[], ['timeDimension']],
    [{ dimension: 'added_date', dateRange: ['2024-02-02'] }, []],
  ])('%j is wrong at %j', (timeDimension, paths) => {
    expect(pathsWith({ timeDimension })).toEqual(paths)
  })

  it('says which ranges it understands', () => {
    const timeDimension = { dimension: 'transaction_date', dateRange: 'last fortnight' }
    expect(() => parseQuery({ ...VALID, timeDimension })).toThrow(/YYYY-MM-DD, or "today", .*"last N days\|weeks/)
    expect(pathsWith({ filters: [condition('added_date', 'inDateRange', 'once')] })).toEqual(['filters[0].values[0]'])
    expect(pathsWith({ filters: [condition('country', 'inDateRange', 'once')] })).toEqual(['filters[0].operator'])
  })

  it('is valid until midnight with a relative range, without an end otherwise', () => {
    const nowMs = Date.parse('2024-05-15T23:30:00Z')
    const timeDimension = { dimension: 'transaction_date', dateRange: 'today' }
    const until = (fields: object) => parseQuery({ ...VALID, ...fields }, { nowMs }).validUntil
    expect(until({})).toBeUndefined()
    expect(until({ timeDimension: { ...timeDimension, dateRange: '2024-05-15' } })).toBeUndefined()
    expect(until({ timeDimension })).toBe(Date.parse('2024-05-16T00:00:00Z'))
    expect(until({ timeDimension, timezone: 'Europe/Berlin' })).toBe(Date.parse('2024-05-16T22:00:00Z'))
    expect(until({ filters: [condition('added_date', 'notInDateRange', 'this year')] })).toBeDefined()
    const compareDateRange = [['2024-01-01', '2024-01-31'], 'this month']
    expect(until({ timeDimension: { dimension: 'added_date', compareDateRange } })).toBeDefined()
  })

  it('does not group rows', () => {
    const timeDimension = { dimension: 'transaction_date', granularity: 'day' }
    expect(pathsOf({ dataset: 'transactions', select: ['country'], timeDimension })).toEqual([
      'timeDimension.granularity',
    ])
  })
})

describe('filters', () => {
  it.each([
    [condition('country', 'equals'), '.values'],
    [condition('country', 'gt', 'A'), '.operator'],
    ...['gt', 'gte', 'lt', 'lte'].flatMap((operator) => [
      [condition('price', operator, 1, 2), '.values'],
      [condition('price', operator), '.values'],
      [{ member: 'revenue', operator, values: ['1', '1'] }, '.values'],
      [{ member: 'revenue', operator }, '.values'],
    ]),
    ...['gt', 'lte', 'beforeDate', 'afterDate'].flatMap((operator) => [
      [condition('added_date', operator, '2024-01-01', '2024-01-02'), '.values'],
      [condition('added_date', operator), '.values'],
    ]),
    [condition('added_date', 'inDateRange'), '.values'],
    [condition('added_date', 'notInDateRange'), '.values'],
    [condition('added_date', 'notInDateRange', '2024-01-01', '2024-01-02', '2024-01-03'), '.values'],
    [condition('added_date', 'notSet', '2024-01-01'), '.values'],
    ...['notEquals', 'contains', 'notContains', 'startsWith', 'endsWith'].map((operator) => [
      condition('country', operator),
      '.values',
    ]),
    // A value is taken whole or not at all.
    ...['1x', ' 1', '1 ', '1\n', '0x1F', '1,5', '1e', '--1', '', '٣'].map((value) => [
      condition('price', 'gt', value),
      '.values[0]',
    ]),
    ...['2024-01-01x', '2024-1-1', '2024-02-30', ' 2024-01-01', '2024-01-01\n', '', 20240101].map((value) => [
      condition('added_date', 'afterDate', value),
      '.values[0]',
    ]),
    [condition('price', 'contains', '1'), '.operator'],
    [condition('price', 'inDateRange', '2024-01-01'), '.operator'],
    [condition('country', 'equals', null), '.values[0]'],
    [condition('country', 'equals', {}), '.values[0]'],
    [condition('country', 'equals', ['A']), '.values[0]'],
    [condition('country', 'set', 'A'), '.values'],
    [condition('price', 'equals', true), '.values[0]'],
    [condition('transaction_date', 'inDateRange', '2024-01-01', '2024-01-02', '2024-01-03'), '.values'],
    [{ member: 'country', operator: 'equals', values: 'A' }, '.values'],
    [{ member: 'country', values: ['A'] }, '.operator'],
    [{ operator: 'set' }, '.member'],
    [{ and: [], or: [] }, '.and'],
    [{ or: [] }, '.or'],
    [{ or: {} }, '.or'],
    ['country = 1', ''],
    [null, ''],
  ] as [unknown, string][])('%j is wrong at %s', (filter, path) => {
    expect(pathsWith({ filters: [filter] })).toContain(`filters[0]${path}`)
  })

  it('tolerates an empty list of values where none are needed', () => {
    expect(pathsWith({ filters: [condition('country', 'set'), { member: 'added_date', operator: 'notSet' }] })).toEqual(
      [],
    )
  })

  it('does not mix measures and dimensions in one or, at any depth', () => {
    const [measure, dimension] = [condition('revenue', 'gt', 1), condition('country', 'set')]
    expect(pathsWith({ filters: [{ or: [measure, dimension] }] })).toEqual(['filters[0]'])
    expect(pathsWith({ filters: [{ or: [measure, { and: [dimension, measure] }] }] })).toEqual(['filters[0]'])
    expect(pathsWith({ filters: [{ and: [{ or: [measure] }, { or: [dimension] }] }] })).toEqual([])
  })

  it('has no groups to filter where rows are selected', () => {
    expect(pathsOf({ dataset: 'transactions', select: ['country'], filters: [condition('revenue', 'gt', 1)] })).toEqual(
      ['filters[0].member'],
    )
  })

  it('nests and/or to depth 4', () => {
    const nested = (depth: number): unknown =>
      depth === 0 ? condition('country', 'set') : { and: [nested(depth - 1)] }
    expect(pathsWith({ filters: [nested(4)] })).toEqual([])
    expect(pathsWith({ filters: [nested(5)] })).toHaveLength(1)
    let deep: unknown = condition('country', 'set')
    for (let depth = 0; depth < 100_000; depth++) deep = { or: [deep] }
    expect(pathsWith({ filters: [deep] })).toHaveLength(1)
    expect(pathsOf({ ...VALID, dataset: deep })).toEqual(['dataset'])
    expect(
      pathsWith({ measures: [deep], order: [[deep, deep]], filters: [{ member: deep, operator: deep }] }),
    ).toHaveLength(5)
  })

  it('limits how much one query may list', () => {
    const values = (count: number) => Array.from({ length: count }, (_unused, index) => `v${index}`)
    const filters = (count: number) => values(count).map(() => condition('country', 'set'))
    expect(pathsWith({ filters: filters(100) })).toEqual([])
    expect(pathsWith({ filters: filters(101) })).toEqual(['filters'])
    expect(pathsWith({ filters: [condition('country', 'equals', ...values(1000))] })).toEqual([])
    expect(pathsWith({ filters: [condition('country', 'equals', ...values(1001))] })).toEqual(['filters[0].values'])
    expect(pathsWith({ filters: [condition('country', 'equals', 'x'.repeat(70_000))] })).toEqual(['filters[0].values'])
    const searches = [1, 2].map(() => condition('country', 'contains', ...values(501)))
    expect(pathsWith({ filters: searches })).toEqual(['filters[1].values'])
    expect(pathsWith({ dimensions: values(100_000) })).toEqual(['dimensions'])
    expect(pathsWith({ filters: Array.from({ length: 100 }, () => 1) })).toHaveLength(50)
  })
})

describe('any JSON whatsoever', () => {
  const filters = fc.letrec((tie) => ({
    filter: fc.oneof(
      { maxDepth: 5 },
      fc.record({
        member: fc.oneof(fc.constantFrom('country', 'price', 'revenue', 'added_date'), fc.jsonValue()),
        operator: fc.oneof(fc.constantFrom('equals', 'gt', 'contains', 'inDateRange', 'set'), fc.jsonValue()),
        values: fc.oneof(fc.array(fc.oneof(fc.string(), fc.double(), fc.boolean())), fc.jsonValue()),
      }),
      fc.record({ or: fc.array(tie('filter')) }),
      fc.record({ and: fc.array(tie('filter')) }),
    ),
  })).filter
  const member = fc.oneof(fc.constantFrom('country', 'revenue', 'transaction_date'), fc.jsonValue())
  const body = fc.record(
    {
      dataset: fc.oneof(fc.constant('transactions'), fc.jsonValue()),
      measures: fc.oneof(fc.array(member), fc.jsonValue()),
      dimensions: fc.oneof(fc.array(member), fc.jsonValue()),
      select: fc.oneof(fc.array(member), fc.jsonValue()),
      timeDimension: fc.oneof(
        fc.jsonValue(),
        fc.record({
          dimension: member,
          dateRange: fc.jsonValue(),
          compareDateRange: fc.oneof(
            fc.array(fc.oneof(fc.constantFrom('today', 'last 2 weeks'), fc.jsonValue())),
            fc.jsonValue(),
          ),
        }),
      ),
      explain: fc.jsonValue(),
      filters: fc.oneof(fc.array(filters), fc.jsonValue()),
      order: fc.oneof(fc.array(fc.tuple(member, fc.constantFrom('asc', 'desc'))), fc.jsonValue()),
      limit: fc.oneof(fc.integer(), fc.jsonValue()),
      total: fc.oneof(fc.boolean(), fc.jsonValue()),
    },
    { requiredKeys: [] },
  )

  it('is a query or a 400, never a crash', () => {
    fc.assert(
      fc.property(fc.oneof(body, fc.jsonValue()), (value) => {
        try {
          compile(parseQuery(value))
        } catch (error) {
          expect(error).toBeInstanceOf(ValidationError)
        }
      }),
      { numRuns: 200 },
    )
  })
})

describe('names that do not exist', () => {
  const messageOf = (fields: Record<string, unknown>) => {
    try {
      parseQuery({ ...VALID, ...fields })
    } catch (error) {
      return (error as ValidationError).options.errors!.map(({ path, message }) => `${path}: ${message}`).join('\n')
    }
    return ''
  }
  const time = (fields: object) => ({ timeDimension: { dimension: 'transaction_date', granularity: 'day', ...fields } })

  it.each<[string, Record<string, unknown>, string]>([
    ['dataset', { dataset: 'transaction' }, 'transactions'],
    ['measure', { measures: ['revenu'] }, 'revenue'],
    ['dimension', { dimensions: ['Country'] }, 'country'],
    ['dimension', { dimensions: ['TransactionDate'] }, 'transaction_date'],
    ['member', { filters: [condition('catgory', 'set')] }, 'category'],
    ['operator', { filters: [condition('country', 'startWith', 'a')] }, 'startsWith'],
    ['time dimension', time({ dimension: 'added' }), 'added_date'],
    ['granularity', time({ granularity: 'months' }), 'month'],
    ['time zone', { timezone: 'Europe/Berln' }, 'Europe/Berlin'],
    ['measure', { dataset: 'events', dimensions: [], measures: ['event'] }, 'events'],
  ])('a %s of %j is refused with the nearest name', (what, fields, meant) => {
    const message = messageOf(fields)
    expect(message).toMatch(new RegExp(`^\\S+: Unknown ${what} "`))
    expect(message).toMatch(new RegExp(`Did you mean [^?]*"${meant}"`))
    expect(message).toMatch(/ Use .*\w/)
  })

  it('fields, and columns to order by, too', () => {
    expect(messageOf({ messures: ['revenue'] })).toMatch(
      /^messures: is not a known field. Did you mean "measures"\? Use data/,
    )
    expect(messageOf(time({ date_range: 'today' }))).toContain(
      'timeDimension.date_range: is not a known field. Did you mean',
    )
    expect(messageOf({ filters: [{ ...condition('country', 'set'), value: 1 }] })).toContain('Did you mean "values"')
    expect(messageOf({ order: [['revenues', 'desc']] })).toMatch(
      /not a column .* Did you mean "revenue"\? Use country or rev/,
    )
  })

  it('says what a member is that is used as something else', () => {
    expect(messageOf({ dimensions: ['revenue'] })).toMatch(
      /^dimensions\[0\]: "revenue" is a measure, not a dimension. Use tra/,
    )
    expect(messageOf({ measures: ['country'] })).toMatch(
      /^measures\[0\]: "country" is a dimension, not a measure. Use tra/,
    )
  })

  it('lists every measure of a dataset', () => {
    expect(messageOf({ measures: ['profit'] })).toContain(
      'Unknown measure "profit". Use transactions, revenue, items_sold, average_price, average_order_value, unique_users',
    )
    expect(messageOf({ dataset: 'events', dimensions: [], measures: ['profit'] })).toContain('sum(values.<key>)')
  })

  it('stays short with endless names', () => {
    const long = 'x'.repeat(1_000_000)
    const fields = Object.fromEntries(Array.from({ length: 2_000 }, (_, n) => [`${n}${'y'.repeat(50)}`, 1]))
    for (const wrong of [{ measures: Array(50).fill(long) }, { dimensions: [long], order: [[long, long]] }, fields])
      expect(messageOf(wrong).length).toBeLessThan(50_000)
  })
})
