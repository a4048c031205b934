import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { ApiProblem } from './http'
import { endSession } from '../session/use-session'

const MAX_RETRIES = 2

/** One for the page. A response of 401 ends the session here as well. */
export function createQueryClient(): QueryClient {
  const onError = (error: Error) => {
    if (error instanceof ApiProblem && error.status === 401) endSession(client)
  }
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      // Without a network there still is the server on this machine.
      mutations: { networkMode: 'always' },
      queries: {
        networkMode: 'always',
        staleTime: 10_000,
        refetchOnWindowFocus: false,
        retry: (failures, error) => failures < MAX_RETRIES && isWorthRetrying(error),
        retryDelay: (attempt, error) =>
          error instanceof ApiProblem && error.retryAfter ? error.retryAfter * 1000 : 500 * 2 ** attempt,
      },
    },
  })
  return client
}

/** What the server refuses it refuses again; what it could not do just now it may do in a moment. */
function isWorthRetrying(error: Error): boolean {
  return error instanceof ApiProblem && (error.status === 0 || error.status === 429 || error.status >= 500)
}
