import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from '../support/server.js'
import { sixtyFiles, type SampleFile } from '../support/sixty-files.js'
import { sample } from '../support/samples.js'

let server: TestServer

beforeAll(async () => {
  server = await startServer()
})

afterAll(async () => {
  await server?.stop()
})

async function infer(
  body: Buffer | string,
  options: Record<string, string> = {},
  headers: Record<string, string> = {},
): Promise<{ status: number; body: any }> {
  const query = new URLSearchParams(options)
  const response = await server.fetch(`/v1/admin/datasets/infer?${query.toString()}`, {
    method: 'POST',
    headers,
    body: body as RequestInit['body'],
  })
  return { status: response.status, body: await response.json() }
}

/** What is wrong with the proposal, in words; nothing when all is as it should be. */
function faultsOf(file: SampleFile, { dataset, fileOptions }: any): string[] {
  const types = file.columns.flatMap(({ header, type, format, scale = 0 }) => {
    const found = dataset.columns.find((column: any) => column.source === header)
    const isRight = found?.type === type && found.format === format && scale <= (found.scale ?? 0)
    return isRight ? [] : [`${header}: ${type} ${format ?? ''} ${scale}, not ${JSON.stringify(found)}`]
  })
  const told = (what: string, wanted: unknown, found: unknown): string[] =>
    JSON.stringify(wanted) === JSON.stringify(found)
      ? []
      : [`${what}: ${JSON.stringify(wanted)}, not ${JSON.stringify(found)}`]
  const sorted = (options: object = {}): [string, unknown][] => Object.entries(options).sort()
  return [
    ...types,
    ...told('key', file.key, dataset.key),
    ...told('time dimension', file.timeDimension, dataset.timeDimension),
    ...told('options', sorted(file.fileOptions), sorted(fileOptions)),
  ]
}

const FILES = sixtyFiles()

describe('A file of any kind', () => {
  it('there are sixty of them, in all six formats', () => {
    expect(new Set(FILES.map(({ name }) => name)).size).toBe(60)
    expect(new Set(FILES.map(({ name }) => /\.([a-z]+)(\.|$)/.exec(name)![1]))).toEqual(
      new Set(['csv', 'tsv', 'json', 'ndjson', 'xml', 'parquet']),
    )
  })

  it.each(FILES)('$name gets the types, key, time and options that it has', async (file) => {
    const { status, body } = await infer(file.bytes, { fileName: file.name })
    expect(status, JSON.stringify(body)).toBe(200)
    expect(faultsOf(file, body)).toEqual([])
    expect(body.dataset.fileOptions ?? {}).toEqual(body.fileOptions)
    expectValid(body.dataset)
  })
})

/** What every declaration must be. */
function expectValid(dataset: any): void {
  const names = dataset.columns.map(({ name }: any) => name)
  const measures = dataset.measures.map(({ name }: any) => name)
  for (const name of [dataset.name, ...names, ...measures]) expect(name).toMatch(/^[a-z][a-z0-9_]{0,62}$/)
  expect(new Set(['rows', ...names, ...measures]).size).toBe(1 + names.length + measures.length)
  for (const { column } of dataset.measures) expect(names).toContain(column)
  expect(measures.length).toBeLessThanOrEqual(12)
  for (const name of dataset.key ?? []) {
    expect(dataset.columns.find((column: any) => column.name === name).required).toBe(true)
  }
}

describe('POST /v1/admin/datasets/infer', () => {
  it('tells all 21 columns of superstore, and leaves the pasted sheets out', async () => {
    const { body } = await infer(sample('superstore.csv'), { fileName: 'superstore.csv' })
    const types = Object.fromEntries(body.dataset.columns.map(({ name, type, format }: any) => [name, format ?? type]))
    expect(Object.keys(types)).toHaveLength(21)
    expect(types).toMatchObject({
      ...{ row_id: 'integer', order_id: 'text', order_date: 'M/D/YYYY', ship_date: 'M/D/YYYY', segment: 'text' },
      ...{ postal_code: 'text', sales: 'decimal', quantity: 'integer', discount: 'decimal', profit: 'decimal' },
    })
    expect(body.dataset).toMatchObject({ name: 'superstore', key: ['row_id'], timeDimension: 'order_date' })
    expect(body.dataset.measures).toContainEqual({
      name: 'total_sales',
      title: 'Total sales',
      type: 'sum',
      column: 'sales',
    })
    expect(body.dataset.measures).toContainEqual({
      name: 'unique_orders',
      title: 'Unique orders',
      type: 'countDistinct',
      column: 'order_id',
    })
    expect(body.columns[0].warnings).toEqual([expect.stringMatching(/^806 records of 10800 were left out/)])
    expect(body.dataset.columns.find(({ name }: any) => name === 'segment').lowCardinality).toBe(true)
  })

  it('asks where day and month can be either, and takes the upload’s word for it', async () => {
    const file = 'id,when\n1,01/02/2024\n2,03/04/2024\n'
    const { body } = await infer(file)
    expect(body.dataset.columns[1]).toMatchObject({ type: 'date', format: 'M/D/YYYY' })
    expect(body.columns[1].confidence).toBeLessThanOrEqual(0.5)
    expect(body.columns[1].warnings).toEqual([expect.stringContaining("Set the column's format to D/M/YYYY")])
    const european = await infer(file.replaceAll(',', ';'))
    expect(european.body.dataset.columns[1].format).toBe('D/M/YYYY')
    // Another column of the file tells it.
    const told = await infer('id,when,until\n1,01/02/2024,31/01/2025\n2,03/04/2024,30/01/2025\n')
    expect(told.body.dataset.columns[1].format).toBe('D/M/YYYY')
    expect(told.body.columns[1].warnings).toEqual([])
  })

  it('asks where a comma can stand before decimals or thousands', async () => {
    const { body } = await infer('id;kwh\n1;1,234\n2;5,678\n')
    expect(body.fileOptions).toEqual({ decimalSeparator: ',' })
    expect(body.columns[1].confidence).toBeLessThanOrEqual(0.5)
    expect(body.columns[1].warnings).toEqual([expect.stringContaining('decimalSeparator="."')])
    const certain = await infer('id;kwh\n1;0,234\n2;5,678\n')
    expect(certain.body.columns[1].warnings).toEqual([])
    const given = await infer('id;kwh\n1;1,234\n2;5,678\n', { thousandsSeparator: ',' })
    expect(given.body.dataset.columns[1].type).toBe('integer')
    expect(given.body.fileOptions).toEqual({ thousandsSeparator: ',' })
  })

  it('says which few rows will be rejected, and does not let them turn the type', async () => {
    const rows = Array.from({ length: 300 }, (_, row) => `${row},${row === 77 ? 'about five' : row}.5`)
    const { body } = await infer(['id,hours', ...rows].join('\n'))
    expect(body.dataset.columns[1].type).toBe('decimal')
    expect(body.columns[1]).toMatchObject({ warnings: [expect.stringContaining('"about five.5"')] })
    expect(body.columns[1].confidence).toBeLessThan(0.95)
  })

  it('leaves out what no column can be declared of, and says so', async () => {
    const unnamed = await infer(',a,A \n0,1,2\n1,3,4\n')
    expect(unnamed.body.dataset.columns).toEqual([])
    expect(unnamed.body.columns.map(({ name, warnings }: any) => [name, warnings.length])).toEqual([
      [null, 1],
      [null, 1],
      [null, 1],
    ])
    const nested = await infer('{"id":1,"tags":["x"],"n":2}\n{"id":2,"tags":[],"n":3}\n', { format: 'ndjson' })
    expect(nested.body.dataset.columns.map(({ name }: any) => name)).toEqual(['id', 'n'])
    expect(nested.body.columns.at(-1)).toMatchObject({
      source: 'tags',
      name: null,
      warnings: [expect.stringMatching(/lists or objects/)],
    })
  })

  it('takes a form, compressed files and files of unknown names', async () => {
    const form = new FormData()
    form.set('fileName', 'Prices 2024.csv')
    form.set('decimalSeparator', ',')
    form.set('file', new Blob(['id;price\nA1;1,5\nA2;2,5\n']), 'x.bin')
    const response = await server.fetch('/v1/admin/datasets/infer', { method: 'POST', body: form })
    expect(response.status).toBe(200)
    const { dataset } = (await response.json()) as any
    expect(dataset).toMatchObject({ name: 'prices_2024', key: ['id'], fileOptions: { decimalSeparator: ',' } })
    expect(dataset.columns[1]).toMatchObject({ name: 'price', type: 'decimal', scale: 4 })
  })

  it('looks at the first 4 MiB of a long file, and says that the key is a guess', async () => {
    const line = (row: number): string => `${row},${'x'.repeat(90)},${row % 7}.25\n`
    const body = `id,note,hours\n${Array.from({ length: 200_000 }, (_, row) => line(row)).join('')}`
    const started = performance.now()
    const { status, body: proposal } = await infer(body, { fileName: 'long.csv' })
    expect(status).toBe(200)
    expect(performance.now() - started).toBeLessThan(10_000)
    expect(proposal.dataset.key).toEqual(['id'])
    expect(proposal.columns[0].warnings).toEqual([expect.stringContaining('not the whole file')])
    expect(proposal.columns[0].confidence).toBeLessThan(0.9)
  })

  it('looks at the first pages of a Parquet file whose row group is long', async () => {
    const count = 600_000
    const columnData = [
      {
        name: 'id',
        type: 'STRING' as const,
        data: Array.from({ length: count }, (_, row) => `order-${row}-${(row * 7919) % 100_003}`),
      },
      { name: 'value', type: 'DOUBLE' as const, data: Array.from({ length: count }, (_, row) => Math.sin(row)) },
      { name: 'day', type: 'STRING' as const, data: Array.from({ length: count }, (_, row) => `2024-01-1${row % 7}`) },
    ]
    const file = Buffer.from(parquetWriteBuffer({ columnData, rowGroupSize: count }))
    const { status, body } = await infer(file, { fileName: 'long.parquet' })
    expect(status, JSON.stringify(body)).toBe(200)
    expect(body.dataset.columns.map(({ type }: any) => type)).toEqual(['text', 'number', 'date'])
    expect(body.dataset.key).toEqual(['id'])
    expect(body.columns[0].examples[1]).toBe('order-1-7919')
    expect(body.columns[0].warnings).toEqual([expect.stringContaining('not the whole file')])
  })

  it.each([
    ['csv', ''],
    ['json', ''],
    ['json', '{"a":1}'],
    ['parquet', 'PAR1 is not enough'],
    ['csv', 'PK\x03\x04 a workbook'],
  ])('refuses a %s file that cannot be read (%j) as a load would', async (format, text) => {
    const { status, body } = await infer(text === '' ? Buffer.from('\n') : text, { format })
    expect(status, JSON.stringify(body)).toBe(400)
    expect(body.code).toBe('VALIDATION_FAILED')
    expect(body.detail.length).toBeGreaterThan(10)
  })

  it.each([
    ['random bytes', randomBytes(20_000)],
    ['a picture', Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1'), randomBytes(20_000)])],
  ])('takes %s for no text', async (_what, bytes) => {
    const { status, body } = await infer(bytes, { format: 'csv' })
    expect([status, body.code]).toEqual([415, 'UNSUPPORTED_FORMAT'])
    expect(body.detail).toContain('is not text')
    expect((await infer(Buffer.from('name;café\nJosé;1\n', 'latin1'))).body.fileOptions.encoding).toBe('windows-1252')
  })

  it('says that a first line looks like a row, and names a file that ends in .csv one of CSV', async () => {
    const { body } = await infer('1,Rome,2024-01-01\n2,Oslo,2024-01-02\n', { fileName: 'sales.csv' })
    expect(body.columns[0].warnings[0]).toContain('looks like a row')
    const braces = await infer('{id},name\n1,a\n', { fileName: 'braces.csv' })
    expect(braces.body.columns.map(({ source }: any) => source)).toEqual(['{id}', 'name'])
  })

  it('takes one file a request', async () => {
    const sent = async (files: [string, string | Blob][]) => {
      const form = new FormData()
      for (const [name, value] of files) form.append(name, value)
      const response = await server.fetch('/v1/admin/datasets/infer', { method: 'POST', body: form })
      return [response.status, ((await response.json()) as any).errors]
    }
    const file = new Blob(['a\n1\n'])
    const problem = (message: string) => [400, [{ path: 'file', message: expect.stringContaining(message) }]]
    expect(await sent([['format', 'csv']])).toEqual(problem('is missing'))
    expect(await sent([['file', 'a\n1\n']])).toEqual(problem('is sent as text'))
    expect(
      await sent([
        ['file', file],
        ['file', file],
      ]),
    ).toEqual(problem('is given twice'))
  })

  it('refuses a Parquet file whose pages are broken, and says which column', async () => {
    const file = FILES.find(({ name }) => name === 'salaries.parquet')!
    const broken = Buffer.from(file.bytes)
    broken.fill(0xff, 8, 60)
    const { status, body } = await infer(broken, { fileName: 'broken.parquet' })
    expect(status, JSON.stringify(body)).toBe(400)
    expect(body.detail).toMatch(/^The Parquet file is broken: .*"employee_id"/)
  })

  it('leaves nothing behind', async () => {
    await infer(sample('superstore.csv'))
    expect(readdirSync(join(server.dataDir, 'spool'))).toEqual([])
    const jobs = await server.json('GET', '/v1/ingestions')
    expect(jobs.body.pagination.total).toBe(0)
  })

  it('refuses other kinds of files, unknown options and everybody but admins', async () => {
    expect((await infer('x', {}, { 'content-type': 'image/png' })).status).toBe(415)
    expect((await infer('a\n1\n', { nonsense: '1' })).status).toBe(400)
    expect((await infer('a\n1\n', { decimalSeparator: ',', thousandsSeparator: ',' })).status).toBe(400)
    const { body } = await server.json('POST', '/v1/admin/create-user', { username: 'ann', credits: 5 })
    const refused = await server.fetch('/v1/admin/datasets/infer', { method: 'POST', body: 'a\n1\n', key: body.apiKey })
    expect(refused.status).toBe(403)
  })
})
