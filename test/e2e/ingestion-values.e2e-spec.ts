import fc from 'fast-check'
import { parquetWriteBuffer } from 'hyparquet-writer'
import Papa from 'papaparse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Customer } from '../support/customer.js'
import {
  asFile,
  dateTexts,
  exactNumber,
  isoDay,
  isWithin,
  numberTexts,
  VALUE_FORMATS,
  type TextTable,
  type ValueFormat,
} from '../support/exact-values.js'
import { moneyText } from '../support/random-transactions.js'
import { jobIn, rejectsOf } from '../support/upload.js'
import { startServer, type TestServer } from '../support/server.js'

const seed = process.env.SEED ? Number(process.env.SEED) : Date.now() & 0x7fffffff
const VALUES = Number(process.env.VALUE_ROWS ?? 3_000)
const MAX_MONEY = 10n ** 18n - 1n

console.log(`SEED=${seed}`)

describe('values of rows', () => {
  let server: TestServer
  let customer: Customer

  beforeAll(async () => {
    server = await startServer({ env: { RATE_LIMIT_PER_MINUTE: '100000' } })
    customer = await Customer.create(server, 10_000)
  })
  afterAll(async () => {
    expect(await server.stop()).toBe(0)
  })

  async function load(file: Buffer, format: ValueFormat, options: Record<string, string> = {}) {
    const query = new URLSearchParams({ wait: 'true', force: 'true', format, ...options })
    const response = await server.fetch(`/v1/ingestions?${query.toString()}`, { method: 'POST', body: file })
    return jobIn(response)
  }

  const REST = { TransactionDate: '2024-03-01', Country: 'Chile', ProductId: 'P1', Quantity: '1' }

  /** Records that are good but for the given values; the n-th one has the id n. */
  function table(changes: Record<string, string>[], rest: Record<string, string> = REST): TextTable {
    const header = [...new Set(['TransactionId', ...Object.keys(rest), ...Object.keys(changes[0]!)])]
    const records = changes.map((change, at): Record<string, string> => ({
      TransactionId: `${at}`,
      ...rest,
      ...change,
    }))
    return { header, rows: records.map((record) => header.map((name) => record[name]!)) }
  }

  /** Loads the records; gives what became of each: its values as the export has them, or the column and the reason. */
  async function outcomes(file: Buffer, format: ValueFormat, tag: string, mapping: object = {}, options = {}) {
    const region = { Region: { value: tag } }
    const job = await load(file, format, { mapping: JSON.stringify({ ...region, ...mapping }), ...options })
    const rejects = job.rowsRejected > 0 ? await rejectsOf(server, job.id) : []
    const select = ['transaction_id', 'total_price', 'stock_quantity', 'added_date', 'transaction_date', 'quantity']
    const answer = await customer.query(
      { select, filters: [{ member: 'region', operator: 'equals', values: [tag] }], limit: 50_000 },
      { accept: 'text/csv' },
    )
    const { data } = Papa.parse<Record<string, string>>((await answer.text()).trimEnd(), { header: true })
    const accepted = new Map(data.map((row) => [row.transaction_id!, row]))
    const refused = new Map(rejects.map((reject) => [reject.row as number, reject]))
    return { job, accepted, refused }
  }

  describe.each(VALUE_FORMATS)('in %s', (format) => {
    it(`takes ${VALUES} random numbers exactly as they are, or refuses them`, async () => {
      const record = fc.record({ TotalPrice: numberTexts, StockQuantity: numberTexts })
      const records = fc.sample(record, { seed, numRuns: VALUES })
      const { accepted, refused } = await outcomes(asFile(table(records), format), format, `numbers-${format}`)
      let taken = 0
      for (const [at, { TotalPrice, StockQuantity }] of records.entries()) {
        const total = exactNumber(TotalPrice, 4)
        const stock = /^[ \t\r\n]*$/.test(StockQuantity) ? 0n : exactNumber(StockQuantity, 0)
        const isTotalGood = isWithin(total, -MAX_MONEY, MAX_MONEY)
        const isStockGood = isWithin(stock, -(2n ** 31n), 2n ** 31n - 1n)
        const what = `${format} ${at}: ${JSON.stringify([TotalPrice, StockQuantity])}`
        const found = accepted.get(String(at))
        if (isTotalGood && isStockGood) {
          taken++
          expect(found, `${what} ${refused.get(at + 1)?.reason}`).toBeDefined()
          expect(exactNumber(found!.total_price!, 4), what).toBe(total)
          expect(found!.stock_quantity, what).toBe(String(stock))
        } else {
          expect(found, what).toBeUndefined()
          const column = refused.get(at + 1)?.column
          expect(['TotalPrice', 'StockQuantity'], what).toContain(column)
          expect(column === 'TotalPrice' ? isTotalGood : isStockGood, what).toBe(false)
        }
      }
      // The rule of thumb must not have become that everything is refused.
      expect(taken).toBeGreaterThan(VALUES / 20)
    })

    it(`takes ${VALUES} random dates as they are, or refuses them`, async () => {
      const records = fc.sample(fc.record({ AddedDate: dateTexts }), { seed, numRuns: VALUES })
      const rows = table(records.map((record) => ({ ...record, TotalPrice: '1' })))
      const { accepted, refused } = await outcomes(asFile(rows, format), format, `random-dates-${format}`)
      const expected = records.map(({ AddedDate }) => isoDay(AddedDate) ?? 'refused')
      const found = records.map((_record, at) =>
        refused.get(at + 1)?.column === 'AddedDate' ? 'refused' : accepted.get(String(at))?.added_date,
      )
      expect(found.map((day, at) => [records[at]!.AddedDate, day])).toEqual(
        expected.map((day, at) => [records[at]!.AddedDate, day]),
      )
      expect(expected.filter((day) => day !== 'refused').length).toBeGreaterThan(VALUES / 20)
    })

    it('moves the point of numbers with an exponent without rounding', async () => {
      const exact: [text: string, value: string][] = [
        ['1E+2', '100'],
        ['1.5e3', '1500'],
        ['12345678901234.5678e0', '12345678901234.5678'],
        ['123456789012345678e-4', '12345678901234.5678'],
        ['-2.50E-1', '-0.25'],
        ['0e999', '0'],
        ['1e-4', '0.0001'],
        ['0.1e0', '0.1'],
        ['99999999999999.9999E+0', '99999999999999.9999'],
      ]
      const faults: [text: string, reason: string][] = [
        ['1e-5', 'has more than 4 decimals'],
        ['1e14', 'is out of range'],
        ['1e400', 'is out of range'],
        ['1.5e', 'is not a decimal number'],
        ['NaN', 'is not a decimal number'],
        ['Infinity', 'is not a decimal number'],
      ]
      const texts = [...exact, ...faults].map(([TotalPrice]) => ({ TotalPrice }))
      const { accepted, refused } = await outcomes(asFile(table(texts), format), format, `exponents-${format}`)
      for (const [at, [text, value]] of exact.entries())
        expect(exactNumber(accepted.get(String(at))?.total_price ?? '', 4), text).toBe(exactNumber(value, 4))
      for (const [at, [text, reason]] of faults.entries())
        expect(refused.get(exact.length + at + 1)?.reason, text).toBe(`TotalPrice: "${text}" ${reason}${hint(reason)}`)
    })

    it('takes 5.0 and 5e0 for the integer 5, and refuses 5.5', async () => {
      const exact: [text: string, value: string][] = [
        ['5.0', '5'],
        ['5.00', '5'],
        ['5.', '5'],
        ['5e0', '5'],
        ['50e-1', '5'],
        ['+5', '5'],
        ['-5.0', '-5'],
        ['2147483647.0', '2147483647'],
        ['-2147483648.00', '-2147483648'],
        ['1E+2', '100'],
      ]
      const faults: [text: string, reason: string][] = [
        ['5.5', 'is not an integer'],
        ['5e-1', 'is not an integer'],
        ['NaN', 'is not an integer'],
        ['-Infinity', 'is not an integer'],
        ['2147483648', 'is out of range (-2147483648 to 2147483647)'],
        ['2147483648.0', 'is out of range (-2147483648 to 2147483647)'],
        ['-2147483649', 'is out of range (-2147483648 to 2147483647)'],
        ['4294967301', 'is out of range (-2147483648 to 2147483647)'],
      ]
      const texts = [...exact, ...faults].map(([Quantity]) => ({ Quantity, TotalPrice: '1', Price: '' }))
      const { accepted, refused } = await outcomes(asFile(table(texts), format), format, `integers-${format}`)
      for (const [at, [text, value]] of exact.entries()) expect(accepted.get(String(at))?.quantity, text).toBe(value)
      for (const [at, [text, reason]] of faults.entries())
        expect(refused.get(exact.length + at + 1)?.reason, text).toBe(`Quantity: "${text}" ${reason}`)
    })

    it('takes blanks, tabs and line ends around numbers and dates, and leaves text as it is', async () => {
      const around = (text: string): string => `\n\t ${text} \r\n`
      const change = { TransactionDate: around('2024-03-01'), TotalPrice: around('9.50'), Quantity: around('1') }
      const dates = { StockQuantity: around('7'), AddedDate: around('2023-01-02T10:00:00Z') }
      const file = asFile(table([{ ...change, ...dates }]), format)
      const { accepted } = await outcomes(file, format, `blanks-${format}`)
      expect(accepted.get('0')).toMatchObject({
        transaction_date: '2024-03-01',
        stock_quantity: '7',
        added_date: '2023-01-02',
        quantity: '1',
      })
      expect(moneyText(exactNumber(accepted.get('0')!.total_price!, 4)!)).toBe('9.5000')
    })
  })

  const hint = (reason: string): string => (reason === 'is out of range' ? ' (14 digits before the point)' : '')

  async function readDates(texts: string[], format: string, tag: string) {
    const file = asFile(table(texts.map((AddedDate) => ({ AddedDate, TotalPrice: '1' }))), 'csv')
    const { accepted, refused } = await outcomes(file, 'csv', tag, { AddedDate: { from: 'AddedDate', format } })
    return texts.map((_text, at) => accepted.get(String(at))?.added_date ?? refused.get(at + 1)?.column)
  }

  const MONTHS = 'January February March April May June July August September October November December'.split(' ')

  it.each(['D MMMM YYYY', 'D MMM YYYY'])(
    'reads English months in %s: whole, of three letters, and Sept',
    async (format) => {
      const names = MONTHS.flatMap((name, month) =>
        [name, name.slice(0, 3), name.toUpperCase(), name.toLowerCase()].map((text): [string, number] => [
          text,
          month + 1,
        ]),
      )
      names.push(['Sept', 9], ['sEPT', 9])
      const found = await readDates(
        names.map(([name]) => `1 ${name} 2024`),
        format,
        `months-${format}`,
      )
      expect(found).toEqual(names.map(([, month]) => `2024-${String(month).padStart(2, '0')}-01`))
    },
  )

  it.each(['D MMMM YYYY', 'D MMM YYYY'])('refuses every other word in %s', async (format) => {
    const others = [
      ...['Mayo', 'Marzo', 'Junk', 'Decimal', 'juin', 'Janvier', 'Ma', 'Juni', 'Juli', 'Augu', 'Octo', 'Novem', 'janv'],
      ...['Marcha', 'Maya', 'Septembre', 'Septem', 'Dez', 'Mai', 'Okt', 'auguſt', 'ſep', 'M', '5', '05', 'Sep.'],
    ]
    const texts = [
      ...others.map((name) => `1 ${name} 2024`),
      '30 Feb 2024',
      '31 June 2024',
      '0 May 2024',
      '1 May 2024x',
    ]
    expect(await readDates(texts, format, `other-months-${format}`)).toEqual(texts.map(() => 'AddedDate'))
  })

  it('says which months are read', async () => {
    const file = asFile(table([{ AddedDate: '3 Junk 2024', TotalPrice: '1' }]), 'csv')
    const { refused } = await outcomes(file, 'csv', 'month', {
      AddedDate: { from: 'AddedDate', format: 'D MMMM YYYY' },
    })
    expect(refused.get(1)!.reason).toBe(
      'AddedDate: "3 Junk 2024" is not a date (D MMMM YYYY, from 1900-01-01 to 2299-12-31, with an English month such as March, Mar or Sept)',
    )
  })

  it.each<[format: string, dates: [text: string, date: string | undefined][]]>([
    [
      'M/D/YY',
      [
        ['1/2/69', '1969-01-02'],
        ['01/02/68', '2068-01-02'],
        ['12/31/99', '1999-12-31'],
        ['1/2/2024', undefined],
        ['2/30/24', undefined],
        ['2/29/23', undefined],
        ['13/1/24', undefined],
        ['0/1/24', undefined],
        ['1/2/24x', undefined],
        ['001/2/24', undefined],
        ['1/2/٢٤', undefined],
      ],
    ],
    [
      'DD.MM.YYYY',
      [
        ['29.02.2024', '2024-02-29'],
        ['29.02.2023', undefined],
        ['9.02.2024', undefined],
        ['29-02-2024', undefined],
        ['01.01.1899', undefined],
        ['01.01.2300', undefined],
      ],
    ],
    [
      'M/D/YYYY h:mm A',
      [
        ['1/2/2024 1:05 PM', '2024-01-02'],
        ['1/2/2024 12:59 am', '2024-01-02'],
        ['1/2/2024 13:05 PM', undefined],
        ['1/2/2024 1:65 PM', undefined],
        ['1/2/2024 1:05 XM', undefined],
        ['1/2/2024', undefined],
      ],
    ],
    [
      'YYYY-MM-DDTHH:mm:ss',
      [
        ['2024-03-01T23:59:59', '2024-03-01'],
        ['2024-03-01T24:00:00', undefined],
        ['2024-03-01T23:60:00', undefined],
        ['2024-03-01T23:59:61', undefined],
      ],
    ],
    [
      'YYYYMMDD',
      [
        ['20240301', '2024-03-01'],
        ['2024031', undefined],
        ['20240301 ', '2024-03-01'],
      ],
    ],
    [
      'YYYY年M月D日',
      [
        ['2024年3月1日', '2024-03-01'],
        ['2024年13月1日', undefined],
      ],
    ],
  ])('reads dates in %s exactly so', async (format, dates) => {
    const found = await readDates(
      dates.map(([text]) => text),
      format,
      `dates-${format}`,
    )
    expect(found).toEqual(dates.map(([, date]) => date ?? 'AddedDate'))
  })

  describe('numbers with other separators', () => {
    const german = { decimalSeparator: ',', thousandsSeparator: '.' }

    /** What becomes of each text as a TotalPrice. */
    async function totals(texts: string[], tag: string, options: object, mapping: object = {}) {
      const file = asFile(table(texts.map((TotalPrice) => ({ TotalPrice }))), 'csv')
      const { accepted, refused } = await outcomes(file, 'csv', tag, mapping, options)
      return texts.map((_text, at) => {
        const total = accepted.get(String(at))?.total_price
        return total === undefined ? refused.get(at + 1)?.column : moneyText(exactNumber(total, 4)!)
      })
    }
    const refusedAll = (texts: string[]): string[] => texts.map(() => 'TotalPrice')

    it.each<[name: string, options: object, good: [text: string, value: string][], bad: string[]]>([
      [
        'a decimal comma and thousands points',
        german,
        [
          ['1.234', '1234.0000'],
          ['1.234,50', '1234.5000'],
          ['0,99', '0.9900'],
          ['-1.234.567,8901', '-1234567.8901'],
          ['1234,5', '1234.5000'],
          ['12', '12.0000'],
          [' 7,00\n', '7.0000'],
          ['1,5e3', '1500.0000'],
          ['+,5', '0.5000'],
          ['99.999.999.999.999,9999', '99999999999999.9999'],
        ],
        [
          ...['1.23,4', '12.34', '1.2345', '1234.567', '.123', '1..234', '1,234,567', '1,234.50', ','],
          ...['0.123', '-0.123', '01.234', '00.000', '0.123,4'],
        ],
      ],
      [
        'a decimal comma alone',
        { decimalSeparator: ',' },
        [
          ['1234,56', '1234.5600'],
          ['0,99', '0.9900'],
        ],
        ['1.234', '1.234,50', '0.99', "1'234,5"],
      ],
      [
        'thousands commas',
        { thousandsSeparator: ',' },
        [
          ['1,234.50', '1234.5000'],
          ['12,345,678', '12345678.0000'],
          ['999.99', '999.9900'],
        ],
        ['1,23', '1,2345', ',123', '1.234,50', '1,234,5', '0,123', '012,345'],
      ],
      [
        'blanks of each kind',
        { decimalSeparator: ',', thousandsSeparator: ' ' },
        [
          ['1 234,50', '1234.5000'],
          ['1\u00a0234\u202f567,5', '1234567.5000'],
        ],
        ['1 23', '12 34,5', '1  234', '1.234'],
      ],
      [
        'apostrophes',
        { thousandsSeparator: "'" },
        [
          ["1'234.50", '1234.5000'],
          ['1\u2019234\u2019567', '1234567.0000'],
        ],
        ["1'23", "'123"],
      ],
    ])('reads %s', async (name, options, good, bad) => {
      const texts = [...good.map(([text]) => text), ...bad]
      const expected = [...good.map(([, value]) => value), ...refusedAll(bad)]
      expect(await totals(texts, name, options)).toEqual(expected)
      // The same options in the mapping of the column alone.
      const mapping = { TotalPrice: { from: 'TotalPrice', ...options } }
      expect(await totals(texts, `${name} of a column`, {}, mapping)).toEqual(expected)
    })

    it('names the separators in the reason, and reads integers with them', async () => {
      const file = asFile(table([{ TotalPrice: '1.23,4' }, { TotalPrice: '1' }]), 'csv')
      const { refused } = await outcomes(file, 'csv', 'separators-reason', {}, german)
      expect(refused.get(1)!.reason).toBe(
        'TotalPrice: "1.23,4" is not a decimal number as numbers are written here (decimalSeparator ,, thousandsSeparator .)',
      )
      const stocks = asFile(
        table(['1.234', '1.234,0', '12,5'].map((StockQuantity) => ({ StockQuantity, TotalPrice: '1' }))),
        'csv',
      )
      const { accepted } = await outcomes(stocks, 'csv', 'separators-integers', {}, german)
      expect([...accepted.values()].map((row) => row.stock_quantity).sort()).toEqual(['1234', '1234'])
    })

    it.each(['json', 'ndjson'] as const)(
      'leaves numbers that JSON knows for numbers as they are in %s',
      async (format) => {
        const texts = ['1.234', '1.5', '-0.25', '12', '1.234,50', '1e3', '1.5e2']
        const rows = table(texts.map((TotalPrice) => ({ TotalPrice, StockQuantity: '5.000' })))
        const { accepted, refused } = await outcomes(asFile(rows, format), format, `typed-${format}`, {}, german)
        const found = texts.map((_text, at) => exactNumber(accepted.get(String(at))?.total_price ?? '', 4))
        expect(found, JSON.stringify([...refused])).toEqual(
          ['1.234', '1.5', '-0.25', '12', '1234.50', '1000', '150'].map((text) => exactNumber(text, 4)),
        )
        expect(new Set([...accepted.values()].map((row) => row.stock_quantity))).toEqual(new Set(['5']))
      },
    )

    it('leaves numbers of a number column as they are in Parquet', async () => {
      const text = { TransactionId: ['0', '1'], TransactionDate: ['2024-03-01', '2024-03-01'] }
      const others = {
        Country: ['Chile', 'Chile'],
        ProductId: ['P1', 'P1'],
        Quantity: ['1', '1'],
        Price: ['1.234', '2.469,00'],
      }
      const strings = Object.entries({ ...text, ...others }).map(([name, data]) => ({
        name,
        data,
        type: 'STRING' as const,
      }))
      const columnData = [...strings, { name: 'TotalPrice', data: [1234, 2469.001], type: 'DOUBLE' as const }]
      const file = Buffer.from(parquetWriteBuffer({ columnData }))
      const { accepted } = await outcomes(file, 'parquet', 'typed-parquet', {}, german)
      expect(exactNumber(accepted.get('0')!.total_price!, 4)).toBe(12_340_000n)
      expect(exactNumber(accepted.get('1')!.total_price!, 4)).toBe(24_690_010n)
    })

    it.each<[name: string, source: object, total: string]>([
      ['a number for a constant', { value: 1.234 }, '1.2340'],
      ['a number for a constant of the separators', { value: 1.234, ...german }, '1.2340'],
      ['a whole number for a constant', { value: 1234 }, '1234.0000'],
      ['a number for a default', { from: 'Missing', default: 1.234 }, '1.2340'],
      ['a small number for a default', { from: 'Missing', default: -0.125 }, '-0.1250'],
      ['a text for a default', { from: 'Missing', default: '1.234,5' }, '1234.5000'],
    ])('takes %s as it is meant', async (name, source, total) => {
      const { accepted, refused } = await outcomes(
        asFile(table([{ Missing: '' }]), 'csv'),
        'csv',
        name,
        { TotalPrice: source },
        german,
      )
      expect(refused.get(1)?.reason).toBeUndefined()
      expect(moneyText(exactNumber(accepted.get('0')!.total_price!, 4)!)).toBe(total)
    })

    it("prefers the column's own separators to those of the file", async () => {
      const mapping = { TotalPrice: { from: 'TotalPrice', decimalSeparator: '.', thousandsSeparator: '' } }
      expect(await totals(['1.5', '1,5'], 'own-separators', german, mapping)).toEqual(['1.5000', 'TotalPrice'])
    })

    it.each([
      ['equal separators', { decimalSeparator: ',', thousandsSeparator: ',' }, 'thousandsSeparator'],
      ['a thousands point beside the decimal point', { thousandsSeparator: '.' }, 'thousandsSeparator'],
      ['an unknown decimal separator', { decimalSeparator: ';' }, 'decimalSeparator'],
      ['an unknown thousands separator', { thousandsSeparator: '_' }, 'thousandsSeparator'],
      [
        'equal ones of a column',
        { mapping: '{"Price":{"from":"P","decimalSeparator":",","thousandsSeparator":","}}' },
        'mapping.Price',
      ],
      [
        'one equal to that of the file',
        { thousandsSeparator: ',', mapping: '{"Price":{"from":"P","decimalSeparator":","}}' },
        'mapping.Price',
      ],
      ['separators of a text', { mapping: '{"Region":{"from":"R","decimalSeparator":","}}' }, 'mapping.Region'],
    ])('refuses %s with 400', async (_name, options, path) => {
      const problem = await load(asFile(table([{ TotalPrice: '1' }]), 'csv'), 'csv', options)
      expect(problem).toMatchObject({ status: 400, code: 'VALIDATION_FAILED', errors: [{ path }] })
    })
  })

  describe('warnings', () => {
    const priced = (texts: string[]): TextTable => table(texts.map((TotalPrice) => ({ TotalPrice })))
    const warningsOf = async (rows: TextTable, format: ValueFormat, options: Record<string, string> = {}) =>
      (await load(asFile(rows, format), format, options)).warnings

    it.each(VALUE_FORMATS)(
      'tells of a decimal comma beside points that may separate thousands in %s',
      async (format) => {
        const job = await load(asFile(priced(['1.234', '1.234,50', '0,99', '1.500', '7']), format), format)
        expect(job).toMatchObject({ status: 'succeeded', rowsAccepted: 3, rowsRejected: 2 })
        expect(job.warnings).toEqual([
          {
            code: 'DECIMAL_COMMA',
            column: 'TotalPrice',
            message: expect.stringContaining('decimalSeparator'),
            examples: ['1.234,50', '0,99', expect.stringMatching(/^1\.(234|500)$/)],
          },
        ])
        expect((await server.json('GET', `/v1/ingestions/${job.id}`)).body.warnings).toEqual(job.warnings)
        const { body } = await server.json('GET', '/v1/ingestions?limit=1')
        expect(body.data[0].warnings).toEqual(job.warnings)
      },
    )

    it('tells of it far from the comma, and where only round thousands were read', async () => {
      const texts = ['2.000', ...Array.from({ length: 200_000 }, (_unused, at) => `${at}.5`), '0,99']
      expect(await warningsOf(priced(texts), 'csv')).toMatchObject([
        { code: 'DECIMAL_COMMA', examples: ['0,99', '2.000'] },
      ])
    })

    it('tells of it in integers, of which 1.000 is 1', async () => {
      const rows = table(['1.000', '2,5', '3'].map((StockQuantity) => ({ StockQuantity, TotalPrice: '1' })))
      expect(await warningsOf(rows, 'csv')).toMatchObject([{ code: 'DECIMAL_COMMA', column: 'StockQuantity' }])
    })

    it.each<[name: string, texts: string[], options: Record<string, string>]>([
      ['commas that separate thousands', ['1,234.50', '1.234', '1,234,567'], {}],
      ['a comma beside points that cannot be of thousands', ['0,99', '1.5', '0.125', '12.3456', '1234.567'], {}],
      ['points alone', ['1.234', '5.678'], {}],
      ['other faults', ['1.234', 'abc', '1;5'], {}],
      [
        'separators that were told',
        ['1.234', '1.234,50', '0,99', '1,2,3'],
        { decimalSeparator: ',', thousandsSeparator: '.' },
      ],
      ['a decimal point that was told', ['1.234', '0,99'], { decimalSeparator: '.' }],
    ])('is silent about %s', async (_name, texts, options) => {
      expect(await warningsOf(priced(texts), 'csv', options)).toEqual([])
    })

    it.each(VALUE_FORMATS)('tells of columns that go nowhere and of those without a value in %s', async (format) => {
      const rows = table([
        { TotalPrice: '1', Colour: 'red', Region: '', AddedDate: '' },
        { TotalPrice: '2', Colour: 'blue', Region: '', AddedDate: '' },
      ])
      expect(await warningsOf(rows, format)).toMatchObject([
        { code: 'UNKNOWN_COLUMNS', column: null, examples: ['Colour'] },
        { code: 'ALL_EMPTY', column: 'Region', examples: [] },
        { code: 'ALL_EMPTY', column: 'AddedDate', examples: [] },
      ])
    })

    it('has none for a job that failed, and for one whose columns all have values', async () => {
      const failed = await load(asFile(priced(['0,99', '1.234,5']), 'csv'), 'csv')
      expect(failed).toMatchObject({ status: 'failed', warnings: [] })
      const rows = table([
        { TotalPrice: '1', Region: '' },
        { TotalPrice: '2', Region: 'North' },
      ])
      expect(await warningsOf(rows, 'csv')).toEqual([])
    })
  })
})
