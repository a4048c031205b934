import { Logger } from '@nestjs/common'
import type { ThrottlerStorage } from '@nestjs/throttler'

type Record = Awaited<ReturnType<ThrottlerStorage['increment']>>

const MAX_BUCKETS = 200_000

/**
 * Hits in windows, in this process. @nestjs/throttler's own memory storage keeps and filters an array of every hit of
 * the window with every hit; this one is two numbers a bucket, and counts like the Redis storage does.
 */
export class MemoryRateLimitStorage implements ThrottlerStorage {
  private readonly buckets = new Map<string, { hits: number; endsAtMs: number }>()

  constructor(private readonly nowMs: () => number = Date.now) {}

  async increment(key: string, ttlMs: number, limit: number, _blockMs: number, name: string): Promise<Record> {
    return this.incrementNow(key, ttlMs, limit, name)
  }

  /** As increment, without a promise. */
  incrementNow(key: string, ttlMs: number, limit: number, name: string): Record {
    const nowMs = this.nowMs()
    const bucket = this.bucketOf(`${name}:${key}`, nowMs, ttlMs)
    bucket.hits++
    const timeToExpire = Math.ceil((bucket.endsAtMs - nowMs) / 1000)
    const isBlocked = bucket.hits > limit
    return { totalHits: bucket.hits, timeToExpire, isBlocked, timeToBlockExpire: isBlocked ? timeToExpire : 0 }
  }

  private bucketOf(key: string, nowMs: number, ttlMs: number): { hits: number; endsAtMs: number } {
    const known = this.buckets.get(key)
    if (known && known.endsAtMs > nowMs) return known
    const bucket = { hits: 0, endsAtMs: nowMs + ttlMs }
    // At the end of the map: the first buckets are the oldest, which are the first to end.
    this.buckets.delete(key)
    this.buckets.set(key, bucket)
    this.dropEnded(nowMs)
    return bucket
  }

  /** A few at a time, so that no request pays for a sweep of them all. */
  private dropEnded(nowMs: number): void {
    for (let left = 4; left > 0; left--) {
      const oldest = this.buckets.entries().next().value
      if (!oldest || (oldest[1].endsAtMs > nowMs && this.buckets.size <= MAX_BUCKETS)) return
      this.buckets.delete(oldest[0])
    }
  }
}

const PAUSE_MS = 1_000

/**
 * The shared storage while it answers, else this instance's memory: limits then hold per instance, and no request
 * fails for it. After a failure the shared one rests for a second, so that its timeout is not paid by every request.
 * An outage is logged once, and its end.
 */
export class FallbackRateLimitStorage implements ThrottlerStorage {
  private readonly logger = new Logger('RateLimits')
  private pausedUntilMs = 0
  private isDown = false

  constructor(
    private readonly shared: ThrottlerStorage,
    private readonly own: ThrottlerStorage,
    private readonly nowMs: () => number = Date.now,
  ) {}

  async increment(...hit: Parameters<ThrottlerStorage['increment']>): Promise<Record> {
    if (this.nowMs() < this.pausedUntilMs) return this.own.increment(...hit)
    try {
      const record = await this.shared.increment(...hit)
      this.recovered()
      return record
    } catch (error) {
      this.pausedUntilMs = this.nowMs() + PAUSE_MS
      this.warn(error)
      return this.own.increment(...hit)
    }
  }

  private warn(error: unknown): void {
    if (this.isDown) return
    this.isDown = true
    this.logger.warn(`Redis does not answer, rate limits hold per instance: ${String(error)}`)
  }

  private recovered(): void {
    if (this.isDown) this.logger.log('Redis answers again, rate limits hold for all instances together')
    this.isDown = false
  }
}
