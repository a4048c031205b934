import { Inject, Injectable } from '@nestjs/common'
import { ThrottlerStorage } from '@nestjs/throttler'
import type { FastifyReply } from 'fastify'
import type { Allowance, Caller } from '../common/caller.js'
import { RateLimitedError } from './keys.errors.js'
import { MemoryRateLimitStorage } from './rate-limit-storage.js'

type Hit = Awaited<ReturnType<ThrottlerStorage['increment']>>

const WINDOW_MS = 60_000
/** Free routes may be called this many times as often as queries. */
const READS_FACTOR = 10
/** The storage only counts; blocking is ours, so that a window's end is the end of the refusals too. */
const NO_BLOCK = Number.MAX_SAFE_INTEGER

/** Requests a minute, per key and per user. Sets `RateLimit-Limit/Remaining/Reset` (requests, requests, seconds) on the reply. */
@Injectable()
export class RateLimitsService {
  constructor(@Inject(ThrottlerStorage) private readonly storage: ThrottlerStorage) {}

  /** Counts one query; RateLimitedError (429, `Retry-After`) above the caller's limit. The root key is not limited. */
  consumeQuery(caller: Caller, reply: FastifyReply): Promise<void> {
    return this.consume('queries', caller, 1, reply)
  }

  /** Counts one request to a free route. */
  consumeRead(caller: Caller, reply: FastifyReply): Promise<void> {
    return this.consume('reads', caller, READS_FACTOR, reply)
  }

  /**
   * Counts one query as consumeQuery does, and tells instead of refusing: at once where hits are counted in this
   * process. Undefined for the root key. `refusalOf` makes the refusal.
   */
  countQuery(caller: Caller): Allowed | undefined | Promise<Allowed | undefined> {
    return this.countAll('queries', caller, 1)
  }

  private async consume(bucket: string, caller: Caller, factor: number, reply: FastifyReply): Promise<void> {
    const allowed = await this.countAll(bucket, caller, factor)
    if (!allowed) return
    void reply.headers(headersOf(allowed))
    if (allowed.left < 0) throw refusalOf(allowed, bucket)
  }

  private countAll(bucket: string, caller: Caller, factor: number): Allowed | undefined | Promise<Allowed | undefined> {
    if (caller.rateLimitPerMinute === null || caller.keyId === null) return undefined
    const allowances = caller.allowances ?? [{ id: caller.keyId, perMinute: caller.rateLimitPerMinute }]
    const { storage } = this
    if (storage instanceof MemoryRateLimitStorage) {
      return tightest(
        allowances,
        factor,
        allowances.map(({ id }) => storage.incrementNow(id, WINDOW_MS, NO_BLOCK, bucket)),
      )
    }
    const hits = allowances.map(({ id }) => storage.increment(id, WINDOW_MS, NO_BLOCK, WINDOW_MS, bucket))
    return Promise.all(hits).then((counted) => tightest(allowances, factor, counted))
  }
}

/** Where a caller stands after a request was counted. */
export interface Allowed {
  who: string
  limit: number
  /** below zero when this one was too many */
  left: number
  resetSeconds: number
}

export function headersOf({ limit, left, resetSeconds }: Allowed): Record<string, number> {
  return {
    'ratelimit-limit': limit,
    'ratelimit-remaining': Math.max(0, left),
    'ratelimit-reset': resetSeconds,
  }
}

export function refusalOf(allowed: Allowed, bucket = 'queries'): RateLimitedError {
  return new RateLimitedError(`${allowed.who} may send ${allowed.limit} ${bucket} a minute.`, allowed)
}

/** Of several allowances the one with the least left; of equals the first. */
function tightest(allowances: readonly Allowance[], factor: number, hits: readonly Hit[]): Allowed {
  const all = allowances.map(({ id, perMinute }, index) => {
    const limit = perMinute * factor
    const { totalHits, timeToExpire } = hits[index]!
    const who = id.startsWith('user:') ? 'This account' : 'This key'
    return { who, limit, left: limit - totalHits, resetSeconds: timeToExpire }
  })
  return all.reduce((one, other) => (other.left < one.left ? other : one))
}
