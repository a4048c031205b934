import type { ExecutionContext } from '@nestjs/common'
import type { ThrottlerOptions } from '@nestjs/throttler'
import type { FastifyRequest } from 'fastify'
import type { ThrottleKind } from '../../common/decorators/throttled.decorator.js'
import type { RateLimitBucket } from '../../common/principal.js'
import { routeSettingsOf } from '../../common/decorators/route-settings.decorator.js'
import { requestOf } from '../../common/http/http-context.js'

const WINDOW_MS = 60_000
/** A minute's requests of each kind, as a multiple of the principal's rate limit. */
const FACTORS: Record<ThrottleKind, number> = { queries: 1, reads: 10 }

/** A throttler whose options follow at once from the principal of a request. */
export interface PrincipalThrottler extends ThrottlerOptions {
  name: string
  ttl: number
  limit: (context: ExecutionContext) => number
  getTracker: (request: object) => string
  generateKey: (context: ExecutionContext, tracker: string, name: string) => string
}

/**
 * The named throttlers: of each kind of request one for the account, whose limit holds for all of its keys together, one
 * for the key and one for a token's share of it. A request meets those of its kind whose bucket its principal has.
 */
export const THROTTLERS: PrincipalThrottler[] = (Object.keys(FACTORS) as ThrottleKind[]).flatMap((kind) => [
  throttlerOf(kind, 'account'),
  throttlerOf(kind, 'key'),
  throttlerOf(kind, 'token'),
])

function throttlerOf(kind: ThrottleKind, scope: RateLimitBucket['scope']): PrincipalThrottler {
  const bucketOf = (request: FastifyRequest): RateLimitBucket | undefined =>
    request.principal?.rateLimits.find((bucket) => bucket.scope === scope)
  return {
    name: `${kind}-${scope}`,
    ttl: WINDOW_MS,
    limit: (context) => bucketOf(requestOf(context))!.perMinute * FACTORS[kind],
    skipIf: (context) => kindOf(context) !== kind || bucketOf(requestOf(context)) === undefined,
    getTracker: (request) => bucketOf(request as FastifyRequest)!.id,
    // The same bucket on every route, of a text that needs no hash.
    generateKey: (_context, tracker) => tracker,
  }
}

/** Admins and viewers read without a limit: an operator who looks after a server must not be locked out of it. */
function kindOf(context: ExecutionContext): ThrottleKind | undefined {
  const { throttle = 'reads' } = routeSettingsOf(context.getHandler())
  if (throttle === 'unlimited') return undefined
  const { principal, idempotency } = requestOf(context)
  // A repetition runs no query, and must not be a way around all limits.
  const kind = idempotency?.isRepetition ? 'reads' : throttle
  return kind === 'queries' || principal?.role === 'member' ? kind : undefined
}
