import { ROOT_PRINCIPAL } from '../key-authenticator.service.js'
import type { ExecutionContext } from '@nestjs/common'
import { Reflector } from '@nestjs/core'
import type { ThrottlerStorage } from '@nestjs/throttler'
import { describe, expect, it } from 'vitest'
import type { Principal } from '../../common/principal.js'
import { Throttled, type ThrottleKind } from '../../common/decorators/throttled.decorator.js'
import { MemoryRateLimitStorage } from '../rate-limits/rate-limit-storage.js'
import { THROTTLERS } from '../rate-limits/throttlers.js'
import { PrincipalThrottlerGuard } from './principal-throttler.guard.js'
import { EffectiveAccess } from '../access/effective-access.js'

const keyBucket = (id: string, perMinute = 2) => ({ scope: 'key' as const, id, perMinute })
const principal: Principal = {
  role: 'member',
  userId: 'user',
  keyId: 'key',
  rateLimitPerMinute: 2,
  rateLimits: [keyBucket('key')],
  access: EffectiveAccess.UNRESTRICTED,
}
const ofKey = (keyId: string): Principal => ({ ...principal, keyId, rateLimits: [keyBucket(keyId)] })

/** Requests through the guard, with the headers of the last response. */
class Requests {
  headers: Record<string, unknown> = {}
  private readonly guard: PrincipalThrottlerGuard

  constructor(storage: ThrottlerStorage = new MemoryRateLimitStorage()) {
    this.guard = new PrincipalThrottlerGuard({ throttlers: THROTTLERS }, storage, new Reflector())
  }

  async send(from: Principal, throttle?: ThrottleKind | 'unlimited', more: object = {}): Promise<boolean> {
    const request = { principal: from, ...more }
    const handler = (): void => undefined
    if (throttle) Throttled(throttle)({}, 'handler', { value: handler })
    const reply = { headers: (headers: Record<string, unknown>) => Object.assign(this.headers, headers) }
    await this.guard.onModuleInit()
    return this.guard.canActivate({
      getType: () => 'http',
      getHandler: () => handler,
      getArgByIndex: (index: number) => [request, reply][index],
    } as unknown as ExecutionContext)
  }

  query(from: Principal): Promise<boolean> {
    return this.send(from, 'queries')
  }
}

describe('PrincipalThrottlerGuard', () => {
  it('counts queries in a window, tells what is left, and starts afresh when it ends', async () => {
    let nowMs = 0
    const requests = new Requests(new MemoryRateLimitStorage(() => nowMs))
    await requests.query(principal)
    expect(requests.headers).toEqual({ 'ratelimit-limit': 2, 'ratelimit-remaining': 1, 'ratelimit-reset': 60 })
    nowMs = 45_500
    await requests.query(principal)
    await expect(requests.query(principal)).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      options: { headers: { 'retry-after': '15' } },
    })
    expect(requests.headers).toEqual({ 'ratelimit-limit': 2, 'ratelimit-remaining': 0, 'ratelimit-reset': 15 })
    nowMs = 60_000
    expect(await requests.query(principal)).toBe(true)
  })

  it('counts each key for itself, and reads apart from queries', async () => {
    const requests = new Requests()
    for (const keyId of ['a', 'b']) for (let n = 0; n < 2; n++) await requests.query(ofKey(keyId))
    for (let n = 0; n < 20; n++) await requests.send(ofKey('a'))
    await expect(requests.send(ofKey('a'))).rejects.toMatchObject({ code: 'RATE_LIMITED' })
  })

  it('holds an account to its limit with all keys together, and each key to its own', async () => {
    const requests = new Requests()
    const of = (keyId: string, perMinute: number): Principal => ({
      ...principal,
      keyId,
      rateLimits: [{ scope: 'account', id: 'u', perMinute: 5 }, keyBucket(keyId, perMinute)],
    })
    for (let n = 0; n < 2; n++) await requests.query(of('a', 2))
    expect(requests.headers).toMatchObject({ 'ratelimit-limit': 2, 'ratelimit-remaining': 0 })
    await expect(requests.query(of('a', 2))).rejects.toThrow('This key may send 2 queries a minute.')
    for (let n = 0; n < 2; n++) await requests.query(of('b', 9))
    expect(requests.headers).toMatchObject({ 'ratelimit-limit': 5, 'ratelimit-remaining': 0 })
    await expect(requests.query(of('b', 9))).rejects.toThrow('This account may send 5 queries a minute.')
  })

  it('limits neither the root key, nor routes without a limit, nor what admins and viewers read', async () => {
    const requests = new Requests()
    for (let n = 0; n < 100; n++) {
      await requests.query(ROOT_PRINCIPAL)
      await requests.send(principal, 'unlimited')
      await requests.send({ ...principal, role: 'viewer' })
    }
    expect(requests.headers).toEqual({})
  })

  it('counts a repetition of a stored response as a read', async () => {
    const requests = new Requests()
    const repeated = { idempotency: { isRepetition: true } }
    for (let n = 0; n < 20; n++) await requests.send(principal, 'queries', repeated)
    await expect(requests.send(principal, 'queries', repeated)).rejects.toThrow('This key may send 20 reads a minute.')
    expect(await requests.query(principal)).toBe(true)
  })
})
