import { useQuery } from '@tanstack/react-query'
import { request } from '../../api/http'

export const OWN_KEYS = ['me', 'keys']

/** One's own keys, revoked ones too. */
export function useOwnKeys() {
  return useQuery({
    queryKey: OWN_KEYS,
    queryFn: ({ signal }) => request('GET /v1/me/keys', { query: { limit: 200 }, signal }),
    // Every query meanwhile changed what is used of their limits.
    refetchOnMount: 'always',
  })
}
