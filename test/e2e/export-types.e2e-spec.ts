import { DataType, tableFromIPC } from 'apache-arrow'
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import { ZSTDDecoder } from 'zstddec'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EVENTS } from '../../src/datasets/events.dataset.js'
import { membersOf } from '../../src/datasets/member.js'
import { TRANSACTIONS } from '../../src/datasets/transactions.dataset.js'
import { send } from '../support/events.js'
import { startServer, type TestServer } from '../support/server.js'

const FIGURES = ['sum', 'avg', 'min', 'max'].map((figure) => `${figure}(values.amount)`)
/** Each has digits that a double would lose. */
const AMOUNTS = ['0.1', '0.2', '9999999999999999999999999999.00000000000000000001', '-3']
const SCALE = 20
const SUM = exactSum(AMOUNTS)

let server: TestServer

beforeAll(async () => {
  server = await startServer()
  const lines = AMOUNTS.map((amount) => `{"source":"s","type":"exact","values":{"amount":${amount}}}`)
  const sent = await server.fetch('/api/ingest/batch', {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: lines.join('\n'),
  })
  expect(await sent.json()).toMatchObject({ accepted: AMOUNTS.length })
  await send(server, [{ source: 's', type: 'none', values: { other: 1 } }])
  const loaded = await server.fetch('/v1/ingestions?wait=true&format=csv', {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body:
      'TransactionId,TransactionDate,UserId,Country,ProductId,Quantity,Price,TotalPrice,AddedDate\n' +
      'A1,2024-01-15,u1,Germany,p1,2,12.3456,24.6912,2023-05-01\nA2,1960-02-29,,Chad,p2,1,99999999999999.9999,99999999999999.9999,\n',
  })
  expect(await loaded.json()).toMatchObject({ rowsAccepted: 2 })
})
afterAll(() => server?.stop())

/** In whole numbers of the last decimal. */
function exactSum(amounts: string[]): string {
  const total = amounts.reduce((sum, amount) => {
    const [whole, fraction = ''] = amount.split('.') as [string, string?]
    return sum + BigInt(whole + fraction.padEnd(SCALE, '0'))
  }, 0n)
  const digits = String(total)
  return `${digits.slice(0, -SCALE)}.${digits.slice(-SCALE)}`
}

async function exported(query: object, accept: string): Promise<Buffer> {
  const response = await server.fetch('/v1/query', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: JSON.stringify(query),
  })
  const bytes = Buffer.from(await response.arrayBuffer())
  expect(response.status, bytes.toString('utf8', 0, 500)).toBe(200)
  return bytes
}

const parquetOf = async (query: object) => {
  const bytes = await exported(query, 'application/vnd.apache.parquet')
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
  const zstd = new ZSTDDecoder()
  await zstd.init()
  const compressors = { ZSTD: (input: Uint8Array, length: number) => zstd.decode(input, length) }
  return { metadata: parquetMetadata(file), rows: await parquetReadObjects({ file, compressors }) }
}
const arrowOf = async (query: object) => tableFromIPC(await exported(query, 'application/vnd.apache.arrow.stream'))
const jsonOf = async (query: object) => (await exported(query, 'application/json')).toString()

const QUERIES: [string, object][] = [
  ['rows of transactions', { dataset: 'transactions', select: TRANSACTIONS.columns.map(({ member }) => member) }],
  [
    'measures of transactions',
    { dataset: 'transactions', dimensions: ['country'], measures: TRANSACTIONS.measures.map(({ name }) => name) },
  ],
  ...(['day', 'week', 'month', 'quarter', 'year'] as const).map((granularity): [string, object] => [
    `transactions by ${granularity}`,
    { dataset: 'transactions', measures: ['revenue'], timeDimension: { dimension: 'added_date', granularity } },
  ]),
  ['rows of events', { dataset: 'events', select: [...EVENTS.columns.map(({ member }) => member), 'values.amount'] }],
  ['measures of events', { dataset: 'events', dimensions: ['type'], measures: ['events', ...FIGURES] }],
  ...(['minute', 'hour', 'day', 'year'] as const).map((granularity): [string, object] => [
    `events by ${granularity}`,
    {
      dataset: 'events',
      measures: FIGURES,
      timeDimension: { dimension: 'timestamp', granularity },
      timezone: 'Asia/Kathmandu',
    },
  ]),
  [
    'events of two ranges',
    {
      dataset: 'events',
      measures: FIGURES,
      order: [['sum(values.amount)', 'desc']],
      timeDimension: { dimension: 'timestamp', compareDateRange: ['today', 'last 2 days'] },
    },
  ],
]

describe.each(QUERIES)('an export of %s', (_name, query) => {
  it('has decimals of at most 38 digits in Parquet, whatever the values are', async () => {
    const { metadata, rows } = await parquetOf(query)
    for (const { name, precision, converted_type: type } of metadata.schema)
      if (type === 'DECIMAL') expect(precision, name).toBeLessThanOrEqual(38)
    expect(rows.length).toBeGreaterThan(0)
  })

  it('is read by Arrow', async () => {
    const table = await arrowOf(query)
    expect(table.numRows).toBeGreaterThan(0)
    for (const { name, type } of table.schema.fields) {
      if (DataType.isDecimal(type)) expect([type.bitWidth, type.precision <= 38], name).toEqual([128, true])
      expect(DataType.isBinary(type), name).toBe(false)
    }
  })
})

it('knows every member of the datasets', () => {
  const asked = QUERIES.flatMap(([, { select = [], measures = [] }]: any) => [...select, ...measures])
  for (const dataset of [TRANSACTIONS, EVENTS])
    expect(asked).toEqual(expect.arrayContaining([...membersOf(dataset).keys()]))
})

describe('figures of events, which have up to 76 digits', () => {
  const query = (type: string) => ({
    dataset: 'events',
    measures: FIGURES,
    filters: [{ member: 'type', operator: 'equals', values: [type] }],
  })

  it('are exact text in Parquet and Arrow', async () => {
    const { rows } = await parquetOf(query('exact'))
    const [row] = (await arrowOf(query('exact'))).toArray().map((each) => each.toJSON())
    const expected = { 'sum(values.amount)': SUM, 'min(values.amount)': '-3', 'max(values.amount)': AMOUNTS[2] }
    expect(rows[0]).toMatchObject(expected)
    expect(row).toMatchObject(expected)
    // The same digits as in JSON, where they are a number.
    expect(await jsonOf(query('exact'))).toContain(`"avg(values.amount)":${row!['avg(values.amount)']}`)
    expect(rows[0]).toEqual(row)
  })

  it('and null where there is none: the type of a column does not depend on it', async () => {
    const expected = { 'sum(values.amount)': '0', 'avg(values.amount)': null, 'min(values.amount)': null }
    const parquet = await parquetOf(query('none'))
    const arrow = await arrowOf(query('none'))
    expect(parquet.rows[0]).toMatchObject(expected)
    expect(arrow.toArray()[0]!.toJSON()).toMatchObject(expected)
    const of = async (type: string) => (await arrowOf(query(type))).schema.fields.map(({ type }) => String(type))
    expect(await of('none')).toEqual(await of('exact'))
    expect(new Set(await of('nothing at all'))).toEqual(new Set(['Utf8']))
  })

  it('are numbers in CSV and NDJSON, and ordered as numbers', async () => {
    expect(await exported(query('exact'), 'text/csv').then(String)).toContain(`\n${SUM},`)
    expect(await exported(query('exact'), 'application/x-ndjson').then(String)).toContain(`:${SUM},`)
    await send(
      server,
      [5, 40, 300].map((amount) => ({ source: 's', type: `n${amount}`, values: { amount } })),
    )
    const filters = [{ member: 'type', operator: 'startsWith', values: ['n3', 'n4', 'n5'] }]
    const ordered = { ...query('x'), dimensions: ['type'], filters, order: [['max(values.amount)', 'asc']] }
    expect((await parquetOf(ordered)).rows.map(({ type }) => type)).toEqual(['n5', 'n40', 'n300'])
  })
})
