import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { request, type Schemas } from '../../api/http'
import { missingParts, isBlank, parseExploreQuery, textOf, type ExploreQuery } from './query'

export type DryRun = Schemas['DryRunResponse']

const DEBOUNCE_MS = 400

/** What a query would cost, and what is wrong with it; free. */
export function useDryRun(query: ExploreQuery) {
  const isReady = !isBlank(query) && missingParts(query).length === 0
  const [text] = useDebouncedValue(textOf(query), DEBOUNCE_MS)
  return useQuery({
    queryKey: ['dry-run', text],
    queryFn: ({ signal }) => request('POST /v1/query/dry-run', { body: parseExploreQuery(text)!, signal }),
    enabled: isReady && text === textOf(query),
    placeholderData: (previous) => previous,
  })
}
