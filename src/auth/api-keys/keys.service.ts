import { Injectable } from '@nestjs/common'
import { v7 as uuidv7 } from 'uuid'
import { AppError, NotFoundError, ValidationError } from '../../common/errors/app-error.js'
import type { Page, PageQuery } from '../../common/pagination.dto.js'
import { AuditTrail } from '../../audit/audit-trail.service.js'
import { Database } from '../../infrastructure/database/database.js'
import type { AccessPolicy } from '../access/access-policy.js'
import { generateApiKey, hashOfKey, prefixOfKey } from './api-key.js'
import { CreditLimitsService, type CreditLimit } from '../../credits/limits/credit-limits.service.js'
import { KeyAuthenticator } from '../key-authenticator.service.js'
import type { ApiKeyEntity } from './api-key.entity.js'
import { familyOf } from './key-family.js'
import { restraintOf } from './key-reach.js'
import { KeysRepository, type KeySettings } from './keys.repository.js'

export interface KeyOptions {
  name?: string | null
  expiresAt?: Date | null
  rateLimitPerMinute?: number | null
  allowedCidrs?: string[] | null
  sendEvents?: boolean
  access?: AccessPolicy | null
  creditLimit?: CreditLimit | null
  /** in place of creditLimit: that of another key, which both share */
  creditLimitId?: string | null
  /** the key that its requests count with */
  countedWith?: string | null
  /** the key that makes it */
  madeBy?: string | null
}

/** The secret leaves the process in this answer and is nowhere kept. */
export interface IssuedKey {
  key: ApiKeyEntity
  apiKey: string
}

/** The keys of users: issue, list, rotate, revoke. What a key made ends with it, and does not outlive it. */
@Injectable()
export class KeysService {
  constructor(
    private readonly keys: KeysRepository,
    private readonly database: Database,
    private readonly authenticator: KeyAuthenticator,
    private readonly limits: CreditLimitsService,
    private readonly audit: AuditTrail,
  ) {}

  /** A new key. NotFoundError when there is no such user. */
  async issue(userId: string, { creditLimit = null, ...options }: KeyOptions = {}): Promise<IssuedKey> {
    requireFuture(options.expiresAt)
    if (!(await this.keys.userExists(userId))) throw new NotFoundError('The user')
    return this.database.transaction(async () => {
      const creditLimitId = options.creditLimitId ?? (await this.limits.set(null, creditLimit))
      return this.insert(userId, options, creditLimitId)
    })
  }

  async list(userId: string, page: PageQuery): Promise<Page<ApiKeyEntity>> {
    if (!(await this.keys.userExists(userId))) throw new NotFoundError('The user')
    const { data, pagination } = await this.keys.list(userId, page)
    return { data: await this.withLimits(data), pagination }
  }

  /**
   * Changes what is given. A disabled key can be made active again, a revoked one cannot. What the key loses, keys that it made
   * lose too; what it gets, they do not.
   */
  async update(
    userId: string,
    keyId: string,
    { creditLimit, ...changes }: Partial<KeySettings> & Pick<KeyOptions, 'creditLimit'>,
  ): Promise<ApiKeyEntity> {
    requireFuture(changes.expiresAt)
    const key = await this.database.transaction(async () => {
      const [, ...made] = familyOf(await this.keys.lockAll(userId), keyId)
      const old = await this.keys.lock(userId, keyId)
      if (!old) throw new NotFoundError('The key')
      if (old.status === 'revoked') throw new AppError('CONFLICT', 'The key is revoked and cannot be changed.')
      const creditLimitId = creditLimit && (await this.limits.set(old.creditLimitId, creditLimit))
      await this.restrain(made, keyId, { ...changes, creditLimitId })
      return this.keys.change(old, { ...changes, creditLimitId })
    })
    this.changed()
    return (await this.withLimits([key]))[0]!
  }

  /** With all that it made. */
  async revoke(userId: string, keyId: string): Promise<void> {
    await this.database.transaction(async () => {
      const [key, ...made] = familyOf(await this.keys.lockAll(userId), keyId)
      if (!key) throw new NotFoundError('The key')
      await this.keys.revoke([key, ...made].map(({ id }) => id))
      const ending = made.filter(({ revokedAt }) => revokedAt === null)
      await this.recordMade('key.revoke', ending, { userId, madeBy: keyId })
    })
    this.changed()
  }

  /** What it made ends with the key that made it from now on. */
  async revokeAlone(userId: string, keyId: string): Promise<void> {
    await this.database.transaction(async () => {
      const key = await this.keys.lock(userId, keyId)
      if (!key) throw new NotFoundError('The key')
      await this.keys.handOver(keyId, key.madeBy)
      await this.keys.revoke([keyId])
    })
    this.changed()
  }

  /** For a user who is being deleted, in the transaction around; call `changed` too. */
  revokeAll(userId: string): Promise<void> {
    return this.keys.revokeAll(userId)
  }

  /** Users or keys changed: once that is committed, this instance asks the database again. */
  changed(): void {
    void this.database.afterCommit(() => this.authenticator.forget())
  }

  /**
   * A successor with the same name, limits, rights and expiry; the old key goes on for `overlapSeconds`. Both share one credit
   * limit, and what is used of it. What the old one made ends with the successor instead.
   */
  async rotate(userId: string, keyId: string, overlapSeconds: number): Promise<IssuedKey> {
    const issued = await this.database.transaction(async () => {
      const old = await this.keys.lock(userId, keyId)
      if (!old) throw new NotFoundError('The key')
      if (old.status !== 'active') throw new AppError('CONFLICT', `The key is ${old.status} and cannot be rotated.`)
      await this.keys.endIn(keyId, overlapSeconds)
      // With the counts of the old one: the overlap is no time of twice the limit.
      const successor = await this.insert(userId, { ...old, countedWith: countedAs(old) }, old.creditLimitId)
      await this.keys.handOver(keyId, successor.key.id)
      return successor
    })
    this.changed()
    return issued
  }

  /** What a key made reaches no further than it: what the key loses, they lose. */
  private async restrain(made: ApiKeyEntity[], madeBy: string, changes: Partial<KeySettings>): Promise<void> {
    for (const key of made.filter(({ revokedAt }) => revokedAt === null)) {
      const lost = restraintOf(key, changes)
      if (Object.keys(lost).length === 0) continue
      await this.keys.change(key, lost)
      await this.recordMade('key.update', [key], { madeBy, ...lost })
    }
  }

  private async recordMade(action: string, keys: ApiKeyEntity[], details: Record<string, unknown>): Promise<void> {
    for (const { id } of keys) await this.audit.record({ action, target: id, details })
  }

  private async insert(userId: string, options: KeyOptions, creditLimitId: string | null): Promise<IssuedKey> {
    const apiKey = generateApiKey()
    const { name, expiresAt, rateLimitPerMinute, allowedCidrs, sendEvents, access, countedWith, madeBy } = options
    const limits = { rateLimitPerMinute, countedWith, creditLimitId }
    const settings = { name, expiresAt, allowedCidrs, sendEvents, access, madeBy, ...limits }
    const secret = { prefix: prefixOfKey(apiKey), hash: hashOfKey(apiKey) }
    const key = await this.keys.insert({ ...settings, ...secret, id: uuidv7(), userId })
    return { key: (await this.withLimits([key]))[0]!, apiKey }
  }

  /** With what is used of their credit limits. */
  private async withLimits(keys: ApiKeyEntity[]): Promise<ApiKeyEntity[]> {
    const ids = keys.map(({ creditLimitId }) => creditLimitId).filter((id) => id !== null)
    const usages = await this.limits.usages(ids)
    for (const key of keys) if (key.creditLimitId) key.creditLimit = usages.get(key.creditLimitId)
    return keys
  }
}

/** The key under which this one's requests are counted. */
export function countedAs({ id, countedWith }: ApiKeyEntity): string {
  return countedWith ?? id
}

function requireFuture(expiresAt: Date | null | undefined): void {
  if (expiresAt && expiresAt <= new Date())
    throw new ValidationError([{ path: 'expiresAt', message: 'must be in the future' }])
}
