import { useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { request } from '../../api/http'
import { PAGE_SIZE, type Page } from '../../api/page'

export type Format = 'csv' | 'tsv' | 'json' | 'ndjson' | 'xml' | 'parquet'
export type IngestionStatus = 'queued' | 'running' | 'succeeded' | 'failed' | 'canceled'
export const STATUSES: readonly IngestionStatus[] = ['queued', 'running', 'succeeded', 'failed', 'canceled']

export interface Ingestion {
  id: string
  dataset: string
  format: Format
  fileName: string | null
  status: IngestionStatus
  bytesTotal: number
  bytesDone: number
  rowsRead: number
  rowsAccepted: number
  rowsRejected: number
  createdAt: string
  startedAt: string | null
  finishedAt: string | null
  error: string | null
  sha256: string
  duplicate: boolean
  deletedAt: string | null
  rowsPerSecond: number | null
  secondsRemaining: number | null
}

export interface Reject {
  row: number
  line: number
  column: string | null
  reason: string
  value: string
  raw: string
}

export interface FileColumn {
  column: string
  title: string
  type: 'text' | 'date' | 'decimal' | 'int32'
  required: boolean
  key: boolean
}

export interface FileDataset {
  name: string
  title: string
  description: string
  columns: FileColumn[]
  /** of the columns of each list a record needs a value in at least one */
  alternatives: string[][]
}

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
    queryFn: ({ signal }) =>
      request<Page<Ingestion>>('GET', '/v1/ingestions', { signal, query: { limit: PAGE_SIZE, ...filter } }),
    placeholderData: (previous) => previous,
    refetchInterval: ({ state }) => (state.data?.data.every(isEnded) === false ? WHILE_RUNNING_MS : false),
  })
}

export function useIngestion(id: string) {
  return useQuery({
    queryKey: ingestionKey(id),
    queryFn: ({ signal }) => request<Ingestion>('GET', `/v1/ingestions/${encodeURIComponent(id)}`, { signal }),
  })
}

export function useRejects(id: string, offset: number) {
  return useQuery({
    queryKey: [...ALL, 'rejects', id, offset],
    queryFn: ({ signal }) =>
      request<Page<Reject>>('GET', `/v1/ingestions/${encodeURIComponent(id)}/rejects`, {
        signal,
        query: { limit: PAGE_SIZE, offset },
      }),
    placeholderData: (previous) => previous,
  })
}

/** The datasets that take files. */
export function useFileDatasets() {
  return useQuery({
    queryKey: ['file-datasets'],
    queryFn: ({ signal }) => request<Page<FileDataset>>('GET', '/v1/ingestions/datasets', { signal }),
    select: ({ data }) => data,
    staleTime: Infinity,
  })
}

export function useCancelIngestion(id: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => request<Ingestion>('POST', `/v1/ingestions/${id}/cancel`),
    onSuccess: (job) => keepEnded(client, job),
  })
}

export interface DeletedIngestion extends Ingestion {
  rowsDeleted: number
  message: string
}

export function useDeleteIngestion(id: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => request<DeletedIngestion>('DELETE', `/v1/ingestions/${id}`),
    onSuccess: (job) => keepEnded(client, job),
  })
}

/** What a job did to the data shows everywhere: lists, figures and reports are asked for anew. */
export function keepEnded(client: QueryClient, job: Ingestion): void {
  client.setQueryData(ingestionKey(job.id), job)
  void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' && queryKey[1] !== 'one' })
}
