import { randomUUID } from 'node:crypto'
import type { ThrottlerStorage } from '@nestjs/throttler'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../support/until.js'
import { RateLimits1700000010000 } from '../../migrations/postgres/1700000010000-rate-limits.js'
import type { Database } from '../../src/infrastructure/database/database.js'
import { RateLimitGenerationsRepository } from '../../src/auth/rate-limits/rate-limit-generations.repository.js'
import { MemoryRateLimitStorage } from '../../src/auth/rate-limits/rate-limit-storage.js'
import { RedisHitStore } from '../../src/auth/rate-limits/redis-hit-store.js'
import { SharedRateLimitStorage } from '../../src/auth/rate-limits/shared-rate-limit-storage.js'
import { startPostgres, type TestPostgres } from '../support/postgres.js'
import { redisInstalled, TestRedis } from '../support/redis.js'

const WITHOUT_BLOCKING = Number.MAX_SAFE_INTEGER

/** What RateLimitsService relies on, of every storage. */
function contract(storage: () => ThrottlerStorage): void {
  // Counts go along from one store to the other.
  const run = randomUUID()
  const hit = (key: string, ttlMs: number, name = 'queries') =>
    storage().increment(`${run} ${key}`, ttlMs, WITHOUT_BLOCKING, ttlMs, name)

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

describe.skipIf(!redisInstalled())('rate limits of all instances', () => {
  let redis: TestRedis
  let postgres: TestPostgres
  let database: Database
  let storage: SharedRateLimitStorage
  /** Where all instances count. */
  const storeNow = async () => {
    const [row] = await database.query<{ store: string }>(
      `SELECT store FROM rate_limit_generation
       WHERE NOT EXISTS (SELECT FROM rate_limit_instances WHERE generation < number)`,
    )
    return row?.store
  }
  const untilIn = (store: string) => until(async () => expect(await storeNow()).toBe(store))
  const hit = (key: string, ttlMs = 60_000) => storage.increment(key, ttlMs, WITHOUT_BLOCKING, ttlMs, 'queries')
  const totalsOf = async (key: string, count: number) =>
    (await Promise.all(Array.from({ length: count }, () => hit(key)))).map(({ totalHits }) => totalHits)
  const upTo = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, n) => first + n)

  beforeAll(async () => {
    ;[redis, postgres] = await Promise.all([TestRedis.start(), startPostgres([RateLimits1700000010000])])
    database = await postgres.connect()
    storage = new SharedRateLimitStorage(new RateLimitGenerationsRepository(database), new RedisHitStore(redis.url))
    storage.start()
  })
  afterAll(async () => {
    await storage?.stop()
    await postgres?.stop()
    await redis?.stop()
  })

  describe('in PostgreSQL', () => {
    beforeAll(async () => {
      await redis.shutDown()
      await untilIn('postgres')
    })
    contract(() => storage)
  })

  describe('in Redis', () => {
    beforeAll(async () => {
      await redis.startAgain()
      await untilIn('redis')
    })
    contract(() => storage)
  })

  it.each<[string, () => Promise<unknown>, () => Promise<unknown>]>([
    ['hangs', async () => redis.pause(), async () => redis.resume()],
    ['is gone and comes back empty', () => redis.shutDown(), () => redis.startAgain()],
    ['forgets everything', () => redis.command('FLUSHALL'), async () => undefined],
    [
      'becomes a replica',
      () => redis.command('REPLICAOF', '127.0.0.1', '1'),
      () => redis.command('REPLICAOF', 'NO', 'ONE'),
    ],
    ['wants a password', () => redis.changePassword('secret'), () => redis.changePassword('')],
    ['breaks all connections', () => redis.command('CLIENT', 'KILL', 'TYPE', 'normal'), async () => undefined],
  ])('goes on counting where it was when Redis %s, and when it is back', async (name, begin, end) => {
    await untilIn('redis')
    expect(await totalsOf(name, 50)).toEqual(upTo(1, 50))
    await begin()
    expect(await totalsOf(name, 1000)).toEqual(upTo(51, 1050))
    await end()
    await untilIn('redis')
    expect(await totalsOf(name, 50)).toEqual(upTo(1051, 1100))
  })

  it('lets hits above the limit take no place when counts move', async () => {
    await untilIn('redis')
    const limited = () => storage.increment('limited', 60_000, 3, 60_000, 'queries')
    const totals = async (count: number) => {
      const hits = await Promise.all(Array.from({ length: count }, limited))
      return hits.map(({ totalHits }) => totalHits)
    }
    expect(await totals(2)).toEqual([1, 2])
    expect(await totals(10)).toEqual(upTo(3, 12))
    await redis.command('FLUSHALL')
    expect(await totals(2)).toEqual([4, 5])
  })

  it('goes on from the last count when PostgreSQL is away too, and adds what was counted then', async () => {
    await untilIn('redis')
    expect(await totalsOf('alone', 10)).toEqual(upTo(1, 10))
    await Promise.all([redis.shutDown(), postgres.shutDown()])
    expect(await totalsOf('alone', 5)).toEqual(upTo(11, 15))
    // As if another instance took its share as well.
    storage['generations'].instances = 2
    expect(await totalsOf('share', 3)).toEqual([2, 4, 6])
    storage['generations'].instances = 1
    await Promise.all([redis.startAgain(), postgres.startAgain()])
    await untilIn('redis')
    await expect.poll(async () => (await hit('other')).totalHits > 0).toBe(true)
    expect((await hit('alone')).totalHits).toBe(16)
  })
})
