import { describe, expect, it } from 'vitest'
import { excessesOf, restraintOf, type KeyReach, type ReachSettings } from './key-reach.js'

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

const MADE: ReachSettings = { ...WIDEST, status: 'active' }
const SALES_ONLY = { datasets: { sales: { members: null, filters: [] } }, endpoints: [], dashboards: false }
const SOON = new Date('2026-12-01')
const LATER = new Date('2026-12-02')

describe('what a key loses when its maker changes', () => {
  it('is nothing where its maker gets more, or another name', () => {
    const more = { status: 'active', expiresAt: null, rateLimitPerMinute: null, allowedCidrs: null } as const
    expect(restraintOf(MADE, { ...more, sendEvents: true, access: null, creditLimitId: null })).toEqual({})
    expect(restraintOf(MADE, {})).toEqual({})
  })

  it('is all that its maker loses', () => {
    const changes: Partial<ReachSettings> = {
      ...{ status: 'disabled', expiresAt: SOON, rateLimitPerMinute: 5, allowedCidrs: ['10.0.0.0/8'] },
      ...{ sendEvents: false, access: SALES_ONLY, creditLimitId: 'limit' },
    }
    expect(restraintOf(MADE, changes)).toEqual(changes)
  })

  it('is nothing that it had less of', () => {
    const less: ReachSettings = {
      ...{ ...MADE, expiresAt: SOON, rateLimitPerMinute: 2, allowedCidrs: ['10.1.0.0/16'], sendEvents: false },
      access: { ...SALES_ONLY, datasets: { sales: { members: ['rows'], filters: [] } } },
    }
    const changes = { expiresAt: LATER, rateLimitPerMinute: 5, allowedCidrs: ['10.0.0.0/8'], access: SALES_ONLY }
    expect(restraintOf(less, { ...changes, sendEvents: false })).toEqual({})
  })

  it.each([
    [['192.0.2.0/24'], ['192.0.2.7/32', '198.51.100.0/24'], ['192.0.2.7/32']],
    [
      ['192.0.2.0/24', '203.0.113.1'],
      ['192.0.2.0/25', '203.0.113.0/24'],
      ['203.0.113.1', '192.0.2.0/25'],
    ],
    [['192.0.2.0/24'], ['198.51.100.0/24'], ['198.51.100.0/24']],
    [[], ['198.51.100.0/24'], ['198.51.100.0/24']],
  ])('leaves of the networks %j, where its maker has %j, %j', (own, makers, left) => {
    expect(restraintOf({ ...MADE, allowedCidrs: own }, { allowedCidrs: makers })).toEqual({ allowedCidrs: left })
  })

  it('is the access that both have', () => {
    const own = { datasets: { sales: { members: ['rows'], filters: [] }, rides: { members: null, filters: [] } } }
    const { access } = restraintOf({ ...MADE, access: { ...SALES_ONLY, ...own } }, { access: SALES_ONLY })
    expect(access).toEqual({ ...SALES_ONLY, datasets: { sales: { members: ['rows'], filters: [] } } })
  })
})
