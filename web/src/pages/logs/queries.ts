import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query'
import { ApiProblem, request, type Schemas } from '../../api/http'
import type { LogFilters } from './filters'

export type LogEntry = Schemas['LogEntry']

export const LOGS = 'GET /v1/admin/logs'
const PAGE_LINES = 50
export const TAIL_LINES = 200
const TAIL_MS = 2_000
const FOUND_USERS = 20
const NAMES_MS = 60_000

export function useLogPage(filters: LogFilters, cursor: string | null) {
  return useQuery({
    queryKey: ['logs', 'page', filters, cursor],
    queryFn: ({ signal }) => request(LOGS, { query: { ...filters, cursor, limit: PAGE_LINES }, signal }),
    placeholderData: keepPreviousData,
  })
}

/** The newest lines, again and again; it rests while the page is not looked at. */
export function useLogTail(filters: LogFilters) {
  return useQuery({
    queryKey: ['logs', 'tail', filters],
    queryFn: ({ signal }) => request(LOGS, { query: { ...filters, limit: TAIL_LINES }, signal }),
    refetchInterval: TAIL_MS,
    staleTime: 0,
    placeholderData: keepPreviousData,
    // What is asked for again in two seconds anyway need not insist.
    retry: false,
  })
}

/** null: deleted, which the server does not tell from an id of nobody */
export type UserNames = ReadonlyMap<string, string | null>

/** The names of these users as far as they are known by now. */
export function useUserNames(ids: readonly string[]): UserNames {
  return useQueries({
    queries: [...new Set(ids)].map((id) => ({
      queryKey: ['users', id, 'name'],
      queryFn: async () => ({ id, name: await nameOf(id) }),
      // Who was deleted does not come back.
      staleTime: ({ state }: { state: { data?: { name: string | null } } }) =>
        state.data?.name === null ? Infinity : NAMES_MS,
      retry: false,
    })),
    combine: (results) => new Map(results.flatMap(({ data }) => (data ? [[data.id, data.name]] : []))),
  })
}

async function nameOf(id: string): Promise<string | null> {
  return request('GET /v1/admin/users/{id}', { path: { id } }).then(
    ({ username }) => username,
    (error: unknown) => {
      if (error instanceof ApiProblem && error.status === 404) return null
      throw error
    },
  )
}

/** What a user is called where there is nothing but the id. */
export function userLabelOf(id: string, names: UserNames): string {
  const shortId = `…${id.slice(-8)}`
  return names.get(id) === null ? `deleted user ${shortId}` : (names.get(id) ?? shortId)
}

export function useFoundUsers(search: string) {
  return useQuery({
    queryKey: ['users', 'found', search],
    queryFn: ({ signal }) => request('GET /v1/admin/users', { query: { search, limit: FOUND_USERS }, signal }),
    placeholderData: keepPreviousData,
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
