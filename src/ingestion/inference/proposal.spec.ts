import { describe, expect, it } from 'vitest'
import { inferredFrom, rows } from '../../../test/support/inference-fixture.js'

const days = (row: number): string => `2024-01-${String(1 + (row % 28)).padStart(2, '0')}`

describe('The key', () => {
  const keyOf = async (columns: Record<string, string[]>): Promise<string[] | undefined> =>
    (await inferredFrom(columns)).dataset.key

  it('is a column whose name says so and whose values are all different', async () => {
    expect(await keyOf({ id: ['1', '2', '3'] })).toEqual(['id'])
    expect(await keyOf({ name: ['a', 'b'], 'Row ID': ['1', '2'] })).toEqual(['row_id'])
    expect(await keyOf({ order_no: ['1', '1', '2'] })).toBeUndefined()
    expect(await keyOf({ id: ['1', '', '2'] })).toBeUndefined()
    expect(await keyOf({ id: ['1'] })).toBeUndefined()
  })

  it('is no amount, no time, and nobody else’s number', async () => {
    expect(await keyOf({ amount: rows(50, String), at: rows(50, (row) => `17000000${10 + row}`) })).toBeUndefined()
    expect(await keyOf({ total: rows(50, String), customer_id: rows(50, (row) => `C${row}`) })).toBeUndefined()
    expect(await keyOf({ price: rows(9, (row) => `${row}.5`) })).toBeUndefined()
  })

  it('is several columns where they belong together', async () => {
    const lines = { order_id: rows(30, (row) => `O${row >> 1}`), line_no: rows(30, (row) => String(1 + (row % 2))) }
    expect(await keyOf(lines)).toEqual(['order_id', 'line_no'])
    const panel = { day: rows(28, (row) => days(row >> 1)), station: rows(28, (row) => `S${row % 2}`) }
    expect(await keyOf(panel)).toEqual(['station', 'day'])
  })

  it('is none where values are different only by chance', async () => {
    const sparse = { station: rows(20, (row) => `S${row % 19}`), day: rows(20, (row) => days(row % 17)) }
    expect(await keyOf(sparse)).toBeUndefined()
  })

  it('makes its columns required, and is a guess where the sample is not all', async () => {
    const { dataset, columns } = await inferredFrom({ id: ['1', '2'], note: ['a', 'b'] }, { table: { isCut: true } })
    expect(dataset.columns.map(({ required }) => required)).toEqual([true, false])
    expect(columns[0]!.warnings).toEqual([expect.stringContaining('not the whole file')])
  })
})

describe('The time dimension', () => {
  it('is the time that a row is of', async () => {
    const columns = { updated_at: rows(3, days), order_date: rows(3, days), due_date: rows(3, days) }
    expect((await inferredFrom(columns)).dataset.timeDimension).toBe('order_date')
    expect((await inferredFrom({ shipped: ['', days(1)], ordered: rows(2, days) })).dataset.timeDimension).toBe(
      'ordered',
    )
    expect((await inferredFrom({ a: ['x'] })).dataset).not.toHaveProperty('timeDimension')
  })
})

describe('The measures', () => {
  it('add up what can be added up, and count what identifies', async () => {
    const { dataset } = await inferredFrom({
      order_id: ['a', 'b', 'c', 'a'],
      customer_id: ['1', '2', '3', '1'],
      Sales: ['1.5', '2.5', '3', '4'],
      'Total Price': ['1', '2', '3', '4'],
      unit_price: ['1.5', '2.5', '3', '4'],
      year: ['2020', '2021', '2022', '2022'],
      lat: ['1.5', '2.5', '3', '4'],
    })
    expect(dataset.measures.map(({ name, type, column }) => `${name}: ${type} ${column}`)).toEqual(
      [
        'total_sales: sum sales',
        'total_total_price: sum total_price',
        'average_unit_price: avg unit_price',
        'unique_orders: countDistinct order_id',
        'unique_customers: countDistinct customer_id',
        'lowest_unit_price: min unit_price',
        'highest_unit_price: max unit_price',
      ].map((each) => each.replace('total_total_price', 'total_of_price')),
    )
  })

  it('are at most twelve, of names that nothing else has', async () => {
    const wide = Object.fromEntries(rows(20, (row) => `m${row}`).map((name) => [name, ['1', '2']]))
    const { dataset } = await inferredFrom({ total_m0: ['x', 'y'], ...wide })
    expect(dataset.measures).toHaveLength(12)
    expect(dataset.measures[0]).toEqual({ name: 'total_m0_2', title: 'Total M0', type: 'sum', column: 'm0' })
  })
})

it('says which texts have few different values', async () => {
  const { dataset } = await inferredFrom({
    kind: rows(200, (row) => `k${row % 3}`),
    code: rows(200, (row) => `c${row}`),
  })
  expect(dataset.columns.map(({ lowCardinality }) => lowCardinality)).toEqual([true, undefined])
})

it('says which records were left out', async () => {
  const { columns } = await inferredFrom(
    { a: ['1', '2'] },
    { table: { leftOut: 1, leftOutReason: 'expected 1 fields, found 2' } },
  )
  expect(columns[0]!.warnings).toEqual([
    '1 record of 3 was left out, because it is no row of this table (expected 1 fields, found 2).',
  ])
})
