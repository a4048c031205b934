import { Inject, Injectable } from '@nestjs/common'
import { ThrottlerStorage } from '@nestjs/throttler'
import type { FastifyReply } from 'fastify'
import type { Allowance, Caller } from '../common/caller.js'
import { RateLimitedError } from './keys.errors.js'

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

  private async consume(bucket: string, caller: Caller, factor: number, reply: FastifyReply): Promise<void> {
    if (caller.rateLimitPerMinute === null || caller.keyId === null) return
    const allowances = caller.allowances ?? [{ id: caller.keyId, perMinute: caller.rateLimitPerMinute }]
    const counts = await Promise.all(allowances.map((allowance) => this.count(bucket, allowance, factor)))
    const tightest = counts.reduce((one, other) => (other.left < one.left ? other : one))
    const { limit, left, resetSeconds } = tightest
    void reply.headers({
      'ratelimit-limit': limit,
      'ratelimit-remaining': Math.max(0, left),
      'ratelimit-reset': resetSeconds,
    })
    if (left < 0) throw new RateLimitedError(`${tightest.who} may send ${limit} ${bucket} a minute.`, tightest)
  }

  /** `left` is below zero when this one was too many. */
  private async count(bucket: string, { id, perMinute }: Allowance, factor: number): Promise<Count> {
    const limit = perMinute * factor
    const hit = await this.storage.increment(id, WINDOW_MS, NO_BLOCK, WINDOW_MS, bucket)
    const who = id.startsWith('user:') ? 'This account' : 'This key'
    return { who, limit, left: limit - hit.totalHits, resetSeconds: hit.timeToExpire }
  }
}

interface Count {
  who: string
  limit: number
  left: number
  resetSeconds: number
}
