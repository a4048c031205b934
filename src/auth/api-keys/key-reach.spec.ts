import { describe, expect, it } from 'vitest'
import { excessesOf, type KeyReach } from './key-reach.js'

const WIDEST: KeyReach = {
  expiresAt: null,
  rateLimitPerMinute: null,
  allowedCidrs: null,
  sendEvents: true,
  access: null,
  creditLimitId: null,
}
const ENDS = new Date('2030-01-01T00:00:00Z')
const TOYS = { members: null, filters: [{ member: 'category', operator: 'equals', values: ['Toys'] }] }
const SALES = { datasets: { transactions: TOYS, orders: { members: ['id'], filters: [] } }, endpoints: ['top'] }
const NARROW: KeyReach = {
  expiresAt: ENDS,
  rateLimitPerMinute: 60,
  allowedCidrs: ['192.0.2.0/24', '2001:db8::/32'],
  sendEvents: false,
  access: { ...SALES, dashboards: false },
  creditLimitId: 'limit',
}

const beyond = (wanted: Partial<KeyReach>, own = NARROW) =>
  excessesOf({ ...NARROW, ...wanted }, own).map(({ path }) => path)

describe('the reach of a key', () => {
  it('holds itself, and everything where nothing is limited', () => {
    expect(beyond({})).toEqual([])
    expect(beyond({}, WIDEST)).toEqual([])
    expect(excessesOf(WIDEST, WIDEST)).toEqual([])
  })

  it('is exceeded in every way that is asked for, each with what is allowed', () => {
    expect(excessesOf(WIDEST, NARROW)).toEqual([
      { path: 'expiresAt', message: 'must not be later than 2030-01-01T00:00:00.000Z, when this key expires' },
      { path: 'rateLimitPerMinute', message: 'must not be above 60, the limit of this key' },
      { path: 'allowedCidrs', message: 'must lie within 192.0.2.0/24, 2001:db8::/32, the networks of this key' },
      { path: 'creditLimit', message: 'must be left out: keys of this key share what it may spend' },
      { path: 'access', message: 'must name nothing that this key may not see' },
      { path: 'sendEvents', message: 'must be false: this key may not send events' },
    ])
  })

  it('shares what it may spend', () => {
    expect(beyond({ creditLimitId: 'another' })).toEqual(['creditLimit'])
    expect(beyond({ creditLimitId: 'another' }, WIDEST)).toEqual([])
  })

  it('ends at the same moment at the latest', () => {
    expect(beyond({ expiresAt: new Date(ENDS.getTime() - 1) })).toEqual([])
    expect(beyond({ expiresAt: new Date(ENDS.getTime() + 1) })).toEqual(['expiresAt'])
  })

  it.each([
    [['192.0.2.0/24'], true],
    [['192.0.2.128/25', '2001:db8:1::/48'], true],
    [['192.0.2.7'], true],
    [['192.0.2.0/23'], false],
    [['192.0.3.0/24'], false],
    [['0.0.0.0/0'], false],
    [['192.0.2.7', '198.51.100.1'], false],
    [['2001:db9::/32'], false],
    [['::/0'], false],
    [['::ffff:192.0.2.0/120'], false],
  ])('networks %j: %s', (allowedCidrs, isWithin) => {
    expect(beyond({ allowedCidrs })).toEqual(isWithin ? [] : ['allowedCidrs'])
  })

  it('holds fewer datasets, members, rows and endpoints', () => {
    const policy = (changes: object) => beyond({ access: { ...NARROW.access!, ...changes } })
    expect(policy({ endpoints: [], datasets: { transactions: TOYS } })).toEqual([])
    expect(policy({ datasets: { transactions: { ...TOYS, members: ['country'] } } })).toEqual([])
    expect(policy({ datasets: { transactions: { members: null, filters: [] } } })).toEqual(['access'])
    expect(policy({ datasets: { orders: { members: ['id', 'total'], filters: [] } } })).toEqual(['access'])
    expect(policy({ datasets: { events: TOYS } })).toEqual(['access'])
    expect(policy({ endpoints: '*' })).toEqual(['access'])
    expect(policy({ dashboards: true })).toEqual(['access'])
  })
})
