import { useMutation, useQueries, useQueryClient } from '@tanstack/react-query'
import { request, type Schemas } from '../../api/http'
import type { Board, SavedQuery } from '../../boards/boards'

type QueryBody = Schemas['QueryRequest']

/** A paid result is still there when the user comes back to the page. */
const CACHE_MS = 30 * 60_000
/** A user may have eight running. */
const AT_ONCE = 4
/** For so long a cost is taken as known. */
const COST_MS = 60_000

/** Of one revision: a query that was changed has no result yet. */
function resultOptions(saved: SavedQuery) {
  return {
    queryKey: ['tile-results', saved.id, saved.revision],
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      request('POST /v1/query', { body: saved.query as unknown as QueryBody, signal }),
    retry: false,
    gcTime: CACHE_MS,
  }
}

/** The saved queries of the tiles that exist for the user and can be executed, each once. */
export function queriesOf({ tiles }: Pick<Board, 'tiles'>): SavedQuery[] {
  const all = tiles.flatMap(({ savedQuery }) => (savedQuery && !savedQuery.broken ? savedQuery : []))
  return [...new Map(all.map((each) => [each.id, each])).values()]
}

/** The results of saved queries: asked for by `load` alone, since each costs credits. */
export function useTileResults(queries: SavedQuery[]) {
  const client = useQueryClient()
  const results = useQueries({
    queries: queries.map((saved) => ({ ...resultOptions(saved), enabled: false, staleTime: Infinity })),
  })
  const load = useMutation({
    mutationFn: async (chosen: SavedQuery[]) => {
      for (let first = 0; first < chosen.length; first += AT_ONCE) {
        const some = chosen.slice(first, first + AT_ONCE)
        // Each tile tells its own error.
        await Promise.allSettled(some.map((saved) => client.fetchQuery({ ...resultOptions(saved), staleTime: 0 })))
      }
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['me'] }),
  })
  const times = results.map(({ dataUpdatedAt }) => dataUpdatedAt)
  return {
    byId: new Map(queries.map(({ id }, index) => [id, results[index]!])),
    load: (chosen: SavedQuery[] = queries) => load.mutate(chosen),
    isLoading: load.isPending,
    /** when the oldest of them was made; undefined where one has none */
    loadedAt: times.includes(0) ? undefined : Math.min(...times),
    hasFailed: results.some(({ isError }) => isError),
  }
}

export type TileResult = ReturnType<typeof useTileResults>['byId'] extends Map<string, infer Result> ? Result : never

/** What all of them cost together, in credits; undefined until that is known. Free to ask. */
export function useTotalCost(queries: SavedQuery[]): number | undefined {
  const costs = useQueries({
    queries: queries.map((saved) => ({
      queryKey: ['dry-run', 'tile', saved.id, saved.revision],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        request('POST /v1/query/dry-run', { body: saved.query as unknown as QueryBody, signal }),
      retry: false,
      staleTime: COST_MS,
    })),
  })
  if (costs.some(({ isPending }) => isPending)) return undefined
  return costs.reduce((total, { data }) => total + (data?.costCredits ?? 0), 0)
}
