import { describe, expect, it } from 'vitest'
import { unknownName } from './unknown-name.js'

const MEASURES = ['transactions', 'revenue', 'items_sold', 'unique_users']

describe('unknownName', () => {
  it('lists what there is', () => {
    expect(unknownName('measure', 'profit', MEASURES)).toBe(
      'Unknown measure "profit". Use transactions, revenue, items_sold or unique_users',
    )
  })

  it.each([
    ['revenu', 'revenue'],
    ['Revenue', 'revenue'],
    ['itemsSold', 'items_sold'],
    ['ITEMS-SOLD', 'items_sold'],
    ['uniq_users', 'unique_users'],
    ['users', 'unique_users'],
    ['transactoins', 'transactions'],
  ])('guesses what %s was to be', (name, meant) => {
    expect(unknownName('measure', name, MEASURES)).toContain(`Did you mean "${meant}"?`)
  })

  it('names the nearest of many', () => {
    const zones = Intl.supportedValuesOf('timeZone')
    const text = unknownName('time zone', 'Europe/Berln', zones)
    expect(text).toMatch(/^Unknown time zone "Europe\/Berln"\. Did you mean "Europe\/Berlin"/)
    expect(text.length).toBeLessThan(500)
  })

  it.each([[7], [null], [{}], [['revenue']], [''], ['___']])('guesses nothing of %j', (name) => {
    expect(unknownName('measure', name, MEASURES)).not.toContain('Did you mean')
  })

  it('says nothing where there is nothing to choose from', () => {
    expect(unknownName('column', 'x', [])).toBe('Unknown column "x".')
  })

  it('stays short and quick with whatever a stranger sends', () => {
    const startedAt = performance.now()
    const names = Array.from({ length: 100_000 }, (_, n) => `member_${n}_${'x'.repeat(200)}`)
    for (const name of ['a'.repeat(10_000_000), 'member_'.repeat(9), '\u{1f600}'.repeat(30)])
      expect(unknownName('member', name, names).length).toBeLessThan(4_000)
    expect(performance.now() - startedAt).toBeLessThan(5_000)
  })
})
