import { describe, expect, it } from 'vitest'
import { hasTooManyRejected, isMaxRejected } from './max-rejected.js'

describe('maxRejected', () => {
  it.each(['0', '1', '100000', '0%', '5%', '0.1%', '12.3456%', '99.9999%', '100%', '100.00%'])('may be %s', (text) => {
    expect(isMaxRejected(text)).toBe(true)
  })

  it.each([
    '',
    '-1',
    '1.5',
    '5 %',
    '%',
    '101%',
    '100.1%',
    '1e3',
    '5%%',
    '0.00001%',
    'none',
    '5%\n',
    '١',
    5,
    ['5'],
    null,
  ])('may not be %j', (text) => {
    expect(isMaxRejected(text)).toBe(false)
  })

  it.each([
    ['0', 100, 0, false],
    ['0', 100, 1, true],
    ['3', 100, 3, false],
    ['3', 100, 4, true],
    ['5%', 100, 5, false],
    ['5%', 100, 6, true],
    ['5%', 99, 5, true],
    ['0.1%', 3_000, 3, false],
    ['0.1%', 2_999, 3, true],
    ['33.3333%', 3, 1, true],
    ['33.3334%', 3, 1, false],
    ['0.0001%', 9_000_000_000, 9_000, false],
    ['0.0001%', 9_000_000_000, 9_001, true],
    ['0%', 10, 1, true],
    ['100%', 10, 10, false],
    [null, 10, 10, false],
  ])('%s of %i rows allows %i rejected: too many is %s', (maxRejected, rowsRead, rowsRejected, expected) => {
    expect(hasTooManyRejected({ maxRejected, rowsRead, rowsRejected }, true)).toBe(expected)
  })

  it('is judged before the end where it is a number', () => {
    expect(hasTooManyRejected({ maxRejected: '1', rowsRead: 2, rowsRejected: 2 }, false)).toBe(true)
    expect(hasTooManyRejected({ maxRejected: '1%', rowsRead: 2, rowsRejected: 2 }, false)).toBe(false)
  })
})
