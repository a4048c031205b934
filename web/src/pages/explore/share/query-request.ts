import type { SnippetRequest } from '../../../../../clients/snippets/snippets'
import type { ExploreQuery } from '../query'

/** The request that executes the query, for the address under which this page was opened. */
export function queryRequest(query: ExploreQuery): SnippetRequest {
  return { method: 'POST', url: `${window.location.origin}/v1/query`, json: query }
}
