import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { ExpiringCache } from './expiring-cache.js'

describe('ExpiringCache', () => {
  it('loads once for concurrent callers, and again when the value is stale', async () => {
    const cache = new ExpiringCache<string>({ ttlMs: 500, maxEntries: 10 })
    const load = vi.fn(async (key: string) => `${key}!`)
    expect(await Promise.all([cache.get('a', load), cache.get('a', load)])).toEqual(['a!', 'a!'])
    expect(cache.peek('a')).toBe('a!')
    expect(load).toHaveBeenCalledTimes(1)
    await sleep(600)
    expect(cache.peek('a')).toBeUndefined()
    await cache.get('a', load)
    expect(load).toHaveBeenCalledTimes(2)
  })

  it('counts the age of a value from the start of its load', async () => {
    const cache = new ExpiringCache<number>({ ttlMs: 600, maxEntries: 10 })
    await cache.get('a', () => sleep(500, 1))
    await sleep(200)
    expect(await cache.get('a', async () => 2)).toBe(2)
  })

  it('keeps that there is nothing', async () => {
    const cache = new ExpiringCache<number | undefined>({ ttlMs: 10_000, maxEntries: 10 })
    const load = vi.fn(async () => undefined)
    expect([await cache.get('a', load), await cache.get('a', load)]).toEqual([undefined, undefined])
    expect(load).toHaveBeenCalledTimes(1)
  })

  it('does not remember failures', async () => {
    const cache = new ExpiringCache<number>({ ttlMs: 10_000, maxEntries: 10 })
    await expect(cache.get('a', () => Promise.reject(new Error('down')))).rejects.toThrow('down')
    expect(await cache.get('a', async () => 1)).toBe(1)
  })

  it('keeps nothing of a load that was under way when it was cleared', async () => {
    const cache = new ExpiringCache<number>({ ttlMs: 10_000, maxEntries: 10 })
    const loading = cache.get('a', () => sleep(20, 1))
    cache.clear()
    expect(await loading).toBe(1)
    expect(await cache.get('a', async () => 2)).toBe(2)
  })

  it('is bounded: what was used least lately goes first', async () => {
    const cache = new ExpiringCache<number>({ ttlMs: 10_000, maxEntries: 2 })
    for (const key of ['a', 'b', 'c']) await cache.get(key, async () => 1)
    expect(await cache.get('b', async () => 2)).toBe(1)
    expect(await cache.get('a', async () => 2)).toBe(2)
  })
})
