import { useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { request, type Schemas } from '../../api/http'
import { PAGE_SIZE } from '../../api/page'
import type { DeclaredDataset } from './declaration/declarations'
import type { FileOptions } from './file-options/file-options'

export type Ingestion = Schemas['IngestionResponse']
export type Format = Ingestion['format']
export type IngestionStatus = Ingestion['status']
export const STATUSES: readonly IngestionStatus[] = ['queued', 'running', 'succeeded', 'failed', 'canceled']
export type IngestionWarning = Schemas['IngestionWarningResponse']
export type Reject = Schemas['RejectResponse']
export type RejectReason = Schemas['RejectSummaryResponse']
/** `format`: how the dates of a declared column are written where a mapping does not say otherwise. */
export type FileColumn = Schemas['FileColumn'] & { format?: string }
export type FileDataset = Omit<Schemas['FileDataset'], 'columns'> & {
  columns: FileColumn[]
  isDeclared: boolean
  /** how its files are written where an upload does not say otherwise */
  fileOptions: FileOptions
}

const ALL = ['ingestions']
const WHILE_RUNNING_MS = 2000
/** the most that a list gives at once */
const MAX_LIST = 500

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
    queryFn: async ({ signal }) => {
      const query = { limit: PAGE_SIZE, offset }
      const { data, pagination } = await request('GET /v1/ingestions/{id}/rejects', { path: { id }, signal, query })
      return { data: data as Reject[], pagination }
    },
    placeholderData: (previous) => previous,
  })
}

/** Why rows were rejected, and how many for each reason, most first. */
export function useRejectReasons(id: string) {
  return useQuery({
    queryKey: [...ALL, 'reject-reasons', id],
    queryFn: async ({ signal }) => {
      const query = { limit: MAX_LIST, summary: true }
      const { data, pagination } = await request('GET /v1/ingestions/{id}/rejects', { path: { id }, signal, query })
      return { data: data as RejectReason[], pagination }
    },
  })
}

/** The datasets that take files. */
export function useFileDatasets() {
  return useQuery({
    queryKey: ['file-datasets'],
    queryFn: async ({ signal }) => {
      const query = { limit: MAX_LIST }
      const [files, declared] = await Promise.all([
        request('GET /v1/ingestions/datasets', { signal, query }),
        request('GET /v1/admin/datasets', { signal, query }),
      ])
      return files.data.map((dataset) => fileDatasetOf(dataset, declared.data as DeclaredDataset[]))
    },
  })
}

function fileDatasetOf(dataset: Schemas['FileDataset'], declared: DeclaredDataset[]): FileDataset {
  const own = declared.find(({ name }) => name === dataset.name)
  const formatOf = (name: string) => own?.columns.find((column) => column.name === name)?.format
  const fileOptions = own?.fileOptions ?? {}
  const columns = dataset.columns.map((column) => ({
    ...column,
    format: formatOf(column.column) ?? fileOptions.dateFormat,
  }))
  return { ...dataset, columns, isDeclared: own !== undefined, fileOptions }
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
