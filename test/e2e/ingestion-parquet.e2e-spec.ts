import { parquetWriteBuffer, type ColumnSource } from 'hyparquet-writer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SeededRandom } from '../src/generator/random.js'
import { transactionsFile } from '../src/generator/transactions-file.js'
import { Customer } from './support/customer.js'
import { fixedBytesAsInt96, int96 } from './support/parquet-columns.js'
import { startServer, type TestServer } from './support/server.js'

type SchemaColumn = NonNullable<Parameters<typeof parquetWriteBuffer>[0]['schema']>[number]

/** A column of a file, as a schema describes it. */
interface Column {
  element: Omit<SchemaColumn, 'repetition_type'>
  data: ColumnSource['data']
}

const seed = process.env.SEED ? Number(process.env.SEED) : Date.now() & 0x7fffffff
console.log(`SEED=${seed}`)

describe('Parquet files', () => {
  let server: TestServer
  let customer: Customer

  beforeAll(async () => {
    server = await startServer({ env: { RATE_LIMIT_PER_MINUTE: '100000' } })
    customer = await Customer.create(server, 10_000)
  })
  afterAll(async () => {
    expect(await server.stop()).toBe(0)
  })

  async function upload(body: Buffer, mapping: Record<string, unknown> = {}) {
    const query = new URLSearchParams({ wait: 'true', format: 'parquet', mapping: JSON.stringify(mapping) })
    const headers = { 'content-type': 'application/octet-stream' }
    const response = await server.fetch(`/v1/ingestions?${query.toString()}`, {
      method: 'POST',
      headers,
      body: body as any,
    })
    return (await response.json()) as any
  }

  async function rejectsOf(id: string): Promise<any[]> {
    return (await server.json('GET', `/v1/ingestions/${id}/rejects`)).body.data
  }

  const selectionOf = async (member: string, region: string): Promise<unknown[]> => {
    const filters = [{ member: 'region', operator: 'equals', values: [region] }]
    const answer = await customer.ask({ select: [member], filters })
    return answer.data.map((row: any) => row[member]).sort()
  }

  /** A file of transactions in this region, with these columns instead of the plain ones of their name. */
  function fileOf(region: string, rows: number, columns: Column[]): ArrayBuffer {
    const texts = (name: string, valueOf: (row: number) => string): Column => ({
      element: { name, type: 'BYTE_ARRAY', converted_type: 'UTF8' },
      data: Array.from({ length: rows }, (_, row) => valueOf(row)),
    })
    const plain = [
      texts('TransactionId', (row) => `${region} ${row}`),
      texts('TransactionDate', () => '2024-05-06'),
      texts('Country', () => 'Germany'),
      texts('Region', () => region),
      texts('ProductId', () => 'p-1'),
      texts('Price', () => '1.5'),
      texts('Quantity', () => '2'),
    ]
    const own = new Set(columns.map(({ element }) => element.name))
    const all = [...plain.filter(({ element }) => !own.has(element.name)), ...columns]
    return parquetWriteBuffer({
      schema: [
        { name: 'root', num_children: all.length },
        ...all.map(({ element }): SchemaColumn => ({ ...element, repetition_type: 'OPTIONAL' })),
      ],
      columnData: all.map(({ element, data }) => ({ name: element.name, data })),
    })
  }

  it('lose only the rows whose INT96 timestamps are out of range', async () => {
    const dates = ['2024-01-01', '2299-12-31', '9999-12-31']
    const element = { name: 'TransactionDate', type: 'FIXED_LEN_BYTE_ARRAY', type_length: 12 } as const
    const file = fileOf('INT96', 3, [{ element, data: dates.map(int96) }])
    const job = await upload(fixedBytesAsInt96(file))
    expect(job).toMatchObject({ status: 'succeeded', rowsAccepted: 2, rowsRejected: 1 })
    expect(await rejectsOf(job.id)).toMatchObject([{ row: 3, column: 'TransactionDate' }])
    expect(await selectionOf('transaction_date', 'INT96')).toEqual(['2024-01-01', '2299-12-31'])
  })

  it('take a time of day as a text and never as a date', async () => {
    const element = { name: 'At', type: 'INT64', converted_type: 'TIME_MICROS' } as const
    const file = Buffer.from(fileOf('times', 1, [{ element, data: [36_672_500_000n] }]))
    const job = await upload(file, { TransactionDate: { from: 'At' } })
    expect(job).toMatchObject({ status: 'failed', rowsRejected: 1 })
    expect(await rejectsOf(job.id)).toMatchObject([{ column: 'TransactionDate', value: '10:11:12.500000' }])
    expect(await upload(file, { ProductName: { from: 'At' } })).toMatchObject({ status: 'succeeded', rowsAccepted: 1 })
    expect(await selectionOf('product_name', 'times')).toEqual(['10:11:12.500000'])
  })

  it.each([
    ['intervals', { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 12, converted_type: 'INTERVAL' }],
    ['BSON documents', { type: 'BYTE_ARRAY', converted_type: 'BSON' }],
    ['geometries', { type: 'BYTE_ARRAY', logical_type: { type: 'GEOMETRY' } }],
  ] as const)('are refused for a column of %s, unless it is not asked for', async (holds, kind) => {
    const data = 'logical_type' in kind ? [{ type: 'Point', coordinates: [1, 2] }] : [new Uint8Array(12)]
    const file = Buffer.from(fileOf(holds, 1, [{ element: { name: 'Odd', ...kind }, data }]))
    expect(await upload(file, { ProductName: { from: 'odd' } })).toMatchObject({
      status: 'failed',
      error: `The column "Odd" holds ${holds}; only plain values are read.`,
    })
    expect(await upload(file)).toMatchObject({ status: 'succeeded', rowsAccepted: 1 })
  })

  it('of which bytes were changed end at the first attempt, with the file to blame or all rows accounted for', async () => {
    const rows = 5_000
    const whole = Buffer.concat([...transactionsFile({ rows, seed, format: 'parquet' })])
    const random = new SeededRandom(seed)
    let broken = 0
    for (let variant = 0; variant < 40; variant++) {
      const changed = Buffer.from(whole)
      for (let times = random.integer(1, 5); times > 0; times--)
        changed[random.integer(0, changed.length - 1)]! ^= random.integer(1, 255)
      const job = await upload(changed, { Region: { value: `broken ${variant}` } })
      if (job.status === 'succeeded') {
        expect(job).toMatchObject({ rowsRead: rows, rowsAccepted: rows - job.rowsRejected })
        continue
      }
      if (/^The Parquet file is broken: /.test(job.error)) broken++
      expect(job.error, `variant ${variant}`).not.toMatch(/our side/)
      expect(await selectionOf('transaction_id', `broken ${variant}`)).toEqual([])
    }
    expect(broken).toBeGreaterThan(0)
    expect(server.output()).not.toMatch(/Trying again/)
  })
})
