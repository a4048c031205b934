import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Config } from '../config/config.js'
import type { AccessPolicy } from './access/access-policy.js'
import { EffectiveAccess } from './access/effective-access.js'
import { generateApiKey, hashOfKey } from './api-keys/api-key.js'
import { KeyAuthenticator } from './key-authenticator.service.js'
import type { KeyRecord, KeysRepository } from './api-keys/keys.repository.js'
import { UnauthenticatedError } from './auth.errors.js'
import { FailedAttempts } from './rate-limits/failed-attempts.js'
import { MemoryRateLimitStorage } from './rate-limits/rate-limit-storage.js'
import type { RootKeyService } from './api-keys/root-key.service.js'
import type { SessionsService } from './sessions/sessions.service.js'
import type { TokenSigner } from './tokens/token-signer.js'

const KEY = generateApiKey()
const ROOT_KEY = generateApiKey()

const SALES: AccessPolicy = { datasets: {}, endpoints: ['sales'], dashboards: false }

describe('KeyAuthenticator', () => {
  let record: KeyRecord
  let findByHash: ReturnType<typeof vi.fn>
  let authenticator: KeyAuthenticator
  const sessions = new Map<string, string>()
  const tokens = new Map<string, string>()

  beforeEach(() => {
    record = {
      keyId: 'key',
      countedAs: 'key',
      userId: 'user',
      role: 'member',
      hash: hashOfKey(KEY),
      usable: true,
      expiresAt: null,
      allowedCidrs: null,
      keyLimitPerMinute: null,
      userLimitPerMinute: null,
      sendEvents: false,
      keyAccess: null,
      userAccess: null,
      planAccess: null,
    }
    findByHash = vi.fn(async (hash: string) => (hash === record.hash ? record : undefined))
    const findByToken = async (tokenId: string) => ({
      ...record,
      tokenId,
      tokenExpiresAt: new Date(Date.now() + 60_000),
      tokenAccess: SALES,
      creditLimitId: null,
    })
    const rootKey = { matches: (hash: string) => hash === hashOfKey(ROOT_KEY) }
    authenticator = new KeyAuthenticator(
      { findByHash, findByToken } as unknown as KeysRepository,
      rootKey as RootKeyService,
      { rateLimitPerMinute: 60, metricsToken: 'token' } as Config,
      new FailedAttempts(new MemoryRateLimitStorage()),
      { keyHashOf: async (token: string) => sessions.get(token) } as SessionsService,
      { verify: async (token: string) => tokens.get(token) } as TokenSigner,
    )
  })

  it('knows the holder of the key that a session leads to, and nobody once either has ended', async () => {
    sessions.set('of root', hashOfKey(ROOT_KEY)).set('of user', hashOfKey(KEY))
    expect(await authenticator.authenticateSession('of root', '::1')).toMatchObject({ role: 'admin', userId: null })
    expect(await authenticator.authenticateSession('of user', '::1')).toMatchObject({ role: 'member', userId: 'user' })
    await expect(authenticator.authenticateSession('ended', '::1')).rejects.toThrow(UnauthenticatedError)
    record.usable = false
    authenticator.forget()
    await expect(authenticator.authenticateSession('of user', '::1')).rejects.toThrow(UnauthenticatedError)
  })

  it('knows the principal by its key, with the limit of the server when nobody has another', async () => {
    expect(await authenticator.authenticate(KEY, '::1')).toEqual({
      role: 'member',
      userId: 'user',
      keyId: 'key',
      rateLimitPerMinute: 60,
      sendEvents: false,
      rateLimits: [{ scope: 'key', id: 'key', perMinute: 60 }],
      access: EffectiveAccess.UNRESTRICTED,
    })
  })

  it('narrows what the user may see to what the key may', async () => {
    const policy = (names: string[]) => ({
      datasets: Object.fromEntries(names.map((name) => [name, { members: null, filters: [] }])),
      endpoints: [],
      dashboards: false,
    })
    record.userAccess = policy(['transactions', 'events'])
    record.keyAccess = policy(['events', 'orders'])
    const { access } = await authenticator.authenticate(KEY, '::1')
    expect(['transactions', 'events', 'orders'].filter((name) => access.mayUseDataset(name))).toEqual(['events'])
    expect((await authenticator.authenticate(ROOT_KEY, '::1')).access.isUnrestricted).toBe(true)
  })

  it.each([
    [5, null, 5, ['key']],
    [null, 7, 7, ['user']],
    [5, 7, 5, ['user', 'key']],
    [100, 7, 7, ['user', 'key']],
  ])('counts for a key of %s of a user of %s: at most %s, by %s', async (ofKey, ofUser, rateLimitPerMinute, ids) => {
    record.keyLimitPerMinute = ofKey
    record.userLimitPerMinute = ofUser
    const principal = await authenticator.authenticate(KEY, '::1')
    expect(principal.rateLimitPerMinute).toBe(rateLimitPerMinute)
    expect(principal.rateLimits.map(({ id }) => id)).toEqual(ids)
  })

  it('knows the root key without a look-up', async () => {
    expect(await authenticator.authenticate(ROOT_KEY, '::1')).toEqual({
      role: 'admin',
      userId: null,
      keyId: null,
      rateLimitPerMinute: null,
      rateLimits: [],
      access: EffectiveAccess.UNRESTRICTED,
    })
    expect(findByHash).not.toHaveBeenCalled()
  })

  it('asks the database once for many requests with one key', async () => {
    await Promise.all(Array.from({ length: 50 }, () => authenticator.authenticate(KEY, '::1')))
    expect(findByHash).toHaveBeenCalledTimes(1)
  })

  it.each<[string, () => string | undefined]>([
    ['none', () => undefined],
    ['malformed', () => 'ch_x'],
    ['unknown', () => generateApiKey()],
    ['unusable', () => ((record.usable = false), KEY)],
    ['expired', () => ((record.expiresAt = new Date(Date.now() - 1)), KEY)],
  ])('refuses a key that is %s with the same error', async (_name, key) => {
    await expect(authenticator.authenticate(key(), '::1')).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      message: 'Send a valid API key in the header x-api-key, or as Authorization: Bearer KEY.',
    })
  })

  it('ends a remembered key at the moment it expires', async () => {
    record.expiresAt = new Date(Date.now() + 30)
    await authenticator.authenticate(KEY, '::1')
    await new Promise((resolve) => setTimeout(resolve, 40))
    await expect(authenticator.authenticate(KEY, '::1')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  })

  it('throttles an address that fails, never a good key from there', async () => {
    for (let n = 0; n < 60; n++) await authenticator.authenticate('x', '192.0.2.1').catch(() => undefined)
    await expect(authenticator.authenticate('x', '192.0.2.1')).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    await expect(authenticator.authenticate('x', '192.0.2.2')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(await authenticator.authenticate(KEY, '192.0.2.1')).toMatchObject({ userId: 'user' })
  })

  it('knows a token by what is behind it: its key without its role, and half of its rate', async () => {
    record = { ...record, role: 'admin', sendEvents: true, keyLimitPerMinute: 40 }
    const token = `eyJ${'h'.repeat(20)}.${'p'.repeat(20)}.${'s'.repeat(43)}`
    tokens.set(token, 'token')
    const principal = await authenticator.authenticate(token, '::1')
    expect(principal).toEqual({
      role: 'member',
      userId: 'user',
      keyId: 'key',
      token: { id: 'token', creditLimitId: null },
      access: EffectiveAccess.of(SALES),
      rateLimitPerMinute: 20,
      sendEvents: false,
      rateLimits: [
        { scope: 'key', id: 'key', perMinute: 40 },
        { scope: 'token', id: 'token', perMinute: 20 },
      ],
    })
    expect(authenticator.recognize(token, '::1')).toBe(principal)
    record.usable = false
    authenticator.forget()
    await expect(authenticator.authenticate(token, '::1')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  })

  it('holds a key to its addresses', async () => {
    record.allowedCidrs = ['192.0.2.0/24']
    expect(await authenticator.authenticate(KEY, '192.0.2.5')).toMatchObject({ userId: 'user' })
    await expect(authenticator.authenticate(KEY, '192.0.3.5')).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })

  it('takes the metrics token for what it is', () => {
    expect(authenticator.isMetricsToken('token')).toBe(true)
    expect(authenticator.isMetricsToken('tokem')).toBe(false)
    expect(authenticator.isMetricsToken(undefined)).toBe(false)
  })
})
