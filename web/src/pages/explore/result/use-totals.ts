import { useMutation, useQueries } from '@tanstack/react-query'
import { request } from '../../../api/http'
import type { AskedTotals } from '../../../results/pivot'
import { textOf, type ExploreQuery } from '../query'
import { useSpent } from '../credits'
import { askedTotals } from './total-queries'

/** Asks for totals only when that is wanted: each of the queries costs what any query does. */
export function useTotals(queries: ExploreQuery[], key: string) {
  const spent = useSpent()
  const costs = useQueries({
    queries: queries.map((body) => ({
      queryKey: ['dry-run', textOf(body)],
      queryFn: ({ signal }: { signal: AbortSignal }) => request('POST /v1/query/dry-run', { body, signal }),
    })),
  })
  const asking = useMutation({
    mutationFn: async (): Promise<{ key: string; totals: AskedTotals }> => {
      const responses = await Promise.all(queries.map((body) => request('POST /v1/query', { body })))
      spent(Math.min(...responses.map(({ credits }) => credits.remaining)))
      return { key, totals: askedTotals(responses.map(({ data }) => data)) }
    },
  })
  return {
    /** of the result that is shown, and of no other */
    totals: asking.data?.key === key ? asking.data.totals : undefined,
    costCredits: costs.reduce((total, { data }) => total + (data?.costCredits ?? 1), 0),
    ask: () => asking.mutate(),
    isPending: asking.isPending,
    error: asking.error,
  }
}
