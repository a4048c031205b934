import { describe, expect, it, vi } from 'vitest'
import { ExpiringCache } from './expiring-cache.js'

describe('ExpiringCache', () => {
  it('loads once for concurrent callers, and again when the value is stale', async () => {
    let nowMs = 0
    const cache = new ExpiringCache<string>({ ttlMs: 100, maxEntries: 10, nowMs: () => nowMs })
    const load = vi.fn(async (key: string) => `${key}!`)
    expect(await Promise.all([cache.get('a', load), cache.get('a', load)])).toEqual(['a!', 'a!'])
    nowMs = 99
    await cache.get('a', load)
    expect(load).toHaveBeenCalledTimes(1)
    nowMs = 100
    await cache.get('a', load)
    expect(load).toHaveBeenCalledTimes(2)
  })

  it('counts the age of a value from the start of its load', async () => {
    let nowMs = 0
    const cache = new ExpiringCache<number>({ ttlMs: 100, maxEntries: 10, nowMs: () => nowMs })
    await cache.get('a', async () => {
      nowMs = 90
      return 1
    })
    nowMs = 101
    expect(await cache.get('a', async () => 2)).toBe(2)
  })

  it('does not remember failures', async () => {
    const cache = new ExpiringCache<number>({ ttlMs: 100, maxEntries: 10 })
    await expect(cache.get('a', () => Promise.reject(new Error('down')))).rejects.toThrow('down')
    expect(await cache.get('a', async () => 1)).toBe(1)
  })

  it('is bounded, the oldest goes first', async () => {
    const cache = new ExpiringCache<number>({ ttlMs: 1e9, maxEntries: 2 })
    for (const key of ['a', 'b', 'c']) await cache.get(key, async () => 1)
    expect(await cache.get('b', async () => 2)).toBe(1)
    expect(await cache.get('a', async () => 2)).toBe(2)
  })
})
