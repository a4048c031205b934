import type { AccessPolicy } from '../accounts/types'
import type { Filter } from '../filters/filter'

/** A policy while it is being edited. */
export interface AccessDraft {
  isLimited: boolean
  datasets: DatasetDraft[]
  allEndpoints: boolean
  endpoints: string[]
  dashboards: boolean
}

export interface DatasetDraft {
  name: string
  allMembers: boolean
  members: string[]
  filters: Filter[]
}

const ALL_ENDPOINTS = '*'

export function draftOf(access: AccessPolicy | null): AccessDraft {
  const { datasets = {}, endpoints = [], dashboards = false } = access ?? {}
  return {
    isLimited: access !== null,
    datasets: Object.entries(datasets).map(([name, { members, filters = [] }]) => ({
      name,
      allMembers: !members,
      members: members ?? [],
      // The server has checked them when they were set.
      filters: filters as unknown as Filter[],
    })),
    allEndpoints: endpoints === ALL_ENDPOINTS,
    endpoints: endpoints === ALL_ENDPOINTS ? [] : endpoints,
    dashboards,
  }
}

export function accessOf({ isLimited, datasets, ...draft }: AccessDraft): AccessPolicy | null {
  if (!isLimited) return null
  return {
    datasets: Object.fromEntries(
      datasets.map(({ name, allMembers, members, filters }) => [
        name,
        { members: allMembers ? null : members, filters: filters.map((filter) => ({ ...filter })) },
      ]),
    ),
    endpoints: draft.allEndpoints ? ALL_ENDPOINTS : draft.endpoints,
    dashboards: draft.dashboards,
  }
}

/** The datasets of these names, those that were there as they were. */
export function withDatasets(datasets: DatasetDraft[], names: string[]): DatasetDraft[] {
  const known = new Map(datasets.map((dataset) => [dataset.name, dataset]))
  return names.map((name) => known.get(name) ?? { name, allMembers: true, members: [], filters: [] })
}
