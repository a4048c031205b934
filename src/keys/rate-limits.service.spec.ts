import { describe, expect, it } from 'vitest'
import type { FastifyReply } from 'fastify'
import type { Caller } from '../common/caller.js'
import { FallbackRateLimitStorage, MemoryRateLimitStorage } from './rate-limit-storage.js'
import { RateLimitsService } from './rate-limits.service.js'

const caller: Caller = { role: 'member', userId: 'user', keyId: 'key', rateLimitPerMinute: 2 }

function replyWithHeaders() {
  const headers: Record<string, unknown> = {}
  const reply = { headers: (more: Record<string, unknown>) => Object.assign(headers, more) }
  return { headers, reply: reply as unknown as FastifyReply }
}

describe('RateLimitsService', () => {
  it('counts queries in a window, tells what is left, and starts afresh when it ends', async () => {
    let nowMs = 0
    const limits = new RateLimitsService(new MemoryRateLimitStorage(() => nowMs))
    const { headers, reply } = replyWithHeaders()
    await limits.consumeQuery(caller, reply)
    expect(headers).toEqual({ 'ratelimit-limit': 2, 'ratelimit-remaining': 1, 'ratelimit-reset': 60 })
    nowMs = 45_500
    await limits.consumeQuery(caller, reply)
    await expect(limits.consumeQuery(caller, reply)).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      options: { headers: { 'retry-after': '15' } },
    })
    expect(headers).toEqual({ 'ratelimit-limit': 2, 'ratelimit-remaining': 0, 'ratelimit-reset': 15 })
    nowMs = 60_000
    await limits.consumeQuery(caller, reply)
  })

  it('counts each key for itself, and reads apart from queries', async () => {
    const limits = new RateLimitsService(new MemoryRateLimitStorage())
    const { reply } = replyWithHeaders()
    for (const keyId of ['a', 'b']) for (let n = 0; n < 2; n++) await limits.consumeQuery({ ...caller, keyId }, reply)
    for (let n = 0; n < 20; n++) await limits.consumeRead({ ...caller, keyId: 'a' }, reply)
    await expect(limits.consumeRead({ ...caller, keyId: 'a' }, reply)).rejects.toMatchObject({ code: 'RATE_LIMITED' })
  })

  it('holds a user to his limit with all keys together, and each key to its own', async () => {
    const limits = new RateLimitsService(new MemoryRateLimitStorage())
    const of = (keyId: string, perMinute: number): Caller => ({
      ...caller,
      keyId,
      allowances: [
        { id: 'user:u', perMinute: 5 },
        { id: keyId, perMinute },
      ],
    })
    const { headers, reply } = replyWithHeaders()
    for (let n = 0; n < 2; n++) await limits.consumeQuery(of('a', 2), reply)
    expect(headers).toMatchObject({ 'ratelimit-limit': 2, 'ratelimit-remaining': 0 })
    await expect(limits.consumeQuery(of('a', 2), reply)).rejects.toThrow('This key may send 2 queries a minute.')
    for (let n = 0; n < 2; n++) await limits.consumeQuery(of('b', 9), reply)
    expect(headers).toMatchObject({ 'ratelimit-limit': 5, 'ratelimit-remaining': 0 })
    await expect(limits.consumeQuery(of('b', 9), reply)).rejects.toThrow('This account may send 5 queries a minute.')
  })

  it('does not limit the root key', async () => {
    const limits = new RateLimitsService(new MemoryRateLimitStorage())
    const { reply, headers } = replyWithHeaders()
    const root: Caller = { role: 'admin', userId: null, keyId: null, rateLimitPerMinute: null }
    for (let n = 0; n < 100; n++) await limits.consumeQuery(root, reply)
    expect(headers).toEqual({})
  })
})

describe('FallbackRateLimitStorage', () => {
  it('counts in this process while the shared storage is away, without asking it each time', async () => {
    let nowMs = 0
    let asked = 0
    let up = false
    const shared = {
      increment: async () => {
        asked++
        if (!up) throw new Error('connection refused')
        return { totalHits: 100, timeToExpire: 1, isBlocked: false, timeToBlockExpire: 0 }
      },
    }
    const storage = new FallbackRateLimitStorage(shared, new MemoryRateLimitStorage(), () => nowMs)
    const hit = () => storage.increment('key', 60_000, 10, 0, 'queries')
    expect([(await hit()).totalHits, (await hit()).totalHits, asked]).toEqual([1, 2, 1])
    up = true
    nowMs = 1000
    expect((await hit()).totalHits).toBe(100)
  })
})
