import { Injectable } from '@nestjs/common'
import type { EntityManager } from 'typeorm'
import { v7 as uuidv7 } from 'uuid'
import { AppError, NotFoundError, ValidationError } from '../common/app-error.js'
import { pageOf, type Page, type PageQuery } from '../common/pagination.dto.js'
import { Database } from '../database/database.js'
import { generateApiKey, hashOfKey, prefixOfKey } from './api-key.js'
import { AuthenticatorService } from './authenticator.service.js'
import { KeysRepository, type KeyRow, type KeySettings } from './keys.repository.js'

export interface KeyOptions {
  name?: string | null
  expiresAt?: Date | null
  rateLimitPerMinute?: number | null
  allowedCidrs?: string[] | null
}

/** The secret leaves the process in this answer and is nowhere kept. */
export interface IssuedKey {
  key: KeyRow
  apiKey: string
}

/** The keys of users: issue, list, rotate, revoke. */
@Injectable()
export class KeysService {
  constructor(
    private readonly keys: KeysRepository,
    private readonly database: Database,
    private readonly authenticator: AuthenticatorService,
  ) {}

  /** A new key; with a `manager`, in its transaction. NotFoundError when there is no such user. */
  async issue(userId: string, options: KeyOptions = {}, manager?: EntityManager): Promise<IssuedKey> {
    requireFuture(options.expiresAt)
    const apiKey = generateApiKey()
    const key = await this.keys.insert(
      {
        id: uuidv7(),
        userId,
        name: options.name ?? null,
        prefix: prefixOfKey(apiKey),
        hash: hashOfKey(apiKey),
        expiresAt: options.expiresAt ?? null,
        rateLimitPerMinute: options.rateLimitPerMinute ?? null,
        allowedCidrs: options.allowedCidrs ?? null,
      },
      manager,
    )
    if (!key) throw new NotFoundError('The user')
    return { key, apiKey }
  }

  async list(userId: string, page: PageQuery): Promise<Page<KeyRow>> {
    if (!(await this.keys.userExists(userId))) throw new NotFoundError('The user')
    const { rows, total } = await this.keys.list(userId, page)
    return pageOf(rows, page, total)
  }

  /** Changes what is given. A disabled key can be made active again, a revoked one cannot. */
  async update(userId: string, keyId: string, changes: Partial<KeySettings>): Promise<KeyRow> {
    requireFuture(changes.expiresAt)
    const key = await this.database.transaction(async (manager) => {
      const old = await this.keys.lock(userId, keyId, manager)
      if (!old) throw new NotFoundError('The key')
      if (old.status === 'revoked') throw new AppError('CONFLICT', 'The key is revoked and cannot be changed.')
      return this.keys.update({ ...old, ...changes }, manager)
    })
    this.changed()
    return key
  }

  async revoke(userId: string, keyId: string): Promise<void> {
    if (!(await this.keys.revoke(userId, keyId))) throw new NotFoundError('The key')
    this.changed()
  }

  /** For a user who is being deleted, in that transaction; call `changed` too. */
  revokeAll(userId: string, manager: EntityManager): Promise<void> {
    return this.keys.revokeAll(userId, manager)
  }

  /** Users or keys changed: once that is committed, this instance asks the database again. */
  changed(): void {
    void this.database.afterCommit(() => this.authenticator.forget())
  }

  /** A successor with the same name, limits and expiry; the old key goes on for `overlapSeconds`. */
  async rotate(userId: string, keyId: string, overlapSeconds: number): Promise<IssuedKey> {
    const issued = await this.database.transaction(async (manager) => {
      const old = await this.keys.lock(userId, keyId, manager)
      if (!old) throw new NotFoundError('The key')
      if (old.status !== 'active') throw new AppError('CONFLICT', `The key is ${old.status} and cannot be rotated.`)
      await this.keys.endIn(keyId, overlapSeconds, manager)
      return this.issue(userId, old, manager)
    })
    this.changed()
    return issued
  }
}

function requireFuture(expiresAt: Date | null | undefined): void {
  if (expiresAt && expiresAt <= new Date())
    throw new ValidationError([{ path: 'expiresAt', message: 'must be in the future' }])
}
