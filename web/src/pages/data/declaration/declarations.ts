import { useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { request, type Schemas } from '../../../api/http'
import type { FileOptions } from '../file-options/file-options'

/** The body of POST /v1/admin/datasets. */
export type Declaration = Omit<Schemas['CreateDatasetBody'], 'fileOptions'> & { fileOptions?: FileOptions }
export type DeclaredDataset = Omit<Schemas['DeclaredDataset'], 'fileOptions'> & { fileOptions: FileOptions }
export type DatasetColumn = Schemas['DatasetColumn']
export type ColumnType = DatasetColumn['type']
export type DatasetMeasure = Schemas['DatasetMeasure']
export type MeasureType = DatasetMeasure['type']
export type DatasetChanges = Omit<Schemas['UpdateDatasetBody'], 'fileOptions'> & { fileOptions?: FileOptions }
export type Price = Schemas['DatasetPriceBody']
export type DatasetInfo = Schemas['DatasetInfo']

/** The most that a list gives at once. */
const ALL = 500

/** What each type of column is called. */
export const TYPE_NAMES: Record<ColumnType, string> = {
  text: 'text',
  integer: 'whole number',
  decimal: 'decimal',
  number: 'double',
  boolean: 'yes or no',
  date: 'date',
  timestamp: 'date, time',
}

/** Everything that can be queried, built in or declared. */
export function useAllDatasets() {
  return useQuery({
    queryKey: ['datasets', 'all'],
    queryFn: ({ signal }) => request('GET /v1/datasets', { signal, query: { limit: ALL } }),
    select: ({ data }) => data,
  })
}

/** Those that the operator declared. */
export function useDeclaredDatasets() {
  return useQuery({ queryKey: ['declared-datasets'], queryFn: ({ signal }) => declaredDatasets(signal) })
}

async function declaredDatasets(signal: AbortSignal): Promise<DeclaredDataset[]> {
  const { data } = await request('GET /v1/admin/datasets', { signal, query: { limit: ALL } })
  return data
}

/** A dataset with what was declared of it; `declared` is null for one that is built in. */
export function useDataset(name: string) {
  return useQuery({
    queryKey: ['dataset', name],
    queryFn: async ({ signal }): Promise<{ info: DatasetInfo; declared: DeclaredDataset | null }> => {
      // By its name a built-in one would be refused, and stand in the log as an error.
      const [info, declared] = await Promise.all([
        request('GET /v1/datasets/{name}', { path: { name }, signal }),
        declaredDatasets(signal),
      ])
      return { info, declared: declared.find((dataset) => dataset.name === name) ?? null }
    },
  })
}

export function useUpdateDataset(name: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: DatasetChanges) =>
      request('PATCH /v1/admin/datasets/{name}', { path: { name }, body: body as Schemas['UpdateDatasetBody'] }),
    onSuccess: () => datasetsChanged(client),
  })
}

export function useDropDataset(name: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => request('DELETE /v1/admin/datasets/{name}', { path: { name }, query: { confirm: name } }),
    onSuccess: () => {
      client.removeQueries({ queryKey: ['dataset', name] })
      datasetsChanged(client)
    },
  })
}

export function useDeclare() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (declaration: Declaration) =>
      request('POST /v1/admin/datasets', { body: declaration as Schemas['CreateDatasetBody'] }),
    onSuccess: () => datasetsChanged(client),
  })
}

/** Lists, selects and figures all over the console name datasets. */
function datasetsChanged(client: QueryClient): void {
  void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' && queryKey[0] !== 'results' })
}
