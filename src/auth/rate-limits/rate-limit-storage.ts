import type { ThrottlerStorage } from '@nestjs/throttler'
import { Windows } from './windows.js'

type Hit = Awaited<ReturnType<ThrottlerStorage['increment']>>

/**
 * Hits in windows, in this process. @nestjs/throttler's own memory storage keeps and filters an array of every hit of
 * the window with every hit; this one is two numbers a bucket.
 */
export class MemoryRateLimitStorage implements ThrottlerStorage {
  private readonly windows = new Windows<{ hits: number; endsAtMs: number }>()

  constructor(private readonly nowMs: () => number = Date.now) {}

  async increment(key: string, ttlMs: number, limit: number, _blockMs: number, name: string): Promise<Hit> {
    const nowMs = this.nowMs()
    const window = this.windowOf(`${name}:${key}`, nowMs, ttlMs)
    window.hits++
    return hitOf(window.hits, window.endsAtMs - nowMs, limit)
  }

  private windowOf(bucket: string, nowMs: number, ttlMs: number): { hits: number; endsAtMs: number } {
    const known = this.windows.get(bucket, nowMs)
    if (known) return known
    const window = { hits: 0, endsAtMs: nowMs + ttlMs }
    this.windows.begin(bucket, window, nowMs)
    return window
  }
}

export function hitOf(totalHits: number, endsInMs: number, limit: number): Hit {
  const timeToExpire = Math.ceil(endsInMs / 1000)
  const isBlocked = totalHits > limit
  return { totalHits, timeToExpire, isBlocked, timeToBlockExpire: isBlocked ? timeToExpire : 0 }
}
