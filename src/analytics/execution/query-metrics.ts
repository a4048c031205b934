import type { FastifyRequest } from 'fastify'
import { TallyCounter } from '../../common/metrics/tally-counter.js'
import { REQUEST_BUCKETS_SECONDS, TallyHistogram } from '../../common/metrics/tally-histogram.js'
import type { LogRow } from '../../logs/request-log.repository.js'
import type { QueryExecution } from './query-execution.js'
import { QueryPricing } from '../query-pricing.js'
import { JSON_RESPONSE } from './response-formats.js'

/** What a query came to, by the status that its request ended with; all others failed. */
const OUTCOMES: Record<number, string> = {
  200: 'succeeded',
  400: 'invalid',
  402: 'insufficient_credits',
  429: 'rate_limited',
  499: 'client_left',
  503: 'unavailable',
  504: 'timed_out',
}

const queries = new TallyCounter({
  name: 'countinghouse_queries_total',
  help: 'Queries; cache is hit, miss, bypass (fresh or streamed) or none (refused before it was asked)',
  labelNames: ['dataset', 'outcome', 'cache'],
})
const durations = new TallyHistogram(
  {
    name: 'countinghouse_query_duration_seconds',
    help: 'How long queries took that succeeded, guards and charge included',
    labelNames: ['dataset', 'cache'],
  },
  REQUEST_BUCKETS_SECONDS,
)

export function countQuery(request: FastifyRequest, { status, durationMs }: LogRow): void {
  const { queryExecution } = request
  if (!queryExecution) {
    if (status === 400 && request.routeOptions.config.charged === QueryPricing) countInvalid()
    return
  }
  const dataset = queryExecution.query.dataset.name
  const outcome = OUTCOMES[status] ?? 'failed'
  const cache = cacheUseOf(queryExecution)
  const key = `${dataset} ${cache}`
  queries.add(`${key} ${outcome}`, () => ({ dataset, outcome, cache }))
  if (status === 200) durations.observe(key, () => ({ dataset, cache }), durationMs / 1000)
}

/** What could not be compiled may name any dataset. */
function countInvalid(): void {
  queries.add('', () => ({ dataset: 'unknown', outcome: 'invalid', cache: 'none' }))
}

function cacheUseOf({ lookup, format, isFresh }: QueryExecution): string {
  if (lookup?.prepared || lookup?.result) return 'hit'
  if (isFresh || format !== JSON_RESPONSE) return 'bypass'
  if (!lookup) return 'none'
  return lookup.key ? 'miss' : 'bypass'
}
