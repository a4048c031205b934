import type { ExploreQuery } from '../query'

/** A shell command that executes the query. The key stays out of it. */
export function commandOf(query: ExploreQuery): string {
  const body = JSON.stringify(query, null, 2).replaceAll("'", `'\\''`)
  return `curl -H "x-api-key: $KEY" ${window.location.origin}/v1/query --json '${body}'`
}
