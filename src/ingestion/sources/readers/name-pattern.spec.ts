import { describe, expect, it } from 'vitest'
import { isTemporaryName, matchesPattern } from './name-pattern.js'

describe('a pattern', () => {
  it.each([
    ['*', 'sales.csv'],
    ['*.csv', 'sales.csv'],
    ['sales*', 'sales.csv'],
    ['sales-*-??.csv', 'sales-2026-11.csv'],
    ['*a*b*', 'xxaxxbxx'],
    ['**.csv', '.csv'],
    ['a.b', 'a.b'],
    ['[a]+(b)^$', '[a]+(b)^$'],
    ['umsätze-*.csv', 'umsätze-märz.csv'],
    ['', ''],
  ])('%s takes %s', (pattern, name) => {
    expect(matchesPattern(name, pattern)).toBe(true)
  })

  it.each([
    ['*.csv', 'sales.csv.gz'],
    ['a.b', 'aXb'],
    ['?', ''],
    ['??', 'a'],
    ['', 'a'],
    ['*.CSV', 'sales.csv'],
    ['sales', 'sales.csv'],
    ['[ab].csv', 'a.csv'],
  ])('%s does not take %s', (pattern, name) => {
    expect(matchesPattern(name, pattern)).toBe(false)
  })

  it('with a hundred stars takes no time', () => {
    const started = performance.now()
    expect(matchesPattern('a'.repeat(255), `${'*a'.repeat(100)}*b`)).toBe(false)
    expect(performance.now() - started).toBeLessThan(100)
  })
})

it.each(['.hidden.csv', 'a.csv.tmp', 'a.csv.part', 'A.PART', 'a.csv~'])('%s is left out', (name) => {
  expect(isTemporaryName(name)).toBe(true)
})

it.each(['a.csv', 'part.csv', 'tmp', 'a.tmp.csv'])('%s is not', (name) => {
  expect(isTemporaryName(name)).toBe(false)
})
