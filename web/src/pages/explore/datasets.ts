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

export function isMeasure({ kind }: Member): boolean {
  return kind === 'measure'
}

export function isDimension({ kind }: Member): boolean {
  return kind !== 'measure'
}

export function isTime({ kind }: Member): boolean {
  return kind === 'time'
}
