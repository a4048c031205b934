import type { AccessPolicy } from './types'

/** A policy while it is being edited. */
export interface AccessDraft {
  isLimited: boolean
  datasets: DatasetDraft[]
  endpoints: string[]
  dashboards: boolean
}

export interface DatasetDraft {
  name: string
  allMembers: boolean
  members: string[]
  /** JSON; empty for none */
  filters: string
}

export const ALL_ENDPOINTS = '*'

export function draftOf(access: AccessPolicy | null): AccessDraft {
  const { datasets = {}, endpoints = [], dashboards = false } = access ?? {}
  return {
    isLimited: access !== null,
    datasets: Object.entries(datasets).map(([name, { members, filters = [] }]) => ({
      name,
      allMembers: !members,
      members: members ?? [],
      filters: filters.length > 0 ? JSON.stringify(filters, null, 2) : '',
    })),
    endpoints: endpoints === ALL_ENDPOINTS ? [ALL_ENDPOINTS] : endpoints,
    dashboards,
  }
}

/** Throws where the filters of a dataset are no JSON; what they mean is the server's to check. */
export function accessOf({ isLimited, datasets, endpoints, dashboards }: AccessDraft): AccessPolicy | null {
  if (!isLimited) return null
  return {
    datasets: Object.fromEntries(
      datasets.map(({ name, allMembers, members, filters }) => [
        name,
        { members: allMembers ? null : members, filters: filtersOf(filters) ?? [] },
      ]),
    ),
    endpoints: endpoints.includes(ALL_ENDPOINTS) ? ALL_ENDPOINTS : endpoints,
    dashboards,
  }
}

/** undefined when the text is no list in JSON. */
export function filtersOf(text: string): Record<string, unknown>[] | undefined {
  if (text.trim() === '') return []
  try {
    const filters: unknown = JSON.parse(text)
    return Array.isArray(filters) ? (filters as Record<string, unknown>[]) : undefined
  } catch {
    return undefined
  }
}

/** The datasets of these names, those that were there as they were. */
export function withDatasets(datasets: DatasetDraft[], names: string[]): DatasetDraft[] {
  const known = new Map(datasets.map((dataset) => [dataset.name, dataset]))
  return names.map((name) => known.get(name) ?? { name, allMembers: true, members: [], filters: '' })
}
