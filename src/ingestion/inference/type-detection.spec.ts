import { describe, expect, it } from 'vitest'
import { inferredFrom, rows } from '../../../test/support/inference-fixture.js'

async function typeOf(
  header: string,
  values: string[],
  more: Parameters<typeof inferredFrom>[1] = {},
): Promise<unknown[]> {
  const { dataset, columns } = await inferredFrom({ [header]: values }, more)
  const { type, scale, format } = dataset.columns[0]!
  return [
    type,
    ...(scale === undefined ? [] : [scale]),
    ...(format === undefined ? [] : [format]),
    ...columns[0]!.warnings,
  ]
}

describe('Values of one kind', () => {
  it.each<[string, string[], ...unknown[]]>([
    ['flag', ['true', 'FALSE', ''], 'boolean'],
    ['flag', ['y', 'n', 'Y'], 'boolean'],
    ['country', ['NO', 'NO'], 'text'],
    ['sex', ['F', 'M'], 'text'],
    ['sex', ['F', 'F'], 'text'],
    ['flag', ['0', '1'], 'integer'],
    ['n', ['-5', '12', ' 7 '], 'integer'],
    ['n', ['123456789012345678'], 'integer'],
    ['zip', ['01234', '99999'], 'text'],
    ['n', ['007', '1234'], 'text'],
    ['Postal Code', ['42420', '90036'], 'text'],
    ['call', ['+4930123456', '+4940654321'], 'text'],
    ['price', ['1.5', '2'], 'decimal', 4],
    ['price', ['1.234567', '2'], 'decimal', 8],
    ['wei', ['0.123456789012345678', '1.000000000000000001'], 'decimal', 18],
    ['n', ['5.0', '6.0'], 'decimal', 4],
    ['n', ['1.5e3', '2'], 'decimal', 4],
    ['n', ['1.5e-30', '2e20'], 'number'],
    ['n', ['0.1', '0.30000000000000004', '12.123456789012'], 'number'],
    ['n', ['0.1234567890123456789012'], 'number'],
    ['day', ['2024-02-29', '2023-12-31'], 'date'],
    ['day', ['2023-02-29', '2023-12-31', '2024-01-01'], 'text'],
    ['at', ['2024-02-29T10:00:00Z', '2024-02-29 10:00'], 'timestamp'],
    ['day', ['1/31/2024', '2/1/2024'], 'date', 'M/D/YYYY'],
    ['day', ['31/1/2024', '1/2/2024'], 'date', 'D/M/YYYY'],
    ['day', ['05.03.24', '31.12.23'], 'date', 'D.M.YY'],
    ['day', ['20240131', '20231231'], 'date', 'YYYYMMDD'],
    ['number', ['20240131', '20231231'], 'integer'],
    ['day', ['3 March 2024', '31 Sept 2024', '4 May 2024'], 'text'],
    ['day', ['3 March 2024', '30 Sept 2024', '4 May 2024'], 'date', 'D MMM YYYY'],
    ['day', ['Mar 3, 2024', 'Dec 31, 2024'], 'date', 'MMM D, YYYY'],
    ['at', ['1/31/2024 1:05 PM', '2/1/2024 12:00 AM'], 'timestamp', 'M/D/YYYY h:mm A'],
    ['at', ['31.01.2024 13:05', '01.02.2024 07:00'], 'timestamp', 'D.M.YYYY H:mm'],
    ['created_at', ['1700000000', '1700000060'], 'timestamp', 'X'],
    ['timestamp', ['1700000000123', '1700000060456'], 'timestamp', 'x'],
    ['amount', ['1700000000', '1700000060'], 'integer'],
    ['when', ['08:15', '09:30'], 'text'],
    ['note', ['abc', '12', ''], 'text'],
    ['ip', ['10.0.0.1', '10.0.0.2'], 'text'],
    ['version', ['1.2.3', '1.10.0'], 'text'],
  ])('of %s: %j', async (header, values, ...wanted) => {
    const [type, ...more] = await typeOf(header, values)
    expect([type, ...more].slice(0, wanted.length)).toEqual(wanted)
  })

  it('a column without values is text, and somebody has to choose', async () => {
    const { columns } = await inferredFrom({ a: ['', ' '] })
    expect(columns[0]).toMatchObject({
      type: 'text',
      confidence: 0,
      nulls: 2,
      warnings: [expect.stringContaining('choose')],
    })
  })

  it('a few misfits do not turn the type, and are named', async () => {
    const { columns } = await inferredFrom({ n: rows(200, (row) => (row === 5 ? 'five' : String(row))) })
    expect(columns[0]).toMatchObject({
      type: 'integer',
      warnings: ['Values that are no integers (1 of 200): "five". Their rows will be rejected.'],
    })
    const many = await inferredFrom({ n: rows(200, (row) => (row % 20 === 5 ? `five${row}` : String(row))) })
    expect(many.columns[0]).toMatchObject({
      type: 'text',
      warnings: [expect.stringMatching(/^95 % of the values are numbers/)],
    })
  })
})

describe('How a file writes numbers', () => {
  it.each<[string, Record<string, string[]>, object]>([
    ['German', { a: ['1.234,50', '0,99'], b: ['1.234', '5.678'] }, { decimalSeparator: ',', thousandsSeparator: '.' }],
    ['French', { a: ['1\u202f234,50', '0,99'] }, { decimalSeparator: ',', thousandsSeparator: ' ' }],
    ['Swiss', { a: ['1’234.50', "12'345'678.90"] }, { thousandsSeparator: "'" }],
    ['English', { a: ['1,234.50', '0.99'] }, { thousandsSeparator: ',' }],
    ['plain', { a: ['1234.50', '0.99'], b: ['a,b', '1,2,3'] }, {}],
    [
      'with signs of money',
      { a: ['$1,234.50', '($45.00)', '45.00-'] },
      { thousandsSeparator: ',', numberStyle: 'accounting' },
    ],
    [
      'with the euro behind',
      { a: ['1.234,50 €', '45,00 €'] },
      { decimalSeparator: ',', thousandsSeparator: '.', numberStyle: 'accounting' },
    ],
    [
      'in the way of most columns',
      { a: ['1,5', '0,25'], b: ['2,5', '0,75'], c: ['1.5', '0.25'] },
      { decimalSeparator: ',' },
    ],
  ])('is found: %s', async (_, columns, options) => {
    expect((await inferredFrom(columns)).fileOptions).toEqual(options)
  })

  it('a column that is written in another way than most stays text and says so', async () => {
    const { columns } = await inferredFrom({ a: ['1,5', '0,25'], b: ['2,5', '0,75'], c: ['1.5', '0.25'] })
    expect(columns.map(({ type }) => type)).toEqual(['decimal', 'decimal', 'text'])
    expect(columns[2]!.warnings).toEqual([expect.stringContaining('"mapping"')])
  })

  it('percentages and groups of two digits stay text, with what to do', async () => {
    const { columns, fileOptions } = await inferredFrom({
      a: ['5.5%', '12 %'],
      b: ['1,23,456.00', '99.00'],
      c: ['12,34,567', '5,000.00'],
    })
    expect(columns.map(({ type }) => type)).toEqual(['text', 'text', 'text'])
    expect(columns.map(({ warnings }) => warnings.length)).toEqual([1, 1, 1])
    expect(fileOptions).toEqual({})
  })

  it('is asked where each number can be two', async () => {
    const { columns } = await inferredFrom({ kwh: ['1,234', '5,678'] }, { hasSemicolons: true })
    expect(columns[0]).toMatchObject({ type: 'decimal', confidence: 0.5 })
    const certain = await inferredFrom({ kwh: ['1,234', '5,678'], kw: ['0,5', '1,5'] }, { hasSemicolons: true })
    expect(certain.columns[0]!.warnings).toEqual([])
  })
})

describe('Day and month', () => {
  it('are asked for where both fit, and told by another column of the file', async () => {
    const { dataset, columns } = await inferredFrom({ a: ['1/2/2024', '3/4/2024'] })
    expect(dataset.columns[0]!.format).toBe('M/D/YYYY')
    expect(columns[0]).toMatchObject({ confidence: 0.5, warnings: [expect.stringContaining('D/M/YYYY')] })
    const told = await inferredFrom({ a: ['1/2/2024', '3/4/2024'], b: ['31/1/2024', '30/1/2024'] })
    expect(told.dataset.columns[0]!.format).toBe('D/M/YYYY')
    expect(told.columns[0]!.warnings).toEqual([])
  })

  it('come day first where the file looks European, and as the upload says', async () => {
    const european = await inferredFrom({ a: ['1/2/2024', '3/4/2024'], b: ['1,5', '2,25'] })
    expect(european.dataset.columns[0]!.format).toBe('D/M/YYYY')
    const given = await inferredFrom({ a: ['1/2/2024'] }, { options: { dateFormat: 'D/M/YYYY' } })
    expect(given.dataset.columns[0]!.format).toBe('D/M/YYYY')
    expect(given.columns[0]!.warnings).toEqual([])
  })
})

describe('Words for no value', () => {
  it('are found beside values of a type', async () => {
    const { fileOptions, columns } = await inferredFrom({ a: ['1', 'NULL', '-'], b: ['x', 'y', 'z'] })
    expect(fileOptions).toEqual({ nullValues: ['NULL', '-'] })
    expect(columns[0]).toMatchObject({ type: 'integer', nulls: 2 })
  })

  it('are left alone where a column of text has them as values', async () => {
    const { fileOptions, columns } = await inferredFrom({ country: ['NA', 'ZA', 'DE'], score: ['1', 'NA', '2'] })
    expect(fileOptions).toEqual({})
    expect(columns[1]).toMatchObject({ type: 'text', warnings: [expect.stringContaining('nullValues')] })
  })

  it('NULL and \\N stand for no value in text as well', async () => {
    expect((await inferredFrom({ a: ['x', 'NULL', '\\N'] })).fileOptions).toEqual({ nullValues: ['NULL', '\\N'] })
    expect((await inferredFrom({ a: ['x', 'NA', 'None'] })).fileOptions).toEqual({})
  })

  it('that the upload names are kept', async () => {
    const { fileOptions, columns } = await inferredFrom(
      { a: ['1', 'missing'] },
      { options: { nullValues: ['missing'] } },
    )
    expect(fileOptions).toEqual({ nullValues: ['missing'] })
    expect(columns[0]!.type).toBe('integer')
  })
})
