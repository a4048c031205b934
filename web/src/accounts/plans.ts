import { useQuery } from '@tanstack/react-query'
import { request, type Schemas } from '../api/http'
import { useChange } from '../api/use-change'

export type Plan = Schemas['Plan']

/** More of them than anybody would choose from. */
const MAX_PLANS = 500

export function usePlans() {
  return useQuery({
    queryKey: ['plans'],
    queryFn: ({ signal }) => request('GET /v1/admin/plans', { query: { limit: MAX_PLANS }, signal }),
  })
}

/** A change of plans; whatever is shown of them is asked for again after it. */
export function usePlanChange<Input, Output>(
  mutationFn: (input: Input) => Promise<Output>,
  onDone?: (response: Output) => void,
) {
  return useChange([['plans']], mutationFn, onDone)
}
