import { Injectable } from '@nestjs/common'
import { v7 as uuidv7 } from 'uuid'
import { AppError, NotFoundError, ValidationError } from '../../common/errors/app-error.js'
import type { Page, PageQuery } from '../../common/pagination.dto.js'
import { Database } from '../../infrastructure/database/database.js'
import type { AccessPolicy } from '../access/access-policy.js'
import { generateApiKey, hashOfKey, prefixOfKey } from './api-key.js'
import { KeyAuthenticator } from '../key-authenticator.service.js'
import type { ApiKeyEntity } from './api-key.entity.js'
import { KeysRepository, type KeySettings } from './keys.repository.js'

export interface KeyOptions {
  name?: string | null
  expiresAt?: Date | null
  rateLimitPerMinute?: number | null
  allowedCidrs?: string[] | null
  sendEvents?: boolean
  access?: AccessPolicy | null
}

/** The secret leaves the process in this answer and is nowhere kept. */
export interface IssuedKey {
  key: ApiKeyEntity
  apiKey: string
}

/** The keys of users: issue, list, rotate, revoke. */
@Injectable()
export class KeysService {
  constructor(
    private readonly keys: KeysRepository,
    private readonly database: Database,
    private readonly authenticator: KeyAuthenticator,
  ) {}

  /** A new key. NotFoundError when there is no such user. */
  async issue(userId: string, options: KeyOptions = {}): Promise<IssuedKey> {
    requireFuture(options.expiresAt)
    const apiKey = generateApiKey()
    if (!(await this.keys.userExists(userId))) throw new NotFoundError('The user')
    const { name, expiresAt, rateLimitPerMinute, allowedCidrs, sendEvents, access } = options
    const settings = { name, expiresAt, rateLimitPerMinute, allowedCidrs, sendEvents, access }
    const secret = { prefix: prefixOfKey(apiKey), hash: hashOfKey(apiKey) }
    return { key: await this.keys.insert({ ...settings, ...secret, id: uuidv7(), userId }), apiKey }
  }

  async list(userId: string, page: PageQuery): Promise<Page<ApiKeyEntity>> {
    if (!(await this.keys.userExists(userId))) throw new NotFoundError('The user')
    return this.keys.list(userId, page)
  }

  /** Changes what is given. A disabled key can be made active again, a revoked one cannot. */
  async update(userId: string, keyId: string, changes: Partial<KeySettings>): Promise<ApiKeyEntity> {
    requireFuture(changes.expiresAt)
    const key = await this.database.transaction(async () => {
      const old = await this.keys.lock(userId, keyId)
      if (!old) throw new NotFoundError('The key')
      if (old.status === 'revoked') throw new AppError('CONFLICT', 'The key is revoked and cannot be changed.')
      return this.keys.change(old, changes)
    })
    this.changed()
    return key
  }

  async revoke(userId: string, keyId: string): Promise<void> {
    if (!(await this.keys.revoke(userId, keyId))) throw new NotFoundError('The key')
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

  /** A successor with the same name, limits, rights and expiry; the old key goes on for `overlapSeconds`. */
  async rotate(userId: string, keyId: string, overlapSeconds: number): Promise<IssuedKey> {
    const issued = await this.database.transaction(async () => {
      const old = await this.keys.lock(userId, keyId)
      if (!old) throw new NotFoundError('The key')
      if (old.status !== 'active') throw new AppError('CONFLICT', `The key is ${old.status} and cannot be rotated.`)
      await this.keys.endIn(keyId, overlapSeconds)
      return this.issue(userId, old)
    })
    this.changed()
    return issued
  }
}

function requireFuture(expiresAt: Date | null | undefined): void {
  if (expiresAt && expiresAt <= new Date())
    throw new ValidationError([{ path: 'expiresAt', message: 'must be in the future' }])
}
