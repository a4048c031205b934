import { ThrottlerStorageRedisService } from '@nest-lab/throttler-storage-redis'
import type { ThrottlerStorage } from '@nestjs/throttler'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MemoryRateLimitStorage } from '../../src/keys/rate-limit-storage.js'
import { redisInstalled, TestRedis } from '../support/redis.js'

const WITHOUT_BLOCKING = Number.MAX_SAFE_INTEGER

/** What RateLimitsService relies on, of every storage. */
function contract(storage: () => ThrottlerStorage): void {
  const hit = (key: string, ttlMs: number, name = 'queries') =>
    storage().increment(key, ttlMs, WITHOUT_BLOCKING, ttlMs, name)

  it('counts every hit of a window exactly, also in parallel', async () => {
    const hits = await Promise.all(Array.from({ length: 200 }, () => hit('parallel', 60_000)))
    const totals = hits.map(({ totalHits }) => totalHits).sort((a, b) => a - b)
    expect(totals).toEqual(Array.from({ length: 200 }, (_, n) => n + 1))
  })

  it('keeps keys and buckets apart', async () => {
    await hit('a', 60_000)
    expect((await hit('b', 60_000)).totalHits).toBe(1)
    expect((await hit('a', 60_000, 'reads')).totalHits).toBe(1)
    expect((await hit('a', 60_000)).totalHits).toBe(2)
  })

  it('says in whole seconds when the window ends, and starts again then', { retry: 3 }, async () => {
    const window = `window-${Date.now()}`
    const { timeToExpire } = await hit(window, 1200)
    expect(timeToExpire).toBe(2)
    await new Promise((resolve) => setTimeout(resolve, 600))
    expect(await hit(window, 1200)).toMatchObject({ totalHits: 2, timeToExpire: 1 })
    await new Promise((resolve) => setTimeout(resolve, 700))
    expect((await hit(window, 1200)).totalHits).toBe(1)
  })
}

describe('rate limits in memory', () => {
  const storage = new MemoryRateLimitStorage()
  contract(() => storage)
})

describe.skipIf(!redisInstalled())('rate limits in Redis', () => {
  let server: TestRedis
  let redis: Redis

  beforeAll(async () => {
    server = await TestRedis.start()
    redis = new Redis(server.port, '127.0.0.1', { keyPrefix: 'countinghouse:rate:' })
  })
  afterAll(async () => {
    redis?.disconnect()
    await server?.stop()
  })

  contract(() => new ThrottlerStorageRedisService(redis))
})
