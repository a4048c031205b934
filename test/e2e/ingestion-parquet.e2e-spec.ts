import { parquetWriteBuffer, type ColumnSource } from 'hyparquet-writer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SeededRandom } from '../../tools/generator/random.js'
import { transactionsFile } from '../../tools/generator/transactions-file.js'
import { Customer } from '../support/customer.js'
import { jobIn } from '../support/upload.js'
import { independentValues } from '../support/independent-parquet.js'
import { asDecimals, fixedBytesAsInt96, int96, withConvertedType } from '../support/parquet-columns.js'
import { differenceOf } from '../support/parquet-texts.js'
import { descendantsOf } from '../support/processes.js'
import { randomParquet } from '../support/random-parquet.js'
import { startServer, type TestServer } from '../support/server.js'

type SchemaColumn = NonNullable<Parameters<typeof parquetWriteBuffer>[0]['schema']>[number]

/** A column of a file, as a schema describes it. */
interface Column {
  element: Omit<SchemaColumn, 'repetition_type'>
  data: ColumnSource['data']
}

const HTTP_FILES = 20
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
    return jobIn(response)
  }

  async function rejectsOf(id: string): Promise<any[]> {
    return (await server.json('GET', `/v1/ingestions/${id}/rejects`)).body.data
  }

  const inRegion = (region: string) => [{ member: 'region', operator: 'equals', values: [region] }]

  const selectionOf = async (member: string, region: string): Promise<unknown[]> => {
    const answer = await customer.execute({ select: [member], filters: inRegion(region) })
    return answer.data.map((row: any) => row[member]).sort()
  }

  /** A file of transactions in this region, with these columns instead of the plain ones of their name. */
  function fileOf(region: string, rows: number, columns: Column[], rowGroupSize?: number): ArrayBuffer {
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
      rowGroupSize,
    })
  }

  async function namesById(region: string): Promise<Map<string, string>> {
    const query = { select: ['transaction_id', 'product_name'], filters: inRegion(region), limit: 50_000 }
    const { data } = await customer.execute(query)
    return new Map(data.map((row: any) => [row.transaction_id, row.product_name]))
  }

  async function allRejectsOf({ id, rowsRejected }: any): Promise<any[]> {
    const rejects: any[] = []
    while (rejects.length < rowsRejected) {
      const path = `/v1/ingestions/${id}/rejects?limit=500&offset=${rejects.length}`
      rejects.push(...(await server.json('GET', path)).body.data)
    }
    return rejects
  }

  const enginePids = (): number[] =>
    descendantsOf(server.process.pid!)
      .filter(({ command }) => command.includes('clickhouse-child'))
      .map(({ pid }) => pid)

  it.each(
    (['INT64', 'INT32'] as const).flatMap((type) =>
      [2, 9, 18].map((precision) => ({ type, precision, scale: precision === 18 ? 0 : 2 })),
    ),
  )(
    'keep every digit of a $type that is said to be a decimal of $precision digits',
    async ({ type, precision, scale }) => {
      const region = `${type} ${precision} ${scale}`
      const rows = 20_000
      const amounts = Array.from({ length: rows }, (_, row) => (row % 3_000) * 333 + (row % 7) - 5_000)
      const data = type === 'INT64' ? amounts.map(BigInt) : amounts
      const bare = fileOf(region, rows, [{ element: { name: 'Price', type }, data }])
      const pids = enginePids()
      const job = await upload(asDecimals(bare, precision, scale, 'Price'))
      expect(job).toMatchObject({ status: 'succeeded', rowsAccepted: rows, rowsRejected: 0 })
      expect(enginePids()).toEqual(pids)
      const answer = await customer.execute({
        measures: ['transactions'],
        dimensions: ['price'],
        filters: inRegion(region),
        limit: 50_000,
      })
      const counts = new Map<number, number>()
      for (const amount of amounts) counts.set(amount, (counts.get(amount) ?? 0) + 1)
      expect(new Map(answer.data.map((row: any) => [Math.round(row.price * 10 ** scale), row.transactions]))).toEqual(
        counts,
      )
    },
  )

  it('of every kind bring each value as an independent reader has it, or reject its row in words', async () => {
    const pids = enginePids()
    let values = 0
    for (let file = 0; file < HTTP_FILES; file++) {
      const { bytes, rows, columns } = randomParquet(seed + file)
      const [column] = columns
      const [independent] = await independentValues(bytes, [column!])
      const fixed = { TransactionDate: '2024-05-06', Country: 'Germany', ProductId: 'p-1', Price: '1', Quantity: '1' }
      const job = await upload(bytes, {
        ...Object.fromEntries(Object.entries(fixed).map(([name, value]) => [name, { value }])),
        TransactionId: { template: `${file}-{#row}` },
        Region: { value: `kinds ${file}` },
        ProductName: { from: column!.name },
      })
      expect(job, `SEED=${seed + file}: ${column!.kind}`).toMatchObject({ rowsRead: rows })
      const loaded = await namesById(`kinds ${file}`)
      const rejected = new Map((await allRejectsOf(job)).map(({ row, reason }) => [row, reason]))
      expect(loaded.size + rejected.size).toBe(rows)
      for (const [at, value] of independent!.entries()) {
        const text = loaded.get(`${file}-${at + 1}`)
        if (text === undefined) expect(rejected.get(at + 1)).toMatch(/not valid UTF-8|is a NUL byte|longer than 1024/)
        else expect(differenceOf(column!.meaning, value, Buffer.from(text)), `SEED=${seed + file}`).toBeUndefined()
        values++
      }
    }
    console.log(`${values} values of ${HTTP_FILES} files through HTTP`)
    expect(enginePids()).toEqual(pids)
  })

  it('of many small row groups go into the engine together', async () => {
    const rows = 1_001
    const file = fileOf('groups', rows, [], 1)
    const job = await upload(Buffer.from(file))
    expect(job).toMatchObject({ status: 'succeeded', rowsRead: rows, rowsAccepted: rows })
    const [answer] = (await customer.execute({ measures: ['transactions'], filters: inRegion('groups') })).data
    expect(answer).toMatchObject({ transactions: rows })
  })

  it('with nothing but nested columns are refused, also where the mapping needs none of them', async () => {
    const file = parquetWriteBuffer({
      schema: [
        { name: 'root', num_children: 1 },
        { name: 'numbers', num_children: 1, repetition_type: 'OPTIONAL', converted_type: 'LIST' },
        { name: 'list', num_children: 1, repetition_type: 'REPEATED' },
        { name: 'item', type: 'INT64', repetition_type: 'OPTIONAL' },
      ],
      columnData: [{ name: 'numbers', data: [[1n, 2n], null, []] }],
    })
    const constant = (value: string) => ({ value })
    const mapping = {
      TransactionId: { template: 'n-{#row}' },
      TransactionDate: constant('2024-01-01'),
      Country: constant('Germany'),
      ProductId: constant('p'),
      Price: constant('1'),
      Quantity: constant('1'),
    }
    expect(await upload(Buffer.from(file), mapping)).toMatchObject({
      status: 'failed',
      rowsRead: 0,
      error:
        'The Parquet file has no column of plain values, so there is nothing to read; it has "numbers" (lists or structures).',
    })
    expect(server.output()).not.toMatch(/Trying again/)
  })

  it('name dates of any year in reasons and values as people write them', async () => {
    const days = [-25_567 - 1, -719_528, 2_932_896, 2_932_897, -719_529]
    const element = { name: 'TransactionDate', type: 'INT32' } as const
    const texts = ['1899-12-31', '0000-01-01', '9999-12-31', '+10000-01-01', '-0001-12-31']
    const job = await upload(
      withConvertedType(fileOf('old', days.length, [{ element, data: days }]), 'TransactionDate', 'DATE'),
    )
    expect(job).toMatchObject({ status: 'failed', rowsRejected: days.length })
    expect((await rejectsOf(job.id)).map(({ value }) => value)).toEqual(texts)
    expect((await rejectsOf(job.id))[0].reason).toContain('"1899-12-31" is not a date')

    const moments = ['1899-12-31T12:00:00Z', '0001-01-01', '2024-01-01']
    const at = { name: 'TransactionDate', type: 'FIXED_LEN_BYTE_ARRAY', type_length: 12 } as const
    const second = await upload(fixedBytesAsInt96(fileOf('old', 3, [{ element: at, data: moments.map(int96) }])))
    expect(second).toMatchObject({ status: 'succeeded', rowsAccepted: 1 })
    const values = ['1899-12-31T12:00:00.000000000Z', '0001-01-01T00:00:00.000000000Z']
    expect((await rejectsOf(second.id)).map(({ value }) => value)).toEqual(values)
  })

  it('keep the zero bytes of texts of a fixed length', async () => {
    const element = { name: 'ProductName', type: 'FIXED_LEN_BYTE_ARRAY', type_length: 4 } as const
    const texts = ['abcd', 'ab\0\0', '\0\0\0\0', 'a\0b\0']
    const data = texts.map((text) => new Uint8Array(Buffer.from(text)))
    expect(await upload(Buffer.from(fileOf('zeros', 4, [{ element, data }])))).toMatchObject({ rowsAccepted: 4 })
    expect(await selectionOf('product_name', 'zeros')).toEqual([...texts].sort())
  })

  it.each([
    ['DATE', 'DOUBLE', 'values marked as date that are stored as DOUBLE'],
    ['TIMESTAMP_MILLIS', 'FLOAT', 'values marked as timestamp that are stored as FLOAT'],
    ['UTF8', 'INT32', 'values marked as text that are stored as INT32'],
    ['UINT_32', 'BOOLEAN', 'values marked as integer that are stored as BOOLEAN'],
  ] as const)('are refused for a column marked as %s that holds %s', async (mark, type, holds) => {
    const bare = fileOf('marks', 1, [{ element: { name: 'Odd', type }, data: [type === 'BOOLEAN' ? true : 1] }])
    const file = withConvertedType(bare, 'Odd', mark)
    expect(await upload(file, { ProductName: { from: 'Odd' } })).toMatchObject({
      status: 'failed',
      error: `The column "Odd" holds ${holds}; only plain values are supported.`,
    })
  })

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
      error: `The column "Odd" holds ${holds}; only plain values are supported.`,
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
