import { Injectable } from '@nestjs/common'
import { AppError, NotFoundError } from '../../common/errors/app-error.js'
import type { Page, PageQuery } from '../../common/pagination.dto.js'
import { accountIdOf, type Principal } from '../../common/principal.js'
import { Config } from '../../config/config.js'
import { Database } from '../../infrastructure/database/database.js'
import type { AccessPolicy, DatasetPolicy } from '../access/access-policy.js'
import { EffectiveAccess } from '../access/effective-access.js'
import { UnauthenticatedError } from '../auth.errors.js'
import type { ApiKeyEntity } from './api-key.entity.js'
import { excessesOf, type KeyReach } from './key-reach.js'
import { familyOf } from './key-family.js'
import { KeysRepository } from './keys.repository.js'
import { countedAs, KeysService, type IssuedKey, type KeyOptions } from './keys.service.js'

/** Usable ones that an account may have before it cannot make more itself. */
const MAX_USABLE_KEYS = 100

const LAST_KEY = 'This is the last key that works. Issue another one first, or rotate this one.'

/** What a request of one key does with the keys of its account. */
interface OwnKeys {
  own: ApiKeyEntity
  all: ApiKeyEntity[]
}

/**
 * Keys in the hands of their users: none is made, replaced or revoked by a key that reaches less far, and an account
 * keeps one that works. The keys of others do not exist here.
 */
@Injectable()
export class OwnKeysService {
  constructor(
    private readonly keys: KeysService,
    private readonly repository: KeysRepository,
    private readonly database: Database,
    private readonly config: Config,
  ) {}

  list(userId: string, page: PageQuery): Promise<Page<ApiKeyEntity>> {
    return this.keys.list(userId, page)
  }

  /** What is not given is as with the key that asks; AppError (403) for what goes beyond it. */
  issue(principal: Principal, options: KeyOptions): Promise<IssuedKey> {
    return this.locked(principal, ({ own, all }) => {
      if (all.filter(isUsable).length >= MAX_USABLE_KEYS)
        throw new AppError('CONFLICT', `This account has ${MAX_USABLE_KEYS} keys that work: revoke one first.`)
      const wanted = withDefaults(options, own)
      // A user cannot see the filters of a policy, so none are asked for: they are laid over what is given.
      this.requireWithin(principal, wanted, { ...own, access: withoutFilters(own.access) })
      const access = EffectiveAccess.of(own.access, wanted.access).asPolicy()
      return this.keys.issue(own.userId, { ...wanted, access, countedWith: countedAs(own), madeBy: own.id })
    })
  }

  /** Also of the key that asks: its successor has the same rights. */
  rotate(principal: Principal, keyId: string, overlapSeconds: number): Promise<IssuedKey> {
    return this.locked(principal, ({ own, all }) => {
      this.requireWithin(principal, found(all, keyId), own)
      return this.keys.rotate(own.userId, keyId, overlapSeconds)
    })
  }

  /** With what it made, but for the key that asks: where that is one of them, or the key itself, all of them stay. */
  revoke(principal: Principal, keyId: string): Promise<void> {
    return this.locked(principal, ({ own, all }) => {
      this.requireWithin(principal, found(all, keyId), own)
      if (!all.some((other) => other.id !== keyId && isUsable(other))) throw new AppError('CONFLICT', LAST_KEY)
      const ending = familyOf(all, keyId)
      if (ending.includes(own)) return this.keys.revokeAlone(own.userId, keyId)
      for (const made of ending.filter(isUsable)) this.requireWithin(principal, made, own)
      return this.keys.revoke(own.userId, keyId)
    })
  }

  private locked<T>(principal: Principal, work: (keys: OwnKeys) => Promise<T>): Promise<T> {
    const userId = accountIdOf(principal)
    return this.database.transaction(async () => {
      const all = await this.repository.lockAll(userId)
      const own = all.find(({ id }) => id === principal.keyId)
      // It may have ended since the request was let in.
      if (!own || !isUsable(own)) throw new UnauthenticatedError()
      return work({ own, all })
    })
  }

  private requireWithin(principal: Principal, wanted: KeyOptions, own: KeyOptions): void {
    const errors = excessesOf(this.reachOf(principal, wanted), this.reachOf(principal, own))
    if (errors.length === 0) return
    const reasons = errors.map(({ path, message }) => `${path} ${message}`).join('; ')
    throw new AppError('FORBIDDEN', `A key reaches no further than the key that asks for it: ${reasons}.`, { errors })
  }

  /** With the limit of the account, or the server's where there is none. */
  private reachOf({ role, rateLimits }: Principal, key: KeyOptions): KeyReach {
    const ofAccount = rateLimits.find(({ scope }) => scope === 'account')?.perMinute
    const ofKey = key.rateLimitPerMinute ?? ofAccount ?? this.config.rateLimitPerMinute
    return {
      expiresAt: key.expiresAt ?? null,
      rateLimitPerMinute: Math.min(ofKey, ofAccount ?? Infinity),
      allowedCidrs: key.allowedCidrs ?? null,
      // What its user may, every key may.
      sendEvents: role === 'admin' || (key.sendEvents ?? false),
      access: key.access ?? null,
      creditLimitId: key.creditLimitId ?? null,
    }
  }
}

function found(all: ApiKeyEntity[], keyId: string): ApiKeyEntity {
  const key = all.find(({ id }) => id === keyId)
  if (!key) throw new NotFoundError('The key')
  return key
}

function isUsable({ status }: ApiKeyEntity): boolean {
  return status === 'active'
}

/** `null` is what is given: it asks for no limit. */
function withDefaults(options: KeyOptions, own: ApiKeyEntity): KeyOptions {
  const { expiresAt, rateLimitPerMinute, allowedCidrs, sendEvents, access } = own
  // A limit of its own beside the shared one would be more to spend.
  const creditLimitId = options.creditLimit === undefined ? own.creditLimitId : null
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  return { expiresAt, rateLimitPerMinute, allowedCidrs, sendEvents, access, creditLimitId, ...given }
}

/** All rows of the same datasets. */
function withoutFilters(access: AccessPolicy | null): AccessPolicy | null {
  if (!access) return null
  const datasets = Object.entries(access.datasets).map(
    ([name, { members }]) => [name, { members, filters: [] }] satisfies [string, DatasetPolicy],
  )
  return { ...access, datasets: Object.fromEntries(datasets) }
}
