import { useQuery } from '@tanstack/react-query'
import { request, type Schemas } from '../../api/http'

export type Member = Schemas['DatasetMember']
export type Dataset = Schemas['DatasetInfo']

/** the most that a list gives at once */
const MAX_LIST = 500

/** The datasets that can be queried. */
export function useDatasets() {
  return useQuery({
    queryKey: ['datasets'],
    queryFn: ({ signal }) => request('GET /v1/datasets', { signal, query: { limit: MAX_LIST } }),
    select: ({ data }) => data,
  })
}

/** What people call a dataset; its name while that is not known. */
export function useDatasetTitle(): (name: string) => string {
  const { data } = useDatasets()
  return (name) => data?.find((dataset) => dataset.name === name)?.title ?? name
}

export function isMeasure({ kind }: Member): boolean {
  return kind === 'measure'
}

export function isDimension({ kind }: Member): boolean {
  return kind !== 'measure'
}

export function isTime({ kind }: Member): boolean {
  return kind === 'time'
}
