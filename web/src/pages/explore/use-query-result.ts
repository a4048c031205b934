import { skipToken, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { ApiProblem, request, type Schemas } from '../../api/http'
import { useSpent } from './credits'
import { textOf, type ExploreQuery } from './query'

export type QueryResponse = Schemas['QueryResponse']

export interface ExecutedQuery {
  query: ExploreQuery
  response: QueryResponse
}

const resultKey = (text: string) => ['results', text]
/** A paid result is still there when the user comes back to the page. */
const CACHE_MS = 30 * 60_000

/** Executes on `execute` only, never by itself: a result costs credits. */
export function useQueryResult(query: ExploreQuery) {
  const client = useQueryClient()
  const spent = useSpent()
  const text = textOf(query)
  const [lastText, setLastText] = useState(text)
  const connection = useRef<AbortController>(null)
  const own = useCachedResult(text)
  const last = useCachedResult(lastText)

  const execution = useMutation({
    mutationFn: async (executed: ExploreQuery): Promise<ExecutedQuery> => {
      connection.current = new AbortController()
      const { signal } = connection.current
      return { query: executed, response: await request('POST /v1/query', { body: executed, signal }) }
    },
    onSuccess: (executed) => {
      client.setQueryData(resultKey(textOf(executed.query)), executed)
      setLastText(textOf(executed.query))
      spent(executed.response.credits.remaining)
    },
  })

  return {
    /** the result of this query, else of the one that was executed before it was changed */
    executed: own.data ?? last.data,
    isCurrent: own.data !== undefined,
    executedAt: own.data ? own.dataUpdatedAt : last.dataUpdatedAt,
    execute: execution.mutate,
    cancel: () => connection.current?.abort(),
    isPending: execution.isPending,
    error: isCanceled(execution.error) ? null : execution.error,
  }
}

function useCachedResult(text: string) {
  return useQuery<ExecutedQuery>({
    queryKey: resultKey(text),
    queryFn: skipToken,
    gcTime: CACHE_MS,
    staleTime: Infinity,
  })
}

function isCanceled(error: Error | null): boolean {
  return error !== null && !(error instanceof ApiProblem)
}
