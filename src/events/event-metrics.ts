import { TallyCounter } from '../common/metrics/tally-counter.js'
import { AppError } from '../common/errors/app-error.js'

const accepted = new TallyCounter({
  name: 'countinghouse_events_accepted_total',
  help: 'Events that are stored',
  labelNames: [],
})

const rejected = new TallyCounter({
  name: 'countinghouse_events_rejected_total',
  help: 'Events that are not stored: invalid, rate_limited (too many of the account wait) or unavailable',
  labelNames: ['reason'],
})

export function countAccepted(events: number): void {
  accepted.add('', () => ({}), events)
}

type Rejection = 'invalid' | 'rate_limited' | 'unavailable'

export function countRejected(reason: Rejection, events: number): void {
  rejected.add(reason, () => ({ reason }), events)
}

/** Why events that could have been stored are not. */
export function rejectionOf(error: unknown): Rejection {
  return error instanceof AppError && error.code === 'RATE_LIMITED' ? 'rate_limited' : 'unavailable'
}
