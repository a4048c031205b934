import { TallyCounter } from '../../common/metrics/tally-counter.js'
import { TallyHistogram } from '../../common/metrics/tally-histogram.js'

const BUCKETS_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

const attempts = new TallyCounter({
  name: 'countinghouse_webhook_attempts_total',
  help: 'Tries to deliver a webhook that this process made: delivered, retried (failed, to be tried again) or given up',
  labelNames: ['event', 'outcome'],
})
const durations = new TallyHistogram(
  {
    name: 'countinghouse_webhook_attempt_duration_seconds',
    help: 'How long receivers of webhooks took to respond, or to fail',
    labelNames: ['outcome'],
  },
  BUCKETS_SECONDS,
)

export type AttemptOutcome = 'delivered' | 'retried' | 'given-up'

export function countAttempt(event: string, outcome: AttemptOutcome, seconds: number): void {
  attempts.add(`${event} ${outcome}`, () => ({ event, outcome }))
  durations.observe(outcome, () => ({ outcome }), seconds)
}
