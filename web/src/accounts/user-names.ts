import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query'
import { ApiProblem, request } from '../api/http'

const FOUND_USERS = 20
const NAMES_MS = 60_000

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

export function useFoundUsers(search: string, enabled = true) {
  return useQuery({
    queryKey: ['users', 'found', search],
    queryFn: ({ signal }) => request('GET /v1/admin/users', { query: { search, limit: FOUND_USERS }, signal }),
    placeholderData: keepPreviousData,
    enabled,
  })
}
