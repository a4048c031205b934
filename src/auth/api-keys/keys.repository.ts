import { Injectable } from '@nestjs/common'
import { In, IsNull } from 'typeorm'
import type { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity.js'
import type { Role } from '../../common/principal.js'
import type { Page, PageQuery } from '../../common/pagination.dto.js'
import { Database } from '../../infrastructure/database/database.js'
import { EntityRepository } from '../../infrastructure/database/entity-repository.js'
import type { AccessPolicy } from '../access/access-policy.js'
import { ApiKeyEntity } from './api-key.entity.js'

/** What authentication needs to know of a key and its user. */
export interface KeyRecord {
  keyId: string
  /** the key that its requests are counted under: itself, or the one that it came from */
  countedAs: string
  userId: string
  role: Role
  /** hex */
  hash: string
  usable: boolean
  expiresAt: Date | null
  allowedCidrs: string[] | null
  /** of the key alone, and of all keys of its user together (else of the user's plan); null: none of its own */
  keyLimitPerMinute: number | null
  userLimitPerMinute: number | null
  /** of the key or of its user */
  sendEvents: boolean
  /** null: no policy of its own */
  keyAccess: AccessPolicy | null
  userAccess: AccessPolicy | null
  planAccess: AccessPolicy | null
}

/** The same of the key that a browser token stands for, with what narrows it. */
export interface TokenKeyRecord extends KeyRecord {
  tokenId: string
  tokenExpiresAt: Date
  /** null: no policy of its own */
  tokenAccess: AccessPolicy | null
  /** null: no limit of its own */
  creditLimitId: string | null
}

/** What of a key can be changed. */
export type KeySettings = Pick<
  ApiKeyEntity,
  'name' | 'expiresAt' | 'rateLimitPerMinute' | 'allowedCidrs' | 'sendEvents' | 'access' | 'status' | 'creditLimitId'
>

const SELECT_RECORD = `
  SELECT k.id AS "keyId", coalesce(k.counted_with, k.id) AS "countedAs", k.user_id AS "userId", u.role, encode(k.hash, 'hex') AS hash,
    k.revoked_at IS NULL AND k.disabled_at IS NULL AND u.status = 'active' AND u.deleted_at IS NULL AS usable,
    k.expires_at AS "expiresAt", k.allowed_cidrs AS "allowedCidrs",
    k.rate_limit_per_minute AS "keyLimitPerMinute",
    coalesce(u.rate_limit_per_minute, p.rate_limit_per_minute) AS "userLimitPerMinute",
    k.send_events OR u.send_events AS "sendEvents",
    k.access AS "keyAccess", u.access AS "userAccess", p.access AS "planAccess"
  FROM api_keys k JOIN users u ON u.id = k.user_id LEFT JOIN plans p ON p.id = u.plan_id`

const SELECT_TOKEN = `
  SELECT r.*, t.id AS "tokenId", t.expires_at AS "tokenExpiresAt", t.access AS "tokenAccess",
    t.credit_limit_id AS "creditLimitId"
  FROM browser_tokens t CROSS JOIN LATERAL (${SELECT_RECORD} WHERE k.id = t.key_id) r`

/** API keys. It reads `users` and `plans` too: what a key may do depends on all three, and is asked with every request. */
@Injectable()
export class KeysRepository extends EntityRepository<ApiKeyEntity> {
  constructor(database: Database) {
    super(database, ApiKeyEntity)
  }

  async findByHash(hash: string): Promise<KeyRecord | undefined> {
    const text = `${SELECT_RECORD} WHERE k.hash = decode($1, 'hex')`
    return (await this.database.query<KeyRecord>(text, [hash], 'keys-by-hash'))[0]
  }

  async findById(keyId: string): Promise<KeyRecord | undefined> {
    return (await this.database.query<KeyRecord>(`${SELECT_RECORD} WHERE k.id = $1`, [keyId], 'keys-by-id'))[0]
  }

  /** The key that this browser token stands for. */
  async findByToken(tokenId: string): Promise<TokenKeyRecord | undefined> {
    const text = `${SELECT_TOKEN} WHERE t.id = $1`
    return (await this.database.query<TokenKeyRecord>(text, [tokenId], 'keys-by-token'))[0]
  }

  async userExists(userId: string): Promise<boolean> {
    const rows = await this.database.query('SELECT 1 FROM users WHERE id = $1 AND deleted_at IS NULL', [userId])
    return rows.length > 0
  }

  /** Newest first. */
  list(userId: string, page: PageQuery): Promise<Page<ApiKeyEntity>> {
    const query = this.rows.createQueryBuilder('key').where('key.userId = :userId', { userId })
    return this.page(query.orderBy('key.id', 'DESC'), page)
  }

  /** All of them, locked until the transaction ends: of two that take away the last ones, one sees the other. */
  async lockAll(userId: string): Promise<ApiKeyEntity[]> {
    const query = this.rows.createQueryBuilder('key').where('key.userId = :userId', { userId }).orderBy('key.id')
    await query.clone().setLock('pessimistic_write').getMany()
    // Again, for those that were made while this waited for the lock.
    return query.getMany()
  }

  /** Revoking them again changes nothing. */
  async revoke(keyIds: string[]): Promise<void> {
    await this.rows.update({ id: In(keyIds) }, { revokedAt: () => 'coalesce(revoked_at, now())' })
  }

  /** What `keyId` made ends with its successor from now on; null: with none. */
  async handOver(keyId: string, successorId: string | null): Promise<void> {
    await this.rows.update({ madeBy: keyId }, { madeBy: successorId })
  }

  async revokeAll(userId: string): Promise<void> {
    await this.rows.update({ userId, revokedAt: IsNull() }, { revokedAt: () => 'now()' })
  }

  /** The key as it was, locked until the transaction ends, so that two rotations do not make two successors. */
  lock(userId: string, keyId: string): Promise<ApiKeyEntity | null> {
    return this.rows
      .createQueryBuilder('key')
      .where('key.id = :keyId AND key.userId = :userId', { keyId, userId })
      .andWhere('EXISTS (SELECT FROM users u WHERE u.id = key.userId AND u.deleted_at IS NULL)')
      .setLock('pessimistic_write')
      .getOne()
  }

  /** Changes what is given of a key that is locked. */
  async change(key: ApiKeyEntity, { status = key.status, ...settings }: Partial<KeySettings>): Promise<ApiKeyEntity> {
    const disabledAt = status === 'disabled' ? () => 'coalesce(disabled_at, now())' : null
    return (await this.update(key.id, { ...settings, disabledAt } as QueryDeepPartialEntity<ApiKeyEntity>))!
  }

  /** The key ends in `seconds`, or at its own earlier expiry; 0 revokes it. */
  async endIn(keyId: string, seconds: number): Promise<void> {
    const end =
      seconds === 0
        ? { revokedAt: () => 'now()' }
        : { expiresAt: () => 'least(expires_at, now() + make_interval(secs => :seconds))' }
    await this.rows.createQueryBuilder().update().set(end).where({ id: keyId }).setParameters({ seconds }).execute()
  }

  async touch(uses: [keyId: string, at: Date][]): Promise<void> {
    await this.database.query(
      `UPDATE api_keys k SET last_used_at = u.at FROM unnest($1::uuid[], $2::timestamptz[]) AS u (id, at)
       WHERE k.id = u.id AND (k.last_used_at IS NULL OR k.last_used_at < u.at)`,
      [uses.map(([keyId]) => keyId), uses.map(([, at]) => at)],
    )
  }

  /** True when this call stored the root key; false when there was one. */
  async insertRootKey(hash: string): Promise<boolean> {
    const rows = await this.database.query(
      `INSERT INTO root_keys (hash) VALUES (decode($1, 'hex')) ON CONFLICT (id) DO NOTHING RETURNING 1`,
      [hash],
    )
    return rows.length > 0
  }

  async rootKeyHash(): Promise<string | undefined> {
    const rows = await this.database.query<{ hash: string }>(`SELECT encode(hash, 'hex') AS hash FROM root_keys`)
    return rows[0]?.hash
  }
}
