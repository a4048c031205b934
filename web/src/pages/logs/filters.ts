import { useAddressFilters } from '../../components/use-address-filters'

const NAMES = ['userId', 'keyId', 'endpoint', 'status', 'from', 'to', 'console'] as const

/** Which lines; empty texts let all through. */
export type LogFilters = Record<(typeof NAMES)[number], string>

/** In the place of a status: every one of 400 and above. */
export const ANY_ERROR = 'error'

export function useLogFilters() {
  return useAddressFilters(NAMES)
}

/** As the server takes them. What the console asks for by itself is left out unless it is wanted. */
export function queryOf({ status, console, ...filters }: LogFilters) {
  return {
    ...filters,
    status: status === ANY_ERROR ? '' : status,
    error: status === ANY_ERROR || '',
    console: console === '' ? false : '',
  }
}
