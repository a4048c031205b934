import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { refuseRoundedNumbers } from './rounded-number.js'

function isRefused(json: string): boolean {
  JSON.parse(json)
  try {
    refuseRoundedNumbers(json)
    return false
  } catch (error) {
    expect((error as Error).message).toContain('write it as a string')
    return true
  }
}

describe('refuseRoundedNumbers', () => {
  it.each([
    '99999999999999.9999',
    '1.0000000000000001',
    '-1.0000000000000001',
    '4732869449324537.7535',
    '9007199254740993',
    '0.12345678901234567',
    '12345678901234567e-3',
    '1e400',
    '1e-400',
    '1.23456789E-320',
    `1${'0'.repeat(400)}`,
    `0.${'0'.repeat(400)}1`,
  ])('refuses %s', (number) => {
    expect(isRefused(number)).toBe(true)
    expect(isRefused(`{"values":["\\"1",[${number}]]}`)).toBe(true)
  })

  it.each([
    '0',
    '-0',
    '0.00000000000000000000',
    '1e20',
    '1e21',
    '1E+300',
    '0e999',
    '100.0000000000000000',
    '100000000000000000000',
    '0.000000000000000000001',
    '99999999999.9999',
    '12345678901234.568',
    '9007199254740992',
  ])('takes %s', (number) => {
    expect(isRefused(number)).toBe(false)
    expect(isRefused(`{"values":["1",${number}]}`)).toBe(false)
  })

  it.each([
    '"99999999999999.9999"',
    '{"99999999999999.9999":"1.0000000000000001"}',
    '["\\"1.0000000000000001","\\\\",1,"\\\\\\"9007199254740993"]',
    '["0193a6a4-1e99-7999-8e99-999999999999"]',
  ])('takes digits inside strings: %s', (json) => {
    expect(isRefused(json)).toBe(false)
  })

  it('finds the number behind strings of any length', () => {
    expect(isRefused(JSON.stringify(['"\\'.repeat(250_000), 1.5]))).toBe(false)
    expect(isRefused(`[${JSON.stringify('"\\'.repeat(250_000))},1.0000000000000001]`)).toBe(true)
  })

  it('takes whatever is written from doubles', () => {
    fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => !isRefused(String(value))))
    fc.assert(fc.property(fc.json(), (json) => !isRefused(json)))
  })

  it('refuses exactly the decimals that doubles do not give back', () => {
    const scaled = (text: string, decimals: number): bigint => {
      const [whole, fraction = ''] = text.split('.')
      return BigInt(whole + fraction.padEnd(decimals, '0'))
    }
    fc.assert(
      fc.property(
        fc.bigInt({ min: 10n ** 14n, max: 10n ** 19n }),
        fc.integer({ min: 1, max: 6 }),
        (digits, decimals) => {
          const number = `${String(digits).slice(0, -decimals)}.${String(digits).slice(-decimals)}`
          return isRefused(number) === (scaled(String(Number(number)), decimals) !== digits)
        },
      ),
    )
  })
})
