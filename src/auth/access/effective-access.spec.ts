import { describe, expect, it } from 'vitest'
import type { AccessPolicy } from './access-policy.js'
import { EffectiveAccess } from './effective-access.js'

const GERMANY = { member: 'country', operator: 'equals', values: ['Germany'] }
const TOYS = { member: 'category', operator: 'equals', values: ['Toys'] }

function policy(given: Partial<AccessPolicy>): AccessPolicy {
  return { datasets: {}, endpoints: [], dashboards: false, ...given }
}

const SALES = policy({
  datasets: { transactions: { members: ['revenue', 'country'], filters: [GERMANY] } },
  endpoints: ['sales', 'stock'],
  dashboards: true,
})

describe('EffectiveAccess', () => {
  it('is everything without a policy', () => {
    const access = EffectiveAccess.of(null, undefined)
    expect(access).toBe(EffectiveAccess.UNRESTRICTED)
    expect(access).toMatchObject({ isUnrestricted: true, dashboards: true })
    expect(access.mayUseDataset('transactions')).toBe(true)
    expect(access.membersOf('transactions')).toBeNull()
    expect(access.filtersOf('transactions')).toEqual([])
    expect(access.mayUseEndpoint('sales')).toBe(true)
    expect(access.asPolicy()).toBeNull()
  })

  it('is what the policy names and nothing else', () => {
    const access = EffectiveAccess.of(SALES)
    expect(access).toMatchObject({ isUnrestricted: false, dashboards: true })
    expect(access.membersOf('transactions')).toEqual(new Set(['revenue', 'country']))
    expect(access.filtersOf('transactions')).toEqual([GERMANY])
    for (const name of ['events', 'constructor', '__proto__']) {
      expect(access.mayUseDataset(name)).toBe(false)
      expect(access.filtersOf(name)).toEqual([])
    }
    expect(access.mayUseEndpoint('sales')).toBe(true)
    expect(access.mayUseEndpoint('orders')).toBe(false)
  })

  it('is what all policies name, under the filters of all', () => {
    const key = policy({
      datasets: {
        transactions: { members: ['revenue', 'region'], filters: [TOYS] },
        events: { members: null, filters: [] },
      },
      endpoints: '*',
    })
    const access = EffectiveAccess.of(SALES, key)
    expect(access.membersOf('transactions')).toEqual(new Set(['revenue']))
    expect(access.filtersOf('transactions')).toHaveLength(2)
    expect(access.mayUseDataset('events')).toBe(false)
    expect(access.mayUseEndpoint('stock')).toBe(true)
    expect(access.dashboards).toBe(false)
  })

  it('takes all members for whatever the other policy names', () => {
    const all = policy({ datasets: { transactions: { members: null, filters: [] } } })
    expect(EffectiveAccess.of(all).membersOf('transactions')).toBeNull()
    expect(EffectiveAccess.of(all, SALES).membersOf('transactions')).toEqual(new Set(['revenue', 'country']))
  })

  it('has no dataset whose members are none in common, and keeps its filters for endpoints', () => {
    const key = policy({ datasets: { transactions: { members: ['region'], filters: [] } }, endpoints: ['sales'] })
    for (const access of [
      EffectiveAccess.of(SALES, key),
      EffectiveAccess.of(SALES, policy({ endpoints: ['sales'] })),
    ]) {
      expect(access.mayUseDataset('transactions')).toBe(false)
      expect(access.filtersOf('transactions')).toEqual([GERMANY])
      expect(EffectiveAccess.of(access.asPolicy()).filtersOf('transactions')).toEqual([GERMANY])
    }
  })

  it('has one cache key for equal rights, and another for others', () => {
    const turned = policy({
      datasets: {
        events: { members: [], filters: [] },
        transactions: {
          members: ['country', 'revenue', 'country'],
          filters: [{ values: ['Germany'], operator: 'equals', member: 'country' }, GERMANY],
        },
      },
      endpoints: ['stock', 'sales'],
      dashboards: true,
    })
    expect(EffectiveAccess.of(turned).cacheKey).toBe(EffectiveAccess.of(SALES).cacheKey)
    expect(EffectiveAccess.of(SALES, SALES).cacheKey).toBe(EffectiveAccess.of(SALES).cacheKey)
    const others = [
      null,
      policy({}),
      { ...SALES, dashboards: false },
      { ...SALES, endpoints: '*' as const },
      { ...SALES, datasets: { transactions: { members: null, filters: [GERMANY] } } },
      { ...SALES, datasets: { transactions: { members: ['revenue', 'country'], filters: [TOYS] } } },
    ]
    const keys = [SALES, ...others].map((each) => EffectiveAccess.of(each).cacheKey)
    expect(new Set(keys).size).toBe(keys.length)
  })

  it('covers what is no wider', () => {
    const access = EffectiveAccess.of(SALES)
    const narrower = policy({
      datasets: { transactions: { members: ['revenue'], filters: [GERMANY, TOYS] } },
      endpoints: ['sales'],
    })
    for (const covered of [SALES, narrower, policy({})]) expect(access.covers(covered)).toBe(true)
    const wider = [
      null,
      { ...SALES, endpoints: '*' as const },
      policy({ endpoints: ['orders'] }),
      // The endpoint without the filter.
      policy({ endpoints: ['sales'] }),
      policy({ datasets: { transactions: { members: null, filters: [GERMANY] } } }),
      policy({ datasets: { transactions: { members: ['revenue'], filters: [TOYS] } } }),
      policy({ datasets: { events: { members: null, filters: [] } } }),
    ]
    for (const each of wider) expect(access.covers(each)).toBe(false)
    for (const each of wider) expect(access.covers(access.narrowedBy(each).asPolicy())).toBe(true)
    expect(EffectiveAccess.UNRESTRICTED.covers(null)).toBe(true)
    expect(EffectiveAccess.of(policy({})).covers(policy({ dashboards: true }))).toBe(false)
  })

  it('cannot be changed through what it gives out', () => {
    const access = EffectiveAccess.of(SALES)
    access.asPolicy()!.datasets.transactions!.members = null
    expect(access.membersOf('transactions')).toEqual(new Set(['revenue', 'country']))
  })
})
