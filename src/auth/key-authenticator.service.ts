import { timingSafeEqual } from 'node:crypto'
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common'
import { Interval } from '@nestjs/schedule'
import type { Principal, RateLimitBucket } from '../common/principal.js'
import { Config } from '../config/config.js'
import { CidrAllowlist } from '../common/http/cidr-allowlist.js'
import { EffectiveAccess } from './access/effective-access.js'
import { hashOfKey, isApiKey, isKeyText } from './api-keys/api-key.js'
import { ExpiringCache } from '../common/expiring-cache.js'
import { ForbiddenError, UnauthenticatedError } from './auth.errors.js'
import { KeysRepository, type KeyRecord, type TokenKeyRecord } from './api-keys/keys.repository.js'
import { FailedAttempts } from './rate-limits/failed-attempts.js'
import { RootKeyService } from './api-keys/root-key.service.js'
import { SessionsService } from './sessions/sessions.service.js'
import type { TicketPrincipal } from './tickets/ticket-principal.js'
import { isToken, TokenSigner } from './tokens/token-signer.js'
import { shareOf } from './tokens/token-share.js'

/** A revoked key stops working on every instance within this time, since no answer is remembered longer. */
const CACHE_TTL_MS = 700
const CACHE_MAX_KEYS = 20_000

interface KnownKey {
  principal: Principal
  usable: boolean
  expiresAtMs: number
  allowedFrom?: CidrAllowlist
}

/** The root key has no account, and nothing limits it. */
export const ROOT_PRINCIPAL: Readonly<Principal> = Object.freeze({
  role: 'admin',
  userId: null,
  keyId: null,
  rateLimitPerMinute: null,
  rateLimits: [],
  access: EffectiveAccess.UNRESTRICTED,
})

/** Tells who sends a request: key or token in, principal out. */
@Injectable()
export class KeyAuthenticator implements OnApplicationShutdown {
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
    private readonly tokens: TokenSigner,
  ) {}

  /**
   * The principal that `key` stands for, which may be a token. UnauthenticatedError for anything but a live key of an active
   * user (429 for an address that keeps failing), ForbiddenError for a good key from an address that is not on its list.
   */
  async authenticate(key: string | undefined, address: string): Promise<Principal> {
    const principal = key === undefined ? undefined : await this.ownerOf(key, address)
    if (!principal) throw await this.refusal(address)
    return principal
  }

  /** The principal of a good key that was looked up a moment ago, at once; undefined leaves it to `authenticate`. */
  recognize(key: string | undefined, address: string): Principal | undefined {
    const known = key === undefined ? undefined : this.peek(key)
    return known && isAllowedFrom(known, address) ? this.principalOf(known) : undefined
  }

  /**
   * The principal behind the key that this browser signed in with. A session that has ended counts as no attempt: pages
   * go on asking for a while.
   */
  async authenticateSession(token: string, address: string): Promise<Principal> {
    const keyHash = await this.sessions.keyHashOf(token)
    const principal = keyHash === undefined ? undefined : await this.holderOf(keyHash, address)
    if (!principal) throw new UnauthenticatedError()
    return principal
  }

  /** As authenticate, for a key that was shown before: a ticket stood for it, and for the session that asked for it. */
  async authenticateTicket({ keyId, sessionHash }: TicketPrincipal, address: string): Promise<Principal> {
    if (sessionHash !== null && (await this.sessions.keyHashOfSession(sessionHash)) === undefined)
      throw new UnauthenticatedError()
    if (keyId === null) return ROOT_PRINCIPAL
    const known = await this.known.get(keyId, () => this.loadById(keyId))
    const principal = known && this.admitted(known, address)
    if (!principal) throw await this.refusal(address)
    return principal
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

  /** A text without the shape of an API key can only be the root key: no database is asked for it. */
  private async ownerOf(key: string, address: string): Promise<Principal | undefined> {
    if (isApiKey(key)) return this.holderOf(hashOfKey(key), address)
    if (isKeyText(key) && this.rootKey.matches(hashOfKey(key))) return ROOT_PRINCIPAL
    if (!isToken(key)) return undefined
    const known = await this.known.get(tokenEntry(key), () => this.loadByToken(key))
    return known && this.admitted(known, address)
  }

  private peek(key: string): KnownKey | undefined {
    if (isApiKey(key)) return this.known.peek(hashOfKey(key))
    return isToken(key) ? this.known.peek(tokenEntry(key)) : undefined
  }

  private async holderOf(hash: string, address: string): Promise<Principal | undefined> {
    if (this.rootKey.matches(hash)) return ROOT_PRINCIPAL
    const known = await this.known.get(hash, () => this.loadByHash(hash))
    return known && this.admitted(known, address)
  }

  private admitted(known: KnownKey, address: string): Principal | undefined {
    const principal = this.principalOf(known)
    if (principal && !isAllowedFrom(known, address)) {
      throw new ForbiddenError('This key may not be used from this address; an admin can add it to allowedCidrs.')
    }
    return principal
  }

  /** Notes the use of the key. */
  private principalOf(known: KnownKey): Principal | undefined {
    if (!isLive(known)) return undefined
    this.uses.set(known.principal.keyId!, Date.now())
    return known.principal
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

  /** What the token does not say: whose it is, what it may, and whether its key is still good. */
  private async loadByToken(token: string): Promise<KnownKey | undefined> {
    const tokenId = await this.tokens.verify(token)
    const record = tokenId === undefined ? undefined : await this.keys.findByToken(tokenId)
    return record && tokenOf(this.knownKey(record), record)
  }

  private knownKey(record: KeyRecord): KnownKey {
    const { keyId, userId, role, sendEvents } = record
    const access = EffectiveAccess.of(record.userAccess, record.planAccess, record.keyAccess)
    const rateLimits = this.rateLimitsOf(record)
    const rateLimitPerMinute = Math.min(...rateLimits.map(({ perMinute }) => perMinute))
    return {
      principal: Object.freeze({ role, userId, keyId, rateLimitPerMinute, sendEvents, rateLimits, access }),
      usable: record.usable,
      expiresAtMs: record.expiresAt?.getTime() ?? Infinity,
      allowedFrom: record.allowedCidrs?.length ? new CidrAllowlist(record.allowedCidrs) : undefined,
    }
  }

  /**
   * A user's own limit holds for all its keys together, a key's for that key; the server's default is for each key. A key
   * that a key made, and a successor, count with the key that they came from.
   */
  private rateLimitsOf({ countedAs: id, userId, keyLimitPerMinute, userLimitPerMinute }: KeyRecord): RateLimitBucket[] {
    const rateLimits: RateLimitBucket[] = []
    if (userLimitPerMinute !== null) rateLimits.push({ scope: 'account', id: userId, perMinute: userLimitPerMinute })
    if (keyLimitPerMinute !== null) rateLimits.push({ scope: 'key', id, perMinute: keyLimitPerMinute })
    return rateLimits.length > 0 ? rateLimits : [{ scope: 'key', id, perMinute: this.config.rateLimitPerMinute }]
  }
}

/** Apart from the keys, whose entries are found by their hashes alone: a session leads to such a hash. */
function tokenEntry(token: string): string {
  return `token ${hashOfKey(token)}`
}

/** The key as its token has it: without the rights of a role, with a share of the rate limits, for a time of its own. */
function tokenOf(key: KnownKey, { tokenId, tokenExpiresAt, tokenAccess, creditLimitId }: TokenKeyRecord): KnownKey {
  const { principal } = key
  const perMinute = shareOf(principal.rateLimitPerMinute!)
  const share: RateLimitBucket = { scope: 'token', id: tokenId, perMinute }
  return {
    ...key,
    principal: Object.freeze({
      ...principal,
      token: { id: tokenId, creditLimitId },
      access: principal.access.narrowedBy(tokenAccess),
      role: 'member',
      sendEvents: false,
      rateLimitPerMinute: perMinute,
      rateLimits: [...principal.rateLimits, share],
    }),
    expiresAtMs: Math.min(key.expiresAtMs, tokenExpiresAt.getTime()),
  }
}

function isLive({ usable, expiresAtMs }: KnownKey): boolean {
  return usable && expiresAtMs > Date.now()
}

function isAllowedFrom({ allowedFrom }: KnownKey, address: string): boolean {
  return !allowedFrom || allowedFrom.has(address)
}
