import { describe, expect, it } from 'vitest'
import type { AccessCatalog } from './access-catalog'
import { accessOf, draftOf, type AccessDraft } from './access-draft'
import { summaryOfAccess, textOfAccess } from './access-text'

const CATALOG: AccessCatalog = {
  datasets: [
    {
      name: 'orders',
      title: 'Orders',
      members: [
        { name: 'country', title: 'Country', type: 'text', kind: 'dimension' },
        { name: 'revenue', title: 'Revenue', type: 'decimal', kind: 'measure' },
      ],
    },
    { name: 'rides', title: 'Bike rides', members: [] },
  ],
  endpoints: [{ name: 'monthly-sales', title: 'Sales by month' }],
}
const NOTHING: AccessDraft = { isLimited: true, datasets: [], allEndpoints: false, endpoints: [], dashboards: false }
const PART = {
  name: 'orders',
  allMembers: false,
  members: ['country', 'revenue'],
  filters: [{ member: 'country', operator: 'equals' as const, values: ['Germany', 'Austria'] }],
}
const ALL = { name: 'rides', allMembers: true, members: [], filters: [] }

const text = (changes: Partial<AccessDraft>) => textOfAccess({ ...NOTHING, ...changes }, 'user', CATALOG)

describe('an access policy in words', () => {
  it('names datasets, columns and rows by their titles', () => {
    expect(text({ datasets: [PART, ALL] })).toBe(
      'This user may query Country and Revenue of Orders where Country is Germany or Austria; query all of Bike rides, but not open dashboards.',
    )
  })

  it('names endpoints and dashboards', () => {
    expect(text({ endpoints: ['monthly-sales'], dashboards: true })).toBe(
      'This user may call the endpoint Sales by month; open the dashboards and live streams, which show all rows.',
    )
    expect(text({ allEndpoints: true })).toBe('This user may call every endpoint, but not open dashboards.')
  })

  it('counts what would be too long to read', () => {
    const members = Array.from({ length: 9 }, (_each, at) => `m${at}`)
    expect(text({ datasets: [{ ...PART, members, filters: [] }] })).toContain(
      '9 of the 9 columns and measures of Orders',
    )
  })

  it('says so when nothing is left, as of a dataset without columns', () => {
    expect(text({ datasets: [{ ...PART, members: [] }] })).toBe('This user may see nothing.')
    expect(textOfAccess(draftOf(null), 'key', CATALOG)).toBe('This key sees what its user sees.')
  })

  it('is summed up for a table', () => {
    const summary = (changes: Partial<AccessDraft>) => summaryOfAccess(accessOf({ ...NOTHING, ...changes })!, CATALOG)
    expect(summary({ datasets: [PART, ALL], endpoints: ['a', 'b'] })).toBe('part of Orders, Bike rides, 2 endpoints')
    expect(summary({})).toBe('nothing')
  })

  it('is the same policy after it was edited', () => {
    const access = accessOf({ ...NOTHING, datasets: [PART, ALL], endpoints: ['monthly-sales'] })
    expect(accessOf(draftOf(access))).toEqual(access)
    expect(accessOf(draftOf(null))).toBeNull()
  })
})
