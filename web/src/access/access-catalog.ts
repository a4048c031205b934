import { useQuery } from '@tanstack/react-query'
import { request, type Schemas } from '../api/http'

/** More of them than anybody would choose from. */
const MAX_LISTED = 500

/** What a policy can name. */
export interface AccessCatalog {
  datasets: CatalogDataset[]
  endpoints: CatalogEndpoint[]
}

export type CatalogDataset = Pick<Schemas['DatasetInfo'], 'name' | 'title'> & { members: CatalogMember[] }
export type CatalogMember = Pick<Schemas['DatasetMember'], 'name' | 'title' | 'type' | 'kind'>
type CatalogEndpoint = { name: string; title: string }

const NOTHING: AccessCatalog = { datasets: [], endpoints: [] }

/** What is there for an operator to give; nothing until it is known. */
export function useAccessCatalog(): AccessCatalog {
  const datasets = useQuery({
    queryKey: ['datasets'],
    queryFn: ({ signal }) => request('GET /v1/datasets', { query: { limit: MAX_LISTED }, signal }),
  })
  const endpoints = useQuery({
    queryKey: ['endpoints', 'all'],
    queryFn: ({ signal }) => request('GET /v1/admin/endpoints', { query: { limit: MAX_LISTED }, signal }),
  })
  return {
    datasets: datasets.data?.data ?? NOTHING.datasets,
    endpoints: endpoints.data?.data ?? NOTHING.endpoints,
  }
}

export function titleOfDataset(name: string, { datasets }: AccessCatalog): string {
  return datasets.find((dataset) => dataset.name === name)?.title ?? name
}

export function titleOfEndpoint(name: string, { endpoints }: AccessCatalog): string {
  return endpoints.find((endpoint) => endpoint.name === name)?.title || name
}

export function membersOf(dataset: string, { datasets }: AccessCatalog): CatalogMember[] {
  return datasets.find(({ name }) => name === dataset)?.members ?? []
}
