import { TallyCounter } from '../common/metrics/tally-counter.js'
import { REQUEST_BUCKETS_SECONDS, TallyHistogram } from '../common/metrics/tally-histogram.js'
import type { LogRow } from './request-log.repository.js'

/** Paths that lead nowhere are as many as anybody likes. */
const UNMATCHED = 'unmatched'

const requests = new TallyCounter({
  name: 'countinghouse_http_requests_total',
  help: 'Requests by their route and status; 499: the client left before its answer was whole',
  labelNames: ['method', 'route', 'status'],
})
const durations = new TallyHistogram(
  {
    name: 'countinghouse_http_request_duration_seconds',
    help: 'How long requests took, without the time that a stream was open',
    labelNames: ['method', 'route'],
  },
  REQUEST_BUCKETS_SECONDS,
)

export function countRequest({ method, endpoint, matched, status, durationMs }: LogRow): void {
  const route = matched ? endpoint : UNMATCHED
  const key = `${method} ${route}`
  requests.add(`${key} ${status}`, () => ({ method, route, status: String(status) }))
  durations.observe(key, () => ({ method, route }), durationMs / 1000)
}
