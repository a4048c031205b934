import { AppError } from '../common/errors/app-error.js'

export class IdempotencyMismatchError extends AppError {
  constructor() {
    super(
      'IDEMPOTENCY_MISMATCH',
      'This Idempotency-Key was used with another body, route, response format (Accept) or access policy; use a new one.',
    )
  }
}

export class StillRunningError extends AppError {
  constructor() {
    super('CONFLICT', 'The first request with this Idempotency-Key still runs; send it again in a moment.', {
      headers: { 'retry-after': '1' },
    })
  }
}
