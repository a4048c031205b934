import { useSearchParams } from 'react-router'

/** Which lines; empty texts let all through. */
export interface LogFilters {
  userId: string
  endpoint: string
  status: string
  from: string
  to: string
}

const NAMES = ['userId', 'endpoint', 'status', 'from', 'to'] as const satisfies (keyof LogFilters)[]

/** The filters are in the address, so that a view of the log can be sent to somebody. */
export function useLogFilters() {
  const [parameters, setParameters] = useSearchParams()
  const filters = Object.fromEntries(NAMES.map((name) => [name, parameters.get(name) ?? ''])) as unknown as LogFilters

  /** Begins at the newest line again. */
  const change = (changes: Partial<LogFilters>) => {
    const next = Object.entries({ ...filters, ...changes }).filter(([, value]) => value !== '')
    setParameters(next, { replace: true })
  }
  const isFiltered = NAMES.some((name) => filters[name] !== '')
  return { filters, change, isFiltered, clear: () => setParameters([], { replace: true }) }
}
