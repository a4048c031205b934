import { createReadStream, readdirSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { join } from 'node:path'
import Papa from 'papaparse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TRANSACTION_COLUMNS } from '../../tools/generator/transactions-generator.js'
import { sample, SUPERSTORE_MAPPING } from '../support/samples.js'
import { until } from '../support/until.js'
import { jobIn, upload } from '../support/upload.js'
import { startServer, type TestServer } from '../support/server.js'
import { Customer } from '../support/customer.js'

const SUPERSTORE = sample('superstore.csv')

const MAX_UPLOAD_BYTES = 4_000_000

const HEADER = TRANSACTION_COLUMNS.join(',')

/** One good record; `change` replaces fields by name. */
function record(change: Partial<Record<(typeof TRANSACTION_COLUMNS)[number], string>> = {}): string {
  const base = {
    TransactionId: 'T1',
    TransactionDate: '2024-03-05',
    UserId: 'U1',
    Country: 'France',
    Region: 'Europe',
    ProductId: 'P1',
    ProductName: 'Lamp',
    Category: 'Home',
    Price: '10.50',
    Quantity: '2',
    TotalPrice: '21.00',
    StockQuantity: '7',
    AddedDate: '2023-01-01',
  }
  return Papa.unparse([Object.values({ ...base, ...change })])
}

const csv = (...records: string[]): string => `${[HEADER, ...records].join('\n')}\n`

describe('ingestion', () => {
  let server: TestServer
  let customer: Customer

  beforeAll(async () => {
    server = await startServer({
      env: { RATE_LIMIT_PER_MINUTE: '100000', MAX_UPLOAD_BYTES: String(MAX_UPLOAD_BYTES) },
    })
    customer = await Customer.create(server, 10_000)
  })
  afterAll(async () => {
    expect(await server.stop()).toBe(0)
  })

  const load = (body: string | Buffer, options?: Record<string, string>, headers?: Record<string, string>) =>
    upload(server, body, options, { 'content-type': 'text/csv', ...headers })

  /** Sums of the rows whose category is `category`. */
  const figuresOf = async (category: string) =>
    (
      await customer.execute({
        measures: ['transactions', 'revenue', 'items_sold'],
        filters: [{ member: 'category', operator: 'equals', values: [category] }],
      })
    ).data[0]

  const rejectsOf = async (id: string) => (await server.json('GET', `/v1/ingestions/${id}/rejects?limit=500`)).body

  it('loads superstore.csv to the last cent and explains every reject', async () => {
    const form = new FormData()
    form.set('mapping', SUPERSTORE_MAPPING)
    form.set('file', new Blob([Uint8Array.from(SUPERSTORE)], { type: 'text/csv' }), 'superstore.csv')
    const response = await server.fetch('/v1/ingestions?wait=true', { method: 'POST', body: form })
    expect(response.status).toBe(200)
    const job = (await response.json()) as any
    expect(job).toMatchObject({
      status: 'succeeded',
      rowsRead: 10800,
      rowsAccepted: 9994,
      rowsRejected: 806,
      fileName: 'superstore.csv',
    })
    expect(job.bytesDone).toBe(job.bytesTotal)

    const { data, pagination } = await rejectsOf(job.id)
    expect(pagination.total).toBe(806)
    expect(data[0]).toEqual({
      row: 9995,
      line: 9996,
      column: null,
      reason: 'expected 21 fields, found 2',
      value: '',
      raw: 'Person,Region',
    })

    const { data: all } = await customer.execute({ measures: ['revenue', 'items_sold'] })
    expect(all).toEqual([{ revenue: 2297200.8603, items_sold: 37873 }])
    const { data: categories } = await customer.execute({
      measures: ['revenue'],
      dimensions: ['category'],
      order: [['revenue', 'desc']],
    })
    expect(categories).toEqual([
      { category: 'Technology', revenue: 836154.033 },
      { category: 'Furniture', revenue: 741999.7953 },
      { category: 'Office Supplies', revenue: 719047.032 },
    ])

    const again = await load(SUPERSTORE, { mapping: SUPERSTORE_MAPPING })
    expect(again).toMatchObject({ status: 200, body: { id: job.id, duplicate: true } })
    const forced = await load(SUPERSTORE, {
      mapping: SUPERSTORE_MAPPING,
      force: 'true',
    })
    expect(forced.body).toMatchObject({ status: 'succeeded', duplicate: false, rowsAccepted: 9994 })
    expect((await customer.execute({ measures: ['revenue', 'items_sold'] })).data).toEqual(all)
  })

  it('gives the rejected records under the original header, to be corrected and sent again', async () => {
    const bad = record({ TransactionId: 'mend', Category: 'Mend', Quantity: 'two' })
    const { body: job } = await load(csv(record({ TransactionId: 'fine', Category: 'Mend' }), bad))
    const file = await (
      await server.fetch(`/v1/ingestions/${job.id}/rejects`, { headers: { accept: 'text/csv' } })
    ).text()
    expect(file).toBe(csv(bad))
    expect((await load(file.replace('two', '2'))).body).toMatchObject({ rowsAccepted: 1, rowsRejected: 0 })
    expect(await figuresOf('Mend')).toEqual({ transactions: 2, revenue: 42, items_sold: 4 })
  })

  const defects: [name: string, change: Parameters<typeof record>[0], column: string, reason: RegExp][] = [
    ['no key', { TransactionId: '' }, 'TransactionId', /is required/],
    ['a key that is too long', { TransactionId: 'é'.repeat(1025) }, 'TransactionId', /longer than 1024 characters/],
    ['no date', { TransactionDate: '' }, 'TransactionDate', /is required/],
    ['a day that does not exist', { TransactionDate: '2024-02-30' }, 'TransactionDate', /"2024-02-30" is not a date/],
    ['another order of day and month', { TransactionDate: '05/03/2024' }, 'TransactionDate', /is not a date/],
    ['a date before the range', { TransactionDate: '1899-12-31' }, 'TransactionDate', /is not a date/],
    ['a date-time with rubbish behind', { TransactionDate: '2024-01-05Tomorrow' }, 'TransactionDate', /is not a date/],
    ['no country', { Country: '' }, 'Country', /is required/],
    ['no product', { ProductId: '' }, 'ProductId', /is required/],
    ['words for a price', { Price: 'ten' }, 'Price', /"ten" is not a decimal number/],
    ['two points in a price', { Price: '1.2.3' }, 'Price', /is not a decimal number/],
    ['a lone minus', { Price: '-' }, 'Price', /is not a decimal number/],
    ['five decimals', { Price: '10.50001' }, 'Price', /has more than 4 decimals/],
    ['a price beyond the range', { Price: '100000000000000' }, 'Price', /out of range/],
    ['no quantity', { Quantity: '' }, 'Quantity', /is required/],
    ['words for a quantity', { Quantity: 'two' }, 'Quantity', /"two" is not an integer/],
    ['a fraction for a quantity', { Quantity: '2.5' }, 'Quantity', /is not an integer/],
    ['a quantity beyond 32 bits', { Quantity: '2147483648' }, 'Quantity', /out of range/],
    ['neither price nor total', { Price: '', TotalPrice: '' }, 'TotalPrice', /required when Price is empty/],
    ['a total that does not fit', { TotalPrice: '21.02' }, 'TotalPrice', /differs from Price x Quantity/],
    [
      'no price and no quantity to derive it',
      { Price: '', Quantity: '0', TotalPrice: '5' },
      'Price',
      /when Quantity is 0/,
    ],
    [
      'a derived total beyond the range',
      { Price: '99999999999999', Quantity: '2000000', TotalPrice: '' },
      'TotalPrice',
      /out of range/,
    ],
    ['words for the stock', { StockQuantity: 'many' }, 'StockQuantity', /is not an integer/],
    ['only blanks for a key', { TransactionId: '   ' }, 'TransactionId', /is required/],
    ['an hour that no day has', { TransactionDate: '2024-01-02T25:00:00Z' }, 'TransactionDate', /is not a date/],
    ['a bad added date', { AddedDate: '2023-13-01' }, 'AddedDate', /is not a date/],
  ]

  it.each([1.5, 2.5, 10])(
    'marks a rejected record of %d MB as cut, which is never loaded as it is',
    async (megabytes) => {
      // What is kept would fit every column if it were taken for the whole.
      const header = 'TransactionId,TransactionDate,ProductId,Price,Quantity,Country,Region,UserId,ProductName'
      const wide = 'w'.repeat(1000)
      const long = 'x'.repeat(megabytes * 1_000_000)
      const head = `CUT-${megabytes},2024-03-05,P1,1.5,1,${wide},${wide},${wide},`
      const file = `${header}\n${head}${long}\n${head}whole ${megabytes}\n`
      const { body: job } = await load(gzipSync(file), {}, { 'content-encoding': 'gzip' })
      expect(job).toMatchObject({ status: 'succeeded', rowsAccepted: 1, rowsRejected: 1 })

      const rejects = await (
        await server.fetch(`/v1/ingestions/${job.id}/rejects`, { headers: { accept: 'text/csv' } })
      ).text()
      const [first, cut, ...rest] = rejects.split('\n')
      expect([first, rest]).toEqual([header, ['']])
      expect(cut).toMatch(/^"CUT OFF: the record is longer than 1 MiB, and only its beginning is kept" CUT-/)
      const { data } = (await server.json('GET', `/v1/ingestions/${job.id}/rejects`)).body
      expect(data).toMatchObject([{ row: 1, reason: 'the record is longer than 1 MiB', raw: cut }])
      expect((await load(rejects)).body).toMatchObject({ status: 'failed', rowsRead: 1, rowsRejected: 1 })
    },
  )

  it('refuses every kind of bad value with its record, line, column and reason', async () => {
    const lines = defects.flatMap(([, change], at) => [
      record({ TransactionId: `ok${at}`, Category: 'Defects' }),
      record({ TransactionId: `bad${at}`, Category: 'Defects', ...change }),
    ])
    const { body: job } = await load(csv(...lines))
    expect(job).toMatchObject({
      status: 'succeeded',
      rowsRead: lines.length,
      rowsAccepted: defects.length,
      rowsRejected: defects.length,
    })
    const { data } = await rejectsOf(job.id)
    for (const [at, [name, , column, reason]] of defects.entries()) {
      expect(data[at], name).toMatchObject({
        row: 2 * at + 2,
        line: 2 * at + 3,
        column,
        reason: expect.stringMatching(reason),
        raw: lines[2 * at + 1],
      })
    }
    expect((await figuresOf('Defects')).transactions).toBe(defects.length)
  })

  it('refuses records of a wrong shape and keeps what stands around them', async () => {
    const good = (id: string) => record({ TransactionId: id, Category: 'Shape' })
    const open = good('s9').replace('Lamp', '"Lamp')
    const { body: job } = await load(
      csv(
        good('s1'),
        'a,b',
        good('s2'),
        `${good('s3')},more`,
        '',
        open,
        good('s4').replace('Lamp', '"La\nmp"'),
        good('s5'),
      ),
    )
    expect(job).toMatchObject({ rowsRead: 7, rowsAccepted: 4, rowsRejected: 3 })
    const { data } = await rejectsOf(job.id)
    expect(data.map(({ row, line, column, reason }: any) => [row, line, column, reason])).toEqual([
      [2, 3, null, 'expected 13 fields, found 2'],
      [4, 5, null, 'expected 13 fields, found 14'],
      [5, 7, null, expect.stringMatching(/quote/)],
    ])
    expect((await figuresOf('Shape')).transactions).toBe(4)
  })

  it('derives what is absent: the total exactly, the price to 4 decimals, half away from zero', async () => {
    const rows = [
      record({ TransactionId: 'd1', Category: 'Derive', Price: '', Quantity: '2', TotalPrice: '2.8903' }),
      record({ TransactionId: 'd2', Category: 'Derive', Price: '', Quantity: '-3', TotalPrice: '10' }),
      record({ TransactionId: 'd3', Category: 'Derive', Price: '0.0001', Quantity: '3', TotalPrice: '' }),
      record({ TransactionId: 'd4', Category: 'Derive', Price: '5', Quantity: '-2', TotalPrice: '-10.01' }),
    ]
    expect((await load(csv(...rows))).body).toMatchObject({ rowsAccepted: 4, rowsRejected: 0 })
    const { data } = await customer.execute({
      select: ['transaction_id', 'price', 'total_price'],
      filters: [{ member: 'category', operator: 'equals', values: ['Derive'] }],
    })
    expect(data).toEqual([
      { transaction_id: 'd1', price: 1.4452, total_price: 2.8903 },
      { transaction_id: 'd2', price: -3.3333, total_price: 10 },
      { transaction_id: 'd3', price: 0.0001, total_price: 0.0003 },
      { transaction_id: 'd4', price: 5, total_price: -10.01 },
    ])
  })

  it('keeps text exactly as it was sent and cuts date-times to the date', async () => {
    const ProductName = ` tab\tquote " back\\slash \\N \\n new\nline 'é漢🎉 `
    const sent = record({
      TransactionId: 'exact',
      ProductName,
      TransactionDate: '2024-02-29T23:59:59.999+02:00',
      AddedDate: '',
    })
    expect((await load(csv(sent))).body).toMatchObject({ rowsAccepted: 1 })
    const { data } = await customer.execute({
      select: ['product_name', 'transaction_date', 'added_date'],
      filters: [{ member: 'transaction_id', operator: 'equals', values: ['exact'] }],
    })
    expect(data).toEqual([{ product_name: ProductName, transaction_date: '2024-02-29', added_date: null }])
  })

  it('replaces a row that is sent again, also within one file: the last one stands', async () => {
    const row = (price: string) => record({ TransactionId: 'again', Category: 'Again', Price: price, TotalPrice: '' })
    await load(csv(row('10.00')))
    expect(await figuresOf('Again')).toEqual({ transactions: 1, revenue: 20, items_sold: 2 })
    await load(csv(row('99.00'), row('12.25')))
    expect(await figuresOf('Again')).toEqual({ transactions: 1, revenue: 24.5, items_sold: 2 })
  })

  it('loads nothing of a file with one bad row when onError is abort', async () => {
    const { body: job } = await load(
      csv(
        record({ TransactionId: 'ab1', Category: 'Abort' }),
        record({ TransactionId: 'ab2', Category: 'Abort', Quantity: 'x' }),
      ),
      { onError: 'abort' },
    )
    expect(job).toMatchObject({
      status: 'failed',
      error: expect.stringMatching(/Record 2 \(line 3\): Quantity: "x" is not an integer/),
    })
    expect((await figuresOf('Abort')).transactions).toBe(0)
  })

  it.each([
    ['header only', `${HEADER}\n`, /no rows/],
    ['an empty file', '', /empty/],
    ['only line ends', '\n\r\n\n', /empty/],
    ['NUL bytes in the first line', 'a\0b,c\nx,y\n', /NUL byte/],
    ['carriage returns alone', `${HEADER}\r${record()}\r`, /carriage returns/],
    ['only bad rows', csv(record({ Quantity: 'x' })), /All rows were rejected \(1 of 1\)/],
    [
      'a header without the required columns',
      'a,b\n1,2\n',
      /no column for TransactionId; no column for TransactionDate/,
    ],
    ['one column twice', `${HEADER},country\n${record()},x\n`, /several columns match Country/],
  ])('fails with a clear error: %s', async (_name, body, error) => {
    expect((await load(body)).body).toMatchObject({ status: 'failed', error: expect.stringMatching(error) })
  })

  it('builds columns from constants, defaults and templates with the record number', async () => {
    const mapping = {
      TransactionId: { template: '{Invoice}-{#row}' },
      TransactionDate: { from: 'When', format: 'DD.MM.YY' },
      Country: { from: 'Land', default: 'Unknown' },
      Category: { value: "Mapped'; DROP TABLE transactions --" },
      ProductId: 'Article',
      Quantity: 'Pieces',
      Price: 'Each',
    }
    const body =
      'Invoice;When;Land;Article;Pieces;Each\nA;05.03.24;;X;2;1.5\nA;06.03.24;France;Y;x;1\nB;07.03.24;France;Z;1;2.25\n'
    expect((await load(body, { mapping: JSON.stringify(mapping) })).body).toMatchObject({
      rowsAccepted: 2,
      rowsRejected: 1,
    })
    const { data } = await customer.execute({
      select: ['transaction_id', 'transaction_date', 'country', 'total_price'],
      filters: [{ member: 'category', operator: 'equals', values: [mapping.Category.value] }],
    })
    expect(data).toEqual([
      { transaction_id: 'A-1', transaction_date: '2024-03-05', country: 'Unknown', total_price: 3 },
      { transaction_id: 'B-3', transaction_date: '2024-03-07', country: 'France', total_price: 2.25 },
    ])
  })

  it('reads headers in other spellings, a BOM, tabs and gzip', async () => {
    const header = HEADER.replace('TransactionId', 'transaction_id').replace('ProductName', 'Product Name')
    const text = `\ufeff${header}\r\n${record({ TransactionId: 'tsv', Category: 'Tabs', ProductName: 'a\tb' })}\r\n`
    const tabs = Papa.unparse(Papa.parse<string[]>(text.slice(1), { delimiter: ',', skipEmptyLines: true }).data, {
      delimiter: '\t',
    })
    const { body: job } = await load(
      gzipSync(`\ufeff${tabs}`),
      { fileName: 'sales.tsv.gz' },
      { 'content-type': 'application/octet-stream' },
    )
    expect(job).toMatchObject({ status: 'succeeded', format: 'tsv', rowsAccepted: 1 })
    expect((await figuresOf('Tabs')).transactions).toBe(1)
  })

  it('fails a truncated gzip file and shows nothing of it', async () => {
    const whole = gzipSync(
      csv(...Array.from({ length: 2_000 }, (_, at) => record({ TransactionId: `gz${at}`, Category: 'Gzip' }))),
    )
    const { body: job } = await load(whole.subarray(0, whole.length - 20), { fileName: 'x.csv.gz' })
    expect(job).toMatchObject({ status: 'failed', error: expect.stringMatching(/gzip/) })
    expect((await figuresOf('Gzip')).transactions).toBe(0)
  })

  it.each([
    ['an unknown option', { colour: 'red' }, 'colour'],
    ['an unknown dataset', { dataset: 'nope' }, 'dataset'],
    ['a mapping that is not JSON', { mapping: '{' }, 'mapping'],
    ['a mapping of an unknown column', { mapping: '{"Nope":"x"}' }, 'mapping.Nope'],
    ['a mapping with two sources', { mapping: '{"Country":{"from":"a","value":"b"}}' }, 'mapping.Country'],
    ['a template with a brace too many', { mapping: '{"Region":{"template":"{Country}}"}}' }, 'mapping.Region'],
    ['a file name with control characters', { fileName: 'a\0.csv' }, 'fileName'],
    ['a bad date format', { mapping: '{"TransactionDate":{"from":"a","format":"QQ"}}' }, 'mapping.TransactionDate'],
    ['a bad onError', { onError: 'ignore' }, 'onError'],
  ])('refuses %s with 400 before it reads the file', async (_name, options, path) => {
    const { status, body } = await load(csv(record()), options)
    expect(status).toBe(400)
    expect(body).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ path }] })
  })

  it('refuses a Content-Encoding that it cannot read with 415', async () => {
    expect(await load('x', {}, { 'content-encoding': 'br' })).toMatchObject({
      status: 415,
      body: { code: 'UNSUPPORTED_FORMAT' },
    })
  })

  it.each([
    ['an option', [['mapping', '{}']], /before the file/],
    ['a second file', [['file', new Blob([csv(record())])]], /twice/],
  ] as [string, [string, string | Blob][], RegExp][])(
    'refuses a form with %s behind the file',
    async (_name, more, why) => {
      const form = new FormData()
      form.set('file', new Blob([csv(record({ TransactionId: 'late', Category: 'Late' }))]), 'late.csv')
      for (const [name, value] of more) form.append(name, value)
      const response = await server.fetch('/v1/ingestions?wait=true', { method: 'POST', body: form })
      expect(response.status).toBe(400)
      expect(await response.json()).toMatchObject({
        errors: [{ path: more[0]![0], message: expect.stringMatching(why) }],
      })
      expect((await figuresOf('Late')).transactions).toBe(0)
    },
  )

  it('refuses a form that breaks off', async () => {
    const head = '--x\r\ncontent-disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    const response = await server.fetch('/v1/ingestions?wait=true', {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
      body: `${head}${csv(record({ TransactionId: 'cut', Category: 'Late' }))}`,
    })
    expect(response.status).toBe(400)
    expect((await figuresOf('Late')).transactions).toBe(0)
  })

  it('reads its own CSV export back', async () => {
    await load(csv(record({ TransactionId: 'export', Category: 'Export', AddedDate: '' })))
    const filters = [{ member: 'category', operator: 'equals', values: ['Export'] }]
    const select = [
      'transaction_id',
      'transaction_date',
      'country',
      'product_id',
      'quantity',
      'total_price',
      'added_date',
    ]
    const file = await (await customer.query({ select, filters }, { accept: 'text/csv' })).text()
    expect((await load(file)).body).toMatchObject({ rowsAccepted: 1, rowsRejected: 0 })
  })

  it('answers 413 for an upload over the limit, and keeps nothing of it', async () => {
    const body = csv(
      ...Array.from({ length: 60_000 }, (_, at) => record({ TransactionId: `big${at}`, Category: 'Big' })),
    )
    expect(body.length).toBeGreaterThan(MAX_UPLOAD_BYTES)
    expect(await load(body)).toMatchObject({ status: 413, body: { code: 'PAYLOAD_TOO_LARGE' } })
    const form = new FormData()
    form.set('file', new Blob([body]), 'big.csv')
    expect((await server.fetch('/v1/ingestions', { method: 'POST', body: form })).status).toBe(413)
    // The answer does not wait for the disk.
    await until(async () => expect(readdirSync(join(server.dataDir, 'spool'))).toEqual([]))
  })

  it('answers 202 with a Location, lists the job and streams its progress', async () => {
    const response = await server.fetch('/v1/ingestions', {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body: csv(record({ TransactionId: 'later', Category: 'Later' })),
    })
    const job = (await response.json()) as any
    expect(response.status).toBe(202)
    expect(response.headers.get('location')).toBe(`/v1/ingestions/${job.id}`)
    const events = await (await server.fetch(`/v1/ingestions/${job.id}/events`)).text()
    const last = JSON.parse(
      events
        .trim()
        .split('\n')
        .filter((line) => line.startsWith('data:'))
        .at(-1)!
        .slice(5),
    )
    expect(last).toMatchObject({ id: job.id, status: 'succeeded', rowsAccepted: 1 })
    const { body: list } = await server.json('GET', '/v1/ingestions?limit=1&status=succeeded')
    expect(list.data[0].id).toBe(job.id)
    expect(list.pagination).toMatchObject({ limit: 1, offset: 0 })
  })

  it.each([
    '/v1/ingestions/nope',
    '/v1/ingestions/019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11',
    '/v1/ingestions/019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11/rejects',
    '/v1/ingestions/019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11/events',
  ])('answers 404 for %s', async (path) => {
    expect(await server.json('GET', path)).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } })
  })

  it('loads the same content once when it arrives many times at the same moment', async () => {
    const body = csv(record({ TransactionId: 'once', Category: 'Once' }))
    const answers = await Promise.all(Array.from({ length: 8 }, () => load(body)))
    expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1)
    expect(answers.filter((answer) => !answer.body.duplicate)).toHaveLength(1)
    expect((await figuresOf('Once')).transactions).toBe(1)
  })

  it('takes no bytes from a stranger and none from a member', async () => {
    const send = (key: string | null) =>
      server.fetch('/v1/ingestions', {
        method: 'POST',
        key,
        headers: { 'content-type': 'text/csv' },
        body: csv(record()),
      })
    expect((await send(null)).status).toBe(401)
    expect((await send(customer.key)).status).toBe(403)
  })

  it('streams an upload from disk without knowing its length', async () => {
    const response = await server.fetch('/v1/ingestions?wait=true', {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: createReadStream(import.meta.filename),
      duplex: 'half',
    })
    expect(response.status).toBe(422)
    expect(await jobIn(response)).toMatchObject({
      status: 'failed',
      error: expect.stringMatching(/no column for TransactionId/),
    })
  })
})
