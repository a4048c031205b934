import { useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { request, type Schemas } from '../../api/http'
import { PAGE_SIZE } from '../../api/page'

export type Ingestion = Schemas['IngestionResponse']
export type Format = Ingestion['format']
export type IngestionStatus = Ingestion['status']
export const STATUSES: readonly IngestionStatus[] = ['queued', 'running', 'succeeded', 'failed', 'canceled']
export type IngestionWarning = Schemas['IngestionWarningResponse']
export type Reject = Schemas['RejectResponse']
export type FileColumn = Schemas['FileColumn']
export type FileDataset = Schemas['FileDataset']

const ALL = ['ingestions']
const WHILE_RUNNING_MS = 2000

export const ingestionKey = (id: string) => [...ALL, 'one', id]

export function isEnded({ status }: Pick<Ingestion, 'status'>): boolean {
  return status !== 'queued' && status !== 'running'
}

/** What a load is called where it has no file name. */
export function nameOf({ fileName, format }: Pick<Ingestion, 'fileName' | 'format'>): string {
  return fileName || `a ${format} file without a name`
}

export function useIngestions(filter: { offset: number; status: string | null; dataset: string | null }) {
  return useQuery({
    queryKey: [...ALL, 'list', filter],
    queryFn: ({ signal }) => request('GET /v1/ingestions', { signal, query: { limit: PAGE_SIZE, ...filter } }),
    placeholderData: (previous) => previous,
    refetchInterval: ({ state }) => (state.data?.data.every(isEnded) === false ? WHILE_RUNNING_MS : false),
  })
}

export function useIngestion(id: string) {
  return useQuery({
    queryKey: ingestionKey(id),
    queryFn: ({ signal }) => request('GET /v1/ingestions/{id}', { path: { id }, signal }),
  })
}

export function useRejects(id: string, offset: number) {
  return useQuery({
    queryKey: [...ALL, 'rejects', id, offset],
    queryFn: ({ signal }) =>
      request('GET /v1/ingestions/{id}/rejects', {
        path: { id },
        signal,
        query: { limit: PAGE_SIZE, offset },
      }),
    // Without summary=true it lists the rows.
    select: ({ data, pagination }) => ({ data: data as Reject[], pagination }),
    placeholderData: (previous) => previous,
  })
}

/** The datasets that take files. */
export function useFileDatasets() {
  return useQuery({
    queryKey: ['file-datasets'],
    queryFn: ({ signal }) => request('GET /v1/ingestions/datasets', { signal }),
    select: ({ data }) => data,
    staleTime: Infinity,
  })
}

export function useCancelIngestion(id: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => request('POST /v1/ingestions/{id}/cancel', { path: { id } }),
    onSuccess: (job) => keepEnded(client, job),
  })
}

export function useDeleteIngestion(id: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => request('DELETE /v1/ingestions/{id}', { path: { id } }),
    onSuccess: (job) => keepEnded(client, job),
  })
}

/** What a job did to the data shows everywhere: lists, figures and reports are asked for anew. */
export function keepEnded(client: QueryClient, job: Ingestion): void {
  client.setQueryData(ingestionKey(job.id), job)
  void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' && queryKey[1] !== 'one' })
}
