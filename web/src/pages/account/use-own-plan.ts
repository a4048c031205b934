import { useQuery } from '@tanstack/react-query'
import { request } from '../../api/http'

/** One's own plan and its current period; null without one. */
export function useOwnPlan() {
  return useQuery({
    queryKey: ['me', 'plan'],
    queryFn: ({ signal }) => request('GET /v1/me/plan', { signal }),
  })
}
