import { describe, expect, it } from 'vitest'
import { restraintOf, type ReachSettings } from './key-restraint.js'

const MADE: ReachSettings = {
  status: 'active',
  expiresAt: null,
  rateLimitPerMinute: null,
  allowedCidrs: null,
  sendEvents: true,
  access: null,
  creditLimitId: null,
}
const SALES = { datasets: { sales: { members: null, filters: [] } }, endpoints: [], dashboards: false }
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
      ...{ sendEvents: false, access: SALES, creditLimitId: 'limit' },
    }
    expect(restraintOf(MADE, changes)).toEqual(changes)
  })

  it('is nothing that it had less of', () => {
    const less: ReachSettings = {
      ...{ ...MADE, expiresAt: SOON, rateLimitPerMinute: 2, allowedCidrs: ['10.1.0.0/16'], sendEvents: false },
      access: { ...SALES, datasets: { sales: { members: ['rows'], filters: [] } } },
    }
    const changes = { expiresAt: LATER, rateLimitPerMinute: 5, allowedCidrs: ['10.0.0.0/8'], access: SALES }
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
    const { access } = restraintOf({ ...MADE, access: { ...SALES, ...own } }, { access: SALES })
    expect(access).toEqual({ ...SALES, datasets: { sales: { members: ['rows'], filters: [] } } })
  })
})
