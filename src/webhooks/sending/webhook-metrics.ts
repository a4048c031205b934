import { TallyCounter } from '../../common/metrics/tally-counter.js'
import { TallyHistogram } from '../../common/metrics/tally-histogram.js'
import { WEBHOOK_EVENTS } from '../webhook-events.js'

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

const OUTCOMES = ['delivered', 'retried', 'given-up'] as const
export type AttemptOutcome = (typeof OUTCOMES)[number]

// From 0 on: a series that begins with its first failure shows no rise.
for (const event of WEBHOOK_EVENTS) for (const outcome of OUTCOMES) addAttempts(event, outcome, 0)

export function countAttempt(event: string, outcome: AttemptOutcome, seconds: number): void {
  addAttempts(event, outcome, 1)
  durations.observe(outcome, () => ({ outcome }), seconds)
}

function addAttempts(event: string, outcome: AttemptOutcome, count: number): void {
  attempts.add(`${event} ${outcome}`, () => ({ event, outcome }), count)
}
