import { AppError } from '../common/errors/app-error.js'

/** One message for unknown, malformed, expired, disabled and revoked keys: a stranger learns nothing from it. */
export class UnauthenticatedError extends AppError {
  constructor() {
    super('UNAUTHENTICATED', 'Send a valid API key in the header x-api-key, or as Authorization: Bearer KEY.', {
      headers: { 'www-authenticate': 'Bearer realm="countinghouse"' },
    })
  }
}

export class ForbiddenError extends AppError {
  constructor(message = 'This key may not do that; only an admin may.') {
    super('FORBIDDEN', message)
  }
}

/** A browser token on a route that takes none. */
export class TokenForbiddenError extends ForbiddenError {
  constructor() {
    super('A browser token may only query, and read /v1/me and /v1/me/usage; send an API key for anything else.')
  }
}

export class RateLimitedError extends AppError {
  constructor(message: string, { limit, resetSeconds }: { limit: number; resetSeconds: number }) {
    super('RATE_LIMITED', message, {
      headers: {
        'retry-after': String(Math.max(1, resetSeconds)),
        'ratelimit-limit': String(limit),
        'ratelimit-remaining': '0',
        'ratelimit-reset': String(resetSeconds),
      },
    })
  }
}

/** A principal holds its whole share of something: other principals are served as before. */
export class QuotaExceededError extends AppError {
  constructor(message: string, { retryAfterSeconds = 1 } = {}) {
    super('RATE_LIMITED', message, { headers: { 'retry-after': String(Math.max(1, Math.ceil(retryAfterSeconds))) } })
  }
}
