import { describe, expect, it } from 'vitest'
import { ClickHouseStatementError } from '../../../infrastructure/clickhouse/clickhouse.errors.js'
import { parquetFault } from './parquet-fault.js'

const HEADER = ['id', 'price']
const GROUP = { firstRow: 101, rows: 50 }
const READER = 'While executing ParquetV3BlockInputFormat. '

const messageFor = (code: number, message: string): string | undefined =>
  parquetFault(new ClickHouseStatementError(code, message), HEADER, GROUP)?.message

describe('parquetFault', () => {
  it('names the column and the rows of pages that make no sense', () => {
    const broken =
      'The Parquet file is broken: column "price" of the rows 101 to 150 cannot be read. Nothing was loaded.'
    expect(messageFor(117, `Unexpected end of page data: read stage: ColumnData: column: p1: ${READER}`)).toBe(broken)
    expect(messageFor(69, `Wrong precision: it must be between 1 and 76: column 'p1': ${READER}`)).toBe(broken)
    expect(messageFor(1001, `Invalid data: ${READER}`)).toBe(
      'The Parquet file is broken: its data of the rows 101 to 150 cannot be read. Nothing was loaded.',
    )
  })

  it('tells what is only not read from what is broken', () => {
    expect(messageFor(72, `Unexpectedly wide Decimal value: 33 > 32 bytes: column: p1: ${READER}`)).toBe(
      'The Parquet file is written in a way that is not supported: column "price" of the rows 101 to 150. Nothing was loaded.',
    )
    expect(messageFor(48, `LZO is not supported: column: p0: ${READER}`)).toBe(
      'The Parquet file is written in a way that is not supported: column "id" of the rows 101 to 150. Nothing was loaded.',
    )
  })

  it('does not blame the file for what happens behind the reader, or for the state of ClickHouse', () => {
    expect(messageFor(117, 'Unexpected data: while pushing to view')).toBeUndefined()
    expect(messageFor(252, `Too many parts: ${READER}`)).toBeUndefined()
    expect(messageFor(49, `Bad cast: ${READER}`)).toBeUndefined()
    expect(messageFor(1001, `std::bad_alloc: column: p1: ${READER}`)).toBeUndefined()
  })
})
