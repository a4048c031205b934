import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { orderedValueCodecOf } from './ordered-value-codec.js'

const money = orderedValueCodecOf('Decimal(18, 4)')!
const whole = orderedValueCodecOf('Int32')!
const dates = orderedValueCodecOf('Date32')!

describe('number values', () => {
  it.each([
    ['12.5', 125_000n, true],
    ['-12.5', -125_000n, true],
    ['0.00005', 0n, false],
    ['-0.00005', -1n, false],
    ['1e3', 10_000_000n, true],
    ['1.5E-9', 0n, false],
    ['.5', 5_000n, true],
    ['2.', 20_000n, true],
    ['+1', 10_000n, true],
    [-0, 0n, true],
    [1e-7, 0n, false],
    ['99999999999999999999999', 99_999_999_999_999_999_999_999n * 10_000n, true],
  ])('%s is encoded as %s (exactly: %s)', (value, floor, exact) => {
    expect(money.encode(value)).toEqual({ floor, exact })
  })

  it.each([
    '',
    ' 1',
    '1 ',
    'NaN',
    'Infinity',
    '0x10',
    '1,5',
    '1e',
    '--1',
    '1e9999',
    '.',
    'e5',
    '1; DROP TABLE t',
    '9'.repeat(401),
    true,
  ])('refuses %s', (value) => {
    expect(money.encode(value)).toMatch(/decimal number/)
  })

  it('decodes every code to the text that encodes to it', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: money.min, max: money.max }), (code) => {
        expect(money.encode(money.decode(code))).toEqual({ floor: code, exact: true })
      }),
    )
    expect(money.decode(-1n)).toBe('-0.0001')
    expect(whole.decode(-7n)).toBe('-7')
  })

  it('has the bounds of each type', () => {
    expect([whole.min, whole.max]).toEqual([-2_147_483_648n, 2_147_483_647n])
    expect([orderedValueCodecOf('UInt64')!.min, orderedValueCodecOf('UInt64')!.max]).toEqual([0n, 2n ** 64n - 1n])
    expect(money.max).toBe(999_999_999_999_999_999n)
  })
})

describe('date values', () => {
  it.each([
    ['1970-01-01', '1970-01-01'],
    ['2024-02-29', '2024-02-29'],
    ['2024-03-01T23:59:59.999+02:00', '2024-03-01'],
    ['2024-03-01 10:00', '2024-03-01'],
    ['0001-01-01', '0001-01-01'],
    ['9999-12-31', '9999-12-31'],
  ])('%s is the day %s', (value, day) => {
    const encoded = dates.encode(value)
    expect(typeof encoded === 'string' ? encoded : dates.decode(encoded.floor)).toBe(day)
  })

  it.each([
    '2024-02-30',
    '2023-02-29',
    '2024-13-01',
    '2024-00-10',
    '24-01-01',
    '2024-1-1',
    '2024-01-01T25:00',
    'today',
    '',
    20240101,
    true,
  ])('refuses %s', (value) => {
    expect(dates.encode(value)).toMatch(/date of the calendar/)
  })
})
