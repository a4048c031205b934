import { timingSafeEqual } from 'node:crypto'
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common'
import { Interval } from '@nestjs/schedule'
import type { Allowance, Caller } from '../common/caller.js'
import { Config } from '../config/config.js'
import { AddressList } from './address-list.js'
import { hashOfKey, isApiKey } from './api-key.js'
import { ExpiringCache } from './expiring-cache.js'
import { ForbiddenError, UnauthenticatedError } from './keys.errors.js'
import { KeysRepository, type KeyRecord } from './keys.repository.js'
import { FailedAttempts } from './failed-attempts.js'
import { RootKeyService } from './root-key.service.js'
import { SessionsService } from './sessions.service.js'
import type { HeldKey } from './tickets.service.js'

/** A revoked key stops working on every instance within this time, since no answer is remembered longer. */
const CACHE_TTL_MS = 700
const CACHE_MAX_KEYS = 20_000

interface KnownKey {
  caller: Caller
  usable: boolean
  expiresAtMs: number
  allowedFrom?: AddressList
}

const ROOT: Readonly<Caller> = Object.freeze({ role: 'admin', userId: null, keyId: null, rateLimitPerMinute: null })

/** Tells who sends a request: key in, caller out. */
@Injectable()
export class AuthenticatorService implements OnApplicationShutdown {
  private readonly logger = new Logger('Keys')
  private readonly known = new ExpiringCache<KnownKey | undefined>({
    ttlMs: CACHE_TTL_MS,
    maxEntries: CACHE_MAX_KEYS,
  })
  /** epoch milliseconds by key */
  private uses = new Map<string, number>()

  constructor(
    private readonly keys: KeysRepository,
    private readonly rootKey: RootKeyService,
    private readonly config: Config,
    private readonly failures: FailedAttempts,
    private readonly sessions: SessionsService,
  ) {}

  /**
   * The caller that `key` stands for. UnauthenticatedError for anything but a live key of an active user (429 for an
   * address that keeps failing), ForbiddenError for a good key from an address that is not on its list.
   */
  async authenticate(key: string | undefined, address: string): Promise<Caller> {
    const caller = key !== undefined && isApiKey(key) ? await this.holderOf(hashOfKey(key), address) : undefined
    if (!caller) throw await this.refusal(address)
    return caller
  }

  /** The caller of a good key that was looked up a moment ago, at once; undefined leaves it to `authenticate`. */
  recognize(key: string | undefined, address: string): Caller | undefined {
    if (key === undefined || !isApiKey(key)) return undefined
    const known = this.known.peek(hashOfKey(key))
    if (!known || !isLive(known) || (known.allowedFrom && !known.allowedFrom.has(address))) return undefined
    this.uses.set(known.caller.keyId!, Date.now())
    return known.caller
  }

  /**
   * The caller behind the key that this browser signed in with. A session that has ended counts as no attempt: pages
   * go on asking for a while.
   */
  async authenticateSession(token: string, address: string): Promise<Caller> {
    const keyHash = await this.sessions.keyHashOf(token)
    const caller = keyHash === undefined ? undefined : await this.holderOf(keyHash, address)
    if (!caller) throw new UnauthenticatedError()
    return caller
  }

  /** As authenticate, for a key that was shown before: a ticket stood for it, and for the session that asked for it. */
  async authenticateHeld({ keyId, sessionHash }: HeldKey, address: string): Promise<Caller> {
    if (sessionHash !== null && (await this.sessions.keyHashOfSession(sessionHash)) === undefined)
      throw new UnauthenticatedError()
    if (keyId === null) return ROOT
    const known = await this.known.get(keyId, () => this.loadById(keyId))
    const caller = known && this.admitted(known, address)
    if (!caller) throw await this.refusal(address)
    return caller
  }

  /** What to throw at somebody who showed nothing that opens: 401, and 429 for an address that keeps failing. */
  async refusal(address: string): Promise<Error> {
    await this.failures.note(address)
    return new UnauthenticatedError()
  }

  /** The token of the metrics scraper, not one of a user. */
  isMetricsToken(token: string | undefined): boolean {
    const { metricsToken } = this.config
    if (!metricsToken || token === undefined) return false
    return timingSafeEqual(Buffer.from(hashOfKey(token), 'hex'), Buffer.from(hashOfKey(metricsToken), 'hex'))
  }

  /** Called when keys or users change here; the other instances see it when what they remember is stale. */
  forget(): void {
    this.known.clear()
  }

  /** "Last used" is written now and then, not with every request. */
  @Interval(10_000)
  async writeLastUsed(): Promise<void> {
    if (this.uses.size === 0) return
    const uses = this.uses
    this.uses = new Map()
    const times = [...uses].map(([keyId, usedAtMs]): [string, Date] => [keyId, new Date(usedAtMs)])
    await this.keys.touch(times).catch((error: unknown) => this.logger.warn(`last use of keys: ${String(error)}`))
  }

  onApplicationShutdown(): Promise<void> {
    return this.writeLastUsed()
  }

  private async holderOf(hash: string, address: string): Promise<Caller | undefined> {
    if (this.rootKey.matches(hash)) return ROOT
    const known = await this.known.get(hash, () => this.loadByHash(hash))
    return known && this.admitted(known, address)
  }

  private admitted(known: KnownKey, address: string): Caller | undefined {
    if (!isLive(known)) return undefined
    if (known.allowedFrom && !known.allowedFrom.has(address)) {
      throw new ForbiddenError('This key may not be used from this address.')
    }
    this.uses.set(known.caller.keyId!, Date.now())
    return known.caller
  }

  private async loadByHash(hash: string): Promise<KnownKey | undefined> {
    const record = await this.keys.findByHash(hash)
    // In constant time, because it shall not lean on how the index compares.
    if (!record || !timingSafeEqual(Buffer.from(record.hash, 'hex'), Buffer.from(hash, 'hex'))) return undefined
    return this.knownKey(record)
  }

  private async loadById(keyId: string): Promise<KnownKey | undefined> {
    const record = await this.keys.findById(keyId)
    return record && this.knownKey(record)
  }

  private knownKey(record: KeyRecord): KnownKey {
    const { keyId, userId, role } = record
    const allowances = this.allowancesOf(record)
    const rateLimitPerMinute = Math.min(...allowances.map(({ perMinute }) => perMinute))
    return {
      caller: Object.freeze({ role, userId, keyId, rateLimitPerMinute, allowances }),
      usable: record.usable,
      expiresAtMs: record.expiresAt?.getTime() ?? Infinity,
      allowedFrom: record.allowedCidrs?.length ? new AddressList(record.allowedCidrs) : undefined,
    }
  }

  /** A user's own limit holds for all his keys together, a key's for that key; the server's default is for each key. */
  private allowancesOf({ keyId, userId, keyLimitPerMinute, userLimitPerMinute }: KeyRecord): Allowance[] {
    const allowances: Allowance[] = []
    if (userLimitPerMinute !== null) allowances.push({ id: `user:${userId}`, perMinute: userLimitPerMinute })
    if (keyLimitPerMinute !== null) allowances.push({ id: keyId, perMinute: keyLimitPerMinute })
    return allowances.length > 0 ? allowances : [{ id: keyId, perMinute: this.config.rateLimitPerMinute }]
  }
}

function isLive({ usable, expiresAtMs }: KnownKey): boolean {
  return usable && expiresAtMs > Date.now()
}
