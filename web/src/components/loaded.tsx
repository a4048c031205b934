import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ApiProblem } from '../api/http'
import { Placeholder } from './placeholder'
import { ProblemAlert } from './problem-alert'

interface LoadedProps<T> {
  query: UseQueryResult<T>
  children: (data: T) => ReactNode
}

/** What a query brought; a placeholder while it is on its way, and what happened when it failed. */
export function Loaded<T>({ query, children }: LoadedProps<T>) {
  const retry = () => void query.refetch()
  if (query.isPending) return <Placeholder />
  if (query.isError && query.data === undefined) return <ProblemAlert error={query.error} retry={retry} />
  return (
    <>
      {query.isError && !isOutOfReach(query.error) && <ProblemAlert error={query.error} retry={retry} />}
      {children(query.data as T)}
    </>
  )
}

/** The frame of the page says so already, once for all that is shown. */
function isOutOfReach(error: Error): boolean {
  return error instanceof ApiProblem && error.status === 0
}
