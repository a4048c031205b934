import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { AccessPolicy, DatasetPolicy } from '../../auth/access/access-policy.js'
import { EffectiveAccess } from '../../auth/access/effective-access.js'
import { DatasetLookup } from '../dataset-lookup.js'
import type { DatasetRegistry } from '../dataset-registry.js'
import { findMember } from '../member.js'
import { AccessibleDatasets } from './accessible-datasets.js'

const GERMANY = { member: 'country', operator: 'equals', values: ['Germany'] }

function accessOf(datasets: Record<string, DatasetPolicy>, more: Partial<AccessPolicy> = {}): EffectiveAccess {
  return EffectiveAccess.of({ datasets, endpoints: [], dashboards: false, ...more })
}

describe('AccessibleDatasets', () => {
  const registry = { current: new DatasetLookup() }
  let datasets: AccessibleDatasets

  beforeEach(() => {
    registry.current = new DatasetLookup()
    datasets = new AccessibleDatasets(registry as DatasetRegistry)
  })

  it('are all datasets as they are without a policy', () => {
    expect(datasets.of(EffectiveAccess.UNRESTRICTED)).toBe(registry.current)
  })

  it('are those that are named, with the members and rows that exist', () => {
    const lookup = datasets.of(accessOf({ transactions: { members: ['revenue'], filters: [GERMANY] } }))
    expect(lookup.names).toEqual(['transactions'])
    const transactions = lookup.get('transactions')
    expect(transactions.restriction).toMatchObject({
      rowSql: 't.country = {access_p0:String}',
      params: { access_p0: 'Germany' },
    })
    expect(findMember(transactions, 'revenue')).toBeDefined()
    expect(findMember(transactions, 'country')).toBeUndefined()
  })

  it('are the same objects for equal rights, also after another dataset was declared', () => {
    const access = () => accessOf({ transactions: { members: null, filters: [GERMANY, GERMANY] } })
    const first = datasets.of(access()).get('transactions')
    expect(datasets.of(access()).get('transactions')).toBe(first)
    registry.current = new DatasetLookup([...registry.current.all])
    expect(datasets.of(access()).get('transactions')).toBe(first)
    const others = datasets.of(accessOf({ transactions: { members: null, filters: [] } }))
    expect(others.get('transactions')).not.toBe(first)
  })

  it('are none where a filter does not fit any more', () => {
    const gone = { ...GERMANY, member: 'a_column_that_was' }
    expect(datasets.of(accessOf({ transactions: { members: null, filters: [gone] } })).names).toEqual([])
  })

  it('mean other rows on the next day where a filter counts from today', () => {
    vi.useFakeTimers({ now: Date.parse('2024-05-15T23:59:59.999Z') })
    try {
      const filters = [{ member: 'transaction_date', operator: 'inDateRange', values: ['today'] }]
      const daysOf = () => {
        const { restriction } = datasets.of(accessOf({ transactions: { members: null, filters } })).get('transactions')
        return Object.values(restriction!.params)
      }
      expect(daysOf()).toEqual(['2024-05-15', '2024-05-15'])
      vi.advanceTimersByTime(1)
      expect(daysOf()).toEqual(['2024-05-16', '2024-05-16'])
    } finally {
      vi.useRealTimers()
    }
  })

  it('have days of UTC in their filters', () => {
    const filters = [{ member: 'timestamp', operator: 'inDateRange', values: ['2024-01-01'] }]
    const { restriction } = datasets.of(accessOf({ events: { members: null, filters } })).get('events')
    expect(restriction!.rowSql).toContain("'UTC'")
    expect(restriction!.rowSql).not.toContain('{timezone')
    expect(restriction!.params).not.toHaveProperty('timezone')
  })

  it('have all members behind endpoints, and the rows of the caller', () => {
    const access = accessOf({ transactions: { members: [], filters: [GERMANY] } }, { endpoints: ['sales'] })
    expect(datasets.of(access).names).toEqual([])
    const lookup = datasets.behindEndpoints(access)
    expect(lookup.names).toEqual(registry.current.names)
    expect(lookup.get('transactions').restriction).toMatchObject({ members: null, params: { access_p0: 'Germany' } })
    expect(lookup.get('events').restriction!.rowSql).toBeUndefined()
  })
})
