import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MAX_VALUE_BYTES, type Cache } from '../../src/infrastructure/cache/cache.js'
import { MemoryCache } from '../../src/infrastructure/cache/memory-cache.js'
import { RedisCache } from '../../src/infrastructure/cache/redis-cache.js'
import { redisInstalled, TestRedis } from '../support/redis.js'
import { freePort } from '../support/server.js'

const MINUTE_MS = 60_000

/** Far below the four seconds that the store waits by itself, far above what a busy machine adds. */
const AT_ONCE_MS = 2_000

/** What every Cache does. */
function behavesAsCache(create: () => Promise<Cache>): void {
  let cache: Cache
  beforeEach(async () => {
    cache = await create()
  })
  afterEach(() => cache.close())

  it('misses what it was never given', async () => {
    expect(await cache.get('nothing')).toBeUndefined()
  })

  it('gives back the very bytes', async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_unused, index) => index))
    await cache.set('bytes', bytes, MINUTE_MS)
    expect((await cache.get('bytes'))?.equals(bytes)).toBe(true)
    await cache.set('empty', Buffer.alloc(0), MINUTE_MS)
    expect(await cache.get('empty')).toHaveLength(0)
  })

  it('gives no meaning to what it keeps', async () => {
    for (const text of ['{"a":1}', '_date_2024-01-01', '_function_x|() => 1', 'null', '"']) {
      await cache.set('text', Buffer.from(text), MINUTE_MS)
      expect((await cache.get('text'))?.toString()).toBe(text)
    }
  })

  it('keeps the latest value, each key its own', async () => {
    await cache.set('a', Buffer.from('1'), MINUTE_MS)
    await cache.set('b', Buffer.from('2'), MINUTE_MS)
    await cache.set('a', Buffer.from('3'), MINUTE_MS)
    expect((await cache.get('a'))?.toString()).toBe('3')
    expect((await cache.get('b'))?.toString()).toBe('2')
  })

  it('forgets what is deleted', async () => {
    await cache.set('gone', Buffer.from('1'), MINUTE_MS)
    await cache.delete('gone')
    await cache.delete('never there')
    expect(await cache.get('gone')).toBeUndefined()
  })

  it('forgets after the time that it was told', { retry: 3 }, async () => {
    await cache.set('short', Buffer.from('1'), 300)
    expect(await cache.get('short')).toBeDefined()
    await sleep(400)
    expect(await cache.get('short')).toBeUndefined()
  })

  it('does not keep what is too large', async () => {
    await cache.set('large', Buffer.alloc(MAX_VALUE_BYTES + 1), MINUTE_MS)
    expect(await cache.get('large')).toBeUndefined()
  })
}

describe('MemoryCache', () => {
  behavesAsCache(async () => new MemoryCache())

  it('stays within its bytes: what was not used for longest goes', async () => {
    const cache = new MemoryCache(100_000)
    for (let index = 0; index < 20; index++) {
      await cache.set(`key${index}`, Buffer.alloc(10_000), MINUTE_MS)
      await cache.get('key0')
    }
    const kept = await Promise.all(Array.from({ length: 20 }, (_unused, index) => cache.get(`key${index}`)))
    expect(kept.filter(Boolean).length).toBeLessThan(10)
    expect(kept[0]).toBeDefined()
    expect(kept[19]).toBeDefined()
  })
})

describe.skipIf(!redisInstalled())('RedisCache', () => {
  let redis: TestRedis

  beforeAll(async () => {
    redis = await TestRedis.start()
  })
  afterAll(() => redis?.stop())

  const create = async () => {
    const cache = new RedisCache(redis.url)
    await cache.settled()
    return cache
  }
  behavesAsCache(create)

  it('is shared by instances', async () => {
    const [one, other] = [await create(), await create()]
    await one.set('shared', Buffer.from('x'), MINUTE_MS)
    expect((await other.get('shared'))?.toString()).toBe('x')
    await Promise.all([one.close(), other.close()])
  })

  it('misses at once where there is no Redis', async () => {
    const cache = new RedisCache(`redis://127.0.0.1:${await freePort()}`)
    expect(await elapsed(() => cache.get('a'))).toBeLessThan(AT_ONCE_MS)
    await cache.settled()
    expect(await elapsed(() => cache.set('a', Buffer.from('1'), MINUTE_MS))).toBeLessThan(AT_ONCE_MS)
    expect(await cache.get('a')).toBeUndefined()
    await cache.close()
  })

  it('does not wait for a Redis that hangs, and is back when it is', async () => {
    const cache = await create()
    await cache.set('a', Buffer.from('1'), MINUTE_MS)
    redis.pause()
    expect(await elapsed(() => cache.get('a'))).toBeLessThan(AT_ONCE_MS)
    // Only the first one pays the timeout of 250 ms.
    const further: number[] = []
    for (let n = 0; n < 5; n++) further.push(await elapsed(() => cache.get('a')))
    expect(Math.min(...further)).toBeLessThan(50)
    redis.resume()
    await expect.poll(() => cache.get('a').then(String), { interval: 100 }).toBe('1')
    await cache.close()
  })

  it('is back after a restart of Redis', async () => {
    const cache = await create()
    await redis.shutDown()
    expect(await elapsed(() => cache.get('a'))).toBeLessThan(AT_ONCE_MS)
    await redis.startAgain()
    const keeps = async () => {
      await cache.set('b', Buffer.from('2'), MINUTE_MS)
      return String(await cache.get('b'))
    }
    await expect.poll(keeps, { interval: 100 }).toBe('2')
    await cache.close()
  })
})

async function elapsed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}
