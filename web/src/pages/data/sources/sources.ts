import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { request, type Schemas } from '../../../api/http'

export type Source = Schemas['Source']
export type SourceType = Source['type']
export type SourceBody = Schemas['CreateSourceBody']

/** The most that a list gives at once. */
const ALL = 500
const WHILE_RUNNING_MS = 2000

const keyOf = (dataset: string) => ['sources', dataset]

/** Where the files of a dataset are pulled from. */
export function useSources(dataset: string) {
  return useQuery({
    queryKey: keyOf(dataset),
    queryFn: ({ signal }) =>
      request('GET /v1/admin/datasets/{name}/sources', { path: { name: dataset }, query: { limit: ALL }, signal }),
    select: ({ data }) => data,
    refetchInterval: ({ state }) => (state.data?.data.some(({ isRunning }) => isRunning) ? WHILE_RUNNING_MS : false),
  })
}

export function useCreateSource(dataset: string) {
  return useChange(dataset, (body: SourceBody) =>
    request('POST /v1/admin/datasets/{name}/sources', { path: { name: dataset }, body }),
  )
}

export function useEnableSource({ dataset, id }: Source) {
  return useChange(dataset, (isEnabled: boolean) =>
    request('PATCH /v1/admin/datasets/{name}/sources/{id}', { path: { name: dataset, id }, body: { isEnabled } }),
  )
}

/** Looks at it now; also once more at what could not be loaded. */
export function useRunSource({ dataset, id }: Source) {
  return useChange(dataset, () =>
    request('POST /v1/admin/datasets/{name}/sources/{id}/run', {
      ...{ path: { name: dataset, id }, body: { retryFailed: true } },
    }),
  )
}

export function useRemoveSource({ dataset, id }: Source) {
  return useChange(dataset, () =>
    request('DELETE /v1/admin/datasets/{name}/sources/{id}', { path: { name: dataset, id } }),
  )
}

function useChange<Body, Result>(dataset: string, mutationFn: (body: Body) => Promise<Result>) {
  const client = useQueryClient()
  return useMutation({ mutationFn, onSuccess: () => client.invalidateQueries({ queryKey: keyOf(dataset) }) })
}

/** Where it reads, in one line. */
export function placeOf({ type, path, pattern, urls = [], bucket, prefix }: Source): string {
  switch (type) {
    case 'folder':
      return [path || 'SOURCES_DIR', ...(pattern ? [pattern] : [])].join('/')
    case 'http':
      return urls.length > 1 ? `${urls[0]} and ${urls.length - 1} more` : (urls[0] ?? '')
    case 's3':
      return `s3://${bucket ?? ''}/${prefix ?? ''}`
  }
}
