import { parquetWriteBuffer } from 'hyparquet-writer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { transactionDefects, transactionsFile } from '../../tools/generator/transactions-file.js'
import { transactions } from '../../tools/generator/transactions-generator.js'
import { asDecimals, fixedBytesAsInt96, int96 } from '../support/parquet-columns.js'
import { ParquetEngine } from '../support/parquet-engine.js'

// The engine itself writes Parquet files and reads their parts.
let engine: ParquetEngine

beforeAll(async () => void (engine = await ParquetEngine.start()))
afterAll(() => engine?.stop())

const written = (select: string, settings: Record<string, string | number> = {}): Promise<Buffer> =>
  engine.written(select, settings)
const textsOf = (bytes: Buffer): Promise<string[][]> => engine.texts(bytes)

const textOf = async (expression: string): Promise<string> =>
  (await textsOf(await written(`SELECT ${expression} AS x`)))[0]![0]!

describe('Parquet parts in the engine', () => {
  const TABLE = `SELECT number AS id, concat('name ', toString(number % 1000)) AS name,
    toDecimal64(number, 4) / 8 AS price, toLowCardinality(toString(number % 10)) AS kind,
    if(number % 3 = 0, NULL, toInt32(number)) AS quantity, [number] AS nested
    FROM numbers(25000) ORDER BY id`
  const EXPECTED = Array.from({ length: 25_000 }, (_, at) => [
    String(at),
    `name ${at % 1000}`,
    String(at / 8),
    String(at % 10),
    at % 3 === 0 ? '' : String(at),
  ])

  const VARIANTS = ['none', 'snappy', 'zstd', 'gzip', 'lz4', 'brotli'].flatMap((compression) =>
    ['1.0', '2.latest'].map((version) => ({ compression, version })),
  )
  it.each(VARIANTS)('read back row by row: $compression, version $version', async ({ compression, version }) => {
    const bytes = await written(TABLE, {
      output_format_parquet_compression_method: compression,
      output_format_parquet_version: version,
      output_format_parquet_row_group_size: 7000,
      output_format_parquet_data_page_size: 5000,
    })
    expect(await textsOf(bytes)).toEqual(EXPECTED)
  })

  it('read back what the engine writes without its own encoder (Arrow’s)', async () => {
    const settings = { output_format_parquet_use_custom_encoder: 0, output_format_parquet_row_group_size: 9000 }
    expect(await textsOf(await written(TABLE, settings))).toEqual(EXPECTED)
  })

  it('keep the order of rows in a group of many blocks', async () => {
    const bytes = await written('SELECT number AS id FROM numbers(700000) ORDER BY id')
    expect((await textsOf(bytes)).map(([id]) => Number(id))).toEqual(Array.from({ length: 700_000 }, (_, at) => at))
  })

  it.each([
    [`toDecimal64('12.5000', 4)`, '12.5'],
    [`toDecimal32('-0.10', 2)`, '-0.1'],
    [`toDecimal64('99999999999999.9999', 4)`, '99999999999999.9999'],
    [`toDecimal128('-123456789012345678901234.5678', 4)`, '-123456789012345678901234.5678'],
    [
      `toDecimal256('12345678901234567890123456789012345678901234567890.1', 1)`,
      '12345678901234567890123456789012345678901234567890.1',
    ],
    [`toFloat64(0.1) + 0.2`, '0.30000000000000004'],
    [`toFloat32(12.34)`, '12.34'],
    [`toFloat64(100)`, '100'],
    [`1e21`, '1000000000000000000000'],
    [`-1.5e-7`, '-0.00000015'],
    [`1e300`, '1e300'],
    [`nan`, 'nan'],
    [`-inf`, '-inf'],
    [`toDate('2024-02-29')`, '2024-02-29'],
    [`toDate32('1900-01-01')`, '1900-01-01'],
    [`toDate32('2299-12-31')`, '2299-12-31'],
    [`toDateTime('2024-01-02 03:04:05', 'Europe/Berlin')`, '2024-01-02T02:04:05.000Z'],
    [`toDateTime64('1900-01-01 00:00:00', 3, 'UTC')`, '1900-01-01T00:00:00.000Z'],
    [`toDateTime64('2299-12-31 23:59:59.999999', 6, 'UTC')`, '2299-12-31T23:59:59.999999Z'],
    [`toDateTime64('2024-01-02 03:04:05.678901234', 9, 'UTC')`, '2024-01-02T03:04:05.678901234Z'],
    [`true`, 'true'],
    [`toInt64('-9223372036854775808')`, '-9223372036854775808'],
    [`toUInt64('18446744073709551615')`, '18446744073709551615'],
    [`toUInt32(4294967295)`, '4294967295'],
    [`toUInt8(255)`, '255'],
    [`toInt8(-128)`, '-128'],
    [`toLowCardinality('dictionary')`, 'dictionary'],
    [`'te"xt, ö\\n'`, 'te"xt, ö\n'],
    [`toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0')`, '61f0c404-5cb3-11e7-907b-a6006ad3dba0'],
    [`CAST('b', 'Enum8(\\'a\\' = 1, \\'b\\' = 2)')`, 'b'],
    [`CAST(NULL, 'Nullable(Int32)')`, ''],
    [`CAST(NULL, 'Nullable(String)')`, ''],
    [`CAST(NULL, 'Nullable(Float64)')`, ''],
    [`CAST(NULL, 'Nullable(Date32)')`, ''],
    [`CAST(NULL, 'Nullable(DateTime64(3))')`, ''],
    [`CAST(NULL, 'Nullable(Decimal(18, 4))')`, ''],
  ])('give the text of %s', async (expression, text) => {
    expect(await textOf(expression)).toBe(text)
  })

  it('give dates that the engine cannot hold in words that people read', async () => {
    const at = (year: number): Date => new Date(Date.UTC(year, 0, 1))
    const schema = [
      { name: 'root', num_children: 3 },
      { name: 'day', type: 'INT32', repetition_type: 'REQUIRED', converted_type: 'DATE' },
      {
        name: 'ms',
        type: 'INT64',
        repetition_type: 'REQUIRED',
        logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MILLIS' },
      },
      { name: 'us', type: 'INT64', repetition_type: 'REQUIRED', converted_type: 'TIMESTAMP_MICROS' },
    ] as const
    const dates = [at(1899), at(1900), at(2299), at(9999)]
    const file = parquetWriteBuffer({
      schema: [...schema],
      columnData: [
        { name: 'day', data: dates },
        { name: 'ms', data: dates },
        { name: 'us', data: dates },
      ],
    })
    expect(await textsOf(Buffer.from(file))).toEqual([
      ['1899-01-01', '1899-01-01T00:00:00.000', '1899-01-01T00:00:00.000000Z'],
      ['1900-01-01', '1900-01-01T00:00:00.000', '1900-01-01T00:00:00.000000Z'],
      ['2299-01-01', '2299-01-01T00:00:00.000', '2299-01-01T00:00:00.000000Z'],
      ['9999-01-01', '9999-01-01T00:00:00.000', '9999-01-01T00:00:00.000000Z'],
    ])
  })

  it('read INT96 timestamps, of any year', async () => {
    const days = [
      '1899-12-31',
      '1900-01-01',
      '1969-12-31T23:59:59.999Z',
      '2024-01-02',
      '2299-12-31T23:59:59.5Z',
      '9999-12-31',
    ]
    const unusual = (nanoseconds: bigint): Uint8Array => {
      const bytes = Buffer.from(int96('2024-01-01'))
      bytes.writeBigInt64LE(nanoseconds)
      return new Uint8Array(bytes)
    }
    const carried = [unusual(2n * 86_400_000_000_000n + 1n), unusual(-1n), unusual(-(2n ** 63n))]
    const file = parquetWriteBuffer({
      schema: [
        { name: 'root', num_children: 1 },
        { name: 'at', type: 'FIXED_LEN_BYTE_ARRAY', type_length: 12, repetition_type: 'OPTIONAL' },
      ],
      columnData: [{ name: 'at', data: [...days.map(int96), null, ...carried] }],
    })
    expect(await textsOf(fixedBytesAsInt96(file))).toEqual([
      ['1899-12-31T00:00:00.000000000Z'],
      ['1900-01-01T00:00:00.000000000Z'],
      ['1969-12-31T23:59:59.999000000Z'],
      ['2024-01-02T00:00:00.000000000Z'],
      ['2299-12-31T23:59:59.500000000Z'],
      ['9999-12-31T00:00:00.000000000Z'],
      [''],
      ['2024-01-03T00:00:00.000000001Z'],
      ['2023-12-31T23:59:59.999999999Z'],
      ['1731-09-22T00:12:43.145224192Z'],
    ])
  })

  it('give times of day without a date, and show those that are none', async () => {
    const time = (name: string, type: 'INT32' | 'INT64', unit: 'MILLIS' | 'MICROS' | 'NANOS') =>
      ({
        name,
        type,
        repetition_type: 'OPTIONAL',
        logical_type: { type: 'TIME', isAdjustedToUTC: true, unit },
      }) as const
    const file = parquetWriteBuffer({
      schema: [
        { name: 'root', num_children: 4 },
        time('ms', 'INT32', 'MILLIS'),
        time('us', 'INT64', 'MICROS'),
        time('ns', 'INT64', 'NANOS'),
        { name: 'converted', type: 'INT32', repetition_type: 'REQUIRED', converted_type: 'TIME_MILLIS' },
      ],
      columnData: [
        { name: 'ms', data: [36_672_500, null, 86_400_000] },
        { name: 'us', data: [36_672_500_000n, 0n, -1n] },
        { name: 'ns', data: [36_672_500_000_001n, 86_399_999_999_999n, 86_400_000_000_000n] },
        { name: 'converted', data: [36_672_500, 0, 1] },
      ],
    })
    expect(await textsOf(Buffer.from(file))).toEqual([
      ['10:11:12.500', '10:11:12.500000', '10:11:12.500000001', '10:11:12.500'],
      ['', '00:00:00.000000', '23:59:59.999999999', '00:00:00.000'],
      [
        '86400000 milliseconds since midnight',
        '-1 microseconds since midnight',
        '86400000000000 nanoseconds since midnight',
        '00:00:00.001',
      ],
    ])
  })

  it('do not cut integers down to the bits of their annotation', async () => {
    const kinds = ['INT_8', 'INT_16', 'UINT_8', 'UINT_16'] as const
    const file = parquetWriteBuffer({
      schema: [
        { name: 'root', num_children: kinds.length },
        ...kinds.map((kind) => ({
          name: kind,
          type: 'INT32' as const,
          repetition_type: 'REQUIRED' as const,
          converted_type: kind,
        })),
      ],
      columnData: kinds.map((name) => ({ name, data: [70_000, -5, 100] })),
    })
    expect(await textsOf(Buffer.from(file))).toEqual(['70000', '-5', '100'].map((text) => kinds.map(() => text)))
  })

  it('read decimals whose bytes are more than their precision needs', async () => {
    const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))
    const file = parquetWriteBuffer({
      schema: [
        { name: 'root', num_children: 2 },
        { name: 'any', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
        { name: 'fixed', type: 'FIXED_LEN_BYTE_ARRAY', type_length: 12, repetition_type: 'OPTIONAL' },
      ],
      columnData: [
        { name: 'any', data: [bytes('3a98'), bytes('ff'), bytes('010000000000000001')] },
        {
          name: 'fixed',
          data: ['000000000000000000003a98', 'ffffffffffffffffffffffff', '000000010000000000000001'].map(bytes),
        },
      ],
    })
    expect(await textsOf(asDecimals(file, 18, 4))).toEqual([
      ['1.5', '1.5'],
      ['-0.0001', '-0.0001'],
      ['1844674407370955.1617', '1844674407370955.1617'],
    ])
  })

  it('refuse decimals of more bytes than the engine has, in words, and read those of 32', async () => {
    const fileOf = (bytes: Uint8Array[]): Buffer =>
      asDecimals(
        parquetWriteBuffer({
          schema: [
            { name: 'root', num_children: 1 },
            { name: 'any', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
          ],
          columnData: [{ name: 'any', data: bytes }],
        }),
        38,
        0,
      )
    const pids = engine.pids()
    const most = new Uint8Array(32).fill(255)
    most[0] = 127
    expect(await textsOf(fileOf([most]))).toEqual([[String(2n ** 255n - 1n)]])
    const refusal = 'The Parquet file is written in a way that is not supported: column "any" of the rows 1 to 2.'
    for (const length of [33, 40, 100, 5_000])
      await expect(textsOf(fileOf([new Uint8Array([1]), new Uint8Array(length).fill(1)]))).rejects.toThrow(refusal)
    expect(engine.pids()).toEqual(pids)
  })

  it('read what hyparquet-writer writes: decimals of each physical type, JSON, timestamps', async () => {
    const file = parquetWriteBuffer({
      schema: [
        { name: 'root', num_children: 3 },
        { name: 'd64', type: 'INT64', repetition_type: 'OPTIONAL', converted_type: 'DECIMAL', scale: 4, precision: 18 },
        { name: 'json', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL', converted_type: 'JSON' },
        { name: 'flag', type: 'BOOLEAN', repetition_type: 'OPTIONAL' },
      ],
      columnData: [
        { name: 'd64', data: [1.5, null, -0.0001] },
        { name: 'json', data: [{ b: 1, a: [1.0] }, null, 'x'] },
        { name: 'flag', data: [true, null, false] },
      ],
    })
    expect(await textsOf(Buffer.from(file))).toEqual([
      ['1.5', '{"b":1,"a":[1]}', 'true'],
      ['', '', ''],
      ['-0.0001', '"x"', 'false'],
    ])
  })

  it('read the generated transactions as their CSV has them, bad ones too', async () => {
    const options = { rows: 60_000, seed: 5 }
    const plain = (amount: string): string => amount.replace(/\.?0+$/, '')
    const expected = [...transactions(options)].map((values) =>
      values.map((value, at) => (at === 8 || at === 10 ? plain(value) : value)),
    )
    const file = { ...options, format: 'parquet' as const }
    expect(await textsOf(Buffer.concat([...transactionsFile(file)]))).toEqual(expected)
    const bad = { ...file, badRatio: 0.01 }
    const texts = await textsOf(Buffer.concat([...transactionsFile(bad)]))
    const changed = texts.flatMap((row, at) => (row.join() === expected[at]!.join() ? [] : [at + 1]))
    expect(changed).toEqual([...transactionDefects(bad)].map(({ row }) => row))
  })
})
