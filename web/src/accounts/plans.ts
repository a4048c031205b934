import { useQuery } from '@tanstack/react-query'
import { request, type Schemas } from '../api/http'

export type Plan = Schemas['Plan']

/** More of them than anybody would choose from. */
const MAX_PLANS = 500

export function usePlans() {
  return useQuery({
    queryKey: ['plans'],
    queryFn: ({ signal }) => request('GET /v1/admin/plans', { query: { limit: MAX_PLANS }, signal }),
  })
}
