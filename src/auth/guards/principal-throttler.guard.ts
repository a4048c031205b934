import { Injectable, type ExecutionContext } from '@nestjs/common'
import { ThrottlerGuard, type ThrottlerOptions } from '@nestjs/throttler'
import type { PrincipalThrottler } from '../rate-limits/throttlers.js'
import { RateLimitedError } from '../auth.errors.js'
import { replyOf, requestOf } from '../../common/http/http-context.js'

/** Where a principal stands after a request was counted. */
interface RateLimitStatus {
  /** of the throttler */
  name: string
  limit: number
  /** below zero when this request was one too many */
  remaining: number
  resetSeconds: number
}

/**
 * Counts a request with the named throttlers that it meets (throttlers.ts). In place of the base class's loop, which looks
 * seven decorators up for each of them and throws at the first that is full. `RateLimit-Limit`, `-Remaining` and `-Reset`
 * (requests, requests, seconds) tell of the tightest; beyond it the request is refused with 429 and `Retry-After`.
 */
@Injectable()
export class PrincipalThrottlerGuard extends ThrottlerGuard {
  override async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true
    const met = this.throttlers.filter((throttler) => !throttler.skipIf!(context))
    if (met.length === 0) return true
    const counted = await Promise.all(met.map((throttler) => this.count(context, throttler)))
    // Every one has counted, also beside one that refuses; of equals the first is told.
    const tightest = counted.reduce((least, status) => (status.remaining < least.remaining ? status : least))
    const { name, limit, remaining, resetSeconds } = tightest
    void replyOf(context).headers({
      'ratelimit-limit': limit,
      'ratelimit-remaining': Math.max(0, remaining),
      'ratelimit-reset': resetSeconds,
    })
    if (remaining >= 0) return true
    const [kind, scope] = name.split('-')
    const who = `This ${scope}`
    throw new RateLimitedError(`${who} may send ${limit} ${kind} a minute. Try again in ${resetSeconds} s.`, {
      limit,
      resetSeconds,
    })
  }

  private async count(context: ExecutionContext, throttler: ThrottlerOptions): Promise<RateLimitStatus> {
    const { name, ttl, limit, getTracker, generateKey } = throttler as unknown as PrincipalThrottler
    const most = limit(context)
    const key = generateKey(context, getTracker(requestOf(context)), name)
    const hit = await this.storageService.increment(key, ttl, most, ttl, name)
    return { name, limit: most, remaining: most - hit.totalHits, resetSeconds: hit.timeToExpire }
  }
}
