import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { request, type Schemas } from '../../api/http'
import { queryOf, type LogFilters } from './filters'

export type LogEntry = Schemas['DetailedLogEntry']

export const LOGS = 'GET /v1/admin/requests'
const PAGE_LINES = 50
export const TAIL_LINES = 200
const TAIL_MS = 2_000

export function useLogPage(filters: LogFilters, cursor: string | null) {
  return useQuery({
    queryKey: ['logs', 'page', filters, cursor],
    queryFn: ({ signal }) => request(LOGS, { query: { ...queryOf(filters), cursor, limit: PAGE_LINES }, signal }),
    placeholderData: keepPreviousData,
  })
}

/** The newest lines, again and again; it rests while the page is not looked at. */
export function useLogTail(filters: LogFilters) {
  return useQuery({
    queryKey: ['logs', 'tail', filters],
    queryFn: ({ signal }) => request(LOGS, { query: { ...queryOf(filters), limit: TAIL_LINES }, signal }),
    refetchInterval: TAIL_MS,
    staleTime: 0,
    placeholderData: keepPreviousData,
    // What is asked for again in two seconds anyway need not insist.
    retry: false,
  })
}

/** The routes that are asked most, to choose from. */
export function useTopEndpoints() {
  return useQuery({
    queryKey: ['stats'],
    queryFn: ({ signal }) => request('GET /v1/admin/stats', { signal }),
    select: ({ topEndpoints }) => [...new Set(topEndpoints.map(({ endpoint }) => endpoint))].filter(isPath),
    staleTime: 60_000,
  })
}

function isPath(endpoint: string): boolean {
  return endpoint.startsWith('/')
}
