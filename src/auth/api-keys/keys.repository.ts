import { Injectable } from '@nestjs/common'
import type { EntityManager } from 'typeorm'
import type { Role } from '../common/caller.js'
import type { PageQuery } from '../common/pagination.dto.js'
import { Database } from '../database/database.js'

/** What authentication needs to know of a key and its user. */
export interface KeyRecord {
  keyId: string
  userId: string
  role: Role
  /** hex */
  hash: string
  usable: boolean
  expiresAt: Date | null
  allowedCidrs: string[] | null
  /** of the key alone, and of all keys of its user together; null: none of its own */
  keyLimitPerMinute: number | null
  userLimitPerMinute: number | null
}

export interface KeyRow {
  id: string
  name: string | null
  prefix: string
  expiresAt: Date | null
  lastUsedAt: Date | null
  status: 'active' | 'disabled' | 'expired' | 'revoked'
  createdAt: Date
  rateLimitPerMinute: number | null
  allowedCidrs: string[] | null
}

/** What of a key can be changed. */
export type KeySettings = Pick<KeyRow, 'name' | 'expiresAt' | 'rateLimitPerMinute' | 'allowedCidrs' | 'status'>

export interface NewKey {
  id: string
  userId: string
  name: string | null
  prefix: string
  hash: string
  expiresAt: Date | null
  rateLimitPerMinute: number | null
  allowedCidrs: string[] | null
}

const KEY_COLUMNS = `
  k.id, k.name, k.prefix, k.expires_at AS "expiresAt", k.last_used_at AS "lastUsedAt", k.created_at AS "createdAt",
  k.rate_limit_per_minute AS "rateLimitPerMinute", k.allowed_cidrs AS "allowedCidrs",
  CASE WHEN k.revoked_at IS NOT NULL THEN 'revoked' WHEN k.disabled_at IS NOT NULL THEN 'disabled'
       WHEN k.expires_at <= now() THEN 'expired' ELSE 'active' END AS status`

const SELECT_RECORD = `
  SELECT k.id AS "keyId", k.user_id AS "userId", u.role, encode(k.hash, 'hex') AS hash,
    k.revoked_at IS NULL AND k.disabled_at IS NULL AND u.status = 'active' AND u.deleted_at IS NULL AS usable,
    k.expires_at AS "expiresAt", k.allowed_cidrs AS "allowedCidrs",
    k.rate_limit_per_minute AS "keyLimitPerMinute", u.rate_limit_per_minute AS "userLimitPerMinute"
  FROM api_keys k JOIN users u ON u.id = k.user_id`

/** API keys. It reads `users` too: whether a key opens the door depends on both, and is asked with every request. */
@Injectable()
export class KeysRepository {
  constructor(private readonly database: Database) {}

  async findByHash(hash: string): Promise<KeyRecord | undefined> {
    const text = `${SELECT_RECORD} WHERE k.hash = decode($1, 'hex')`
    return (await this.database.query<KeyRecord>(text, [hash], 'keys-by-hash'))[0]
  }

  async findById(keyId: string): Promise<KeyRecord | undefined> {
    return (await this.database.query<KeyRecord>(`${SELECT_RECORD} WHERE k.id = $1`, [keyId], 'keys-by-id'))[0]
  }

  /** Undefined when there is no such user. */
  async insert(key: NewKey, manager?: EntityManager): Promise<KeyRow | undefined> {
    const text = `
      INSERT INTO api_keys AS k
        (id, user_id, name, prefix, hash, expires_at, rate_limit_per_minute, allowed_cidrs)
      SELECT $1::uuid, id, $3::text, $4::text, decode($5, 'hex'), $6::timestamptz, $7::integer, $8::text[]
      FROM users WHERE id = $2 AND deleted_at IS NULL
      RETURNING ${KEY_COLUMNS}`
    const values = [
      key.id,
      key.userId,
      key.name,
      key.prefix,
      key.hash,
      key.expiresAt,
      key.rateLimitPerMinute,
      key.allowedCidrs,
    ]
    const rows = manager ? await manager.query<KeyRow[]>(text, values) : await this.database.query<KeyRow>(text, values)
    return rows[0]
  }

  async userExists(userId: string): Promise<boolean> {
    const rows = await this.database.query('SELECT 1 FROM users WHERE id = $1 AND deleted_at IS NULL', [userId])
    return rows.length > 0
  }

  /** Newest first. */
  async list(userId: string, { limit, offset }: PageQuery): Promise<{ rows: KeyRow[]; total: number }> {
    const [rows, [count]] = await Promise.all([
      this.database.query<KeyRow>(
        `SELECT ${KEY_COLUMNS} FROM api_keys k WHERE user_id = $1 ORDER BY id DESC LIMIT $2 OFFSET $3`,
        [userId, limit, offset],
      ),
      this.database.query<{ total: number }>('SELECT count(*)::int AS total FROM api_keys WHERE user_id = $1', [
        userId,
      ]),
    ])
    return { rows, total: count!.total }
  }

  /** False when this user has no such key. Revoking it again changes nothing. */
  async revoke(userId: string, keyId: string): Promise<boolean> {
    const rows = await this.database.query(
      `UPDATE api_keys SET revoked_at = coalesce(revoked_at, now()) WHERE id = $1 AND user_id = $2 RETURNING 1`,
      [keyId, userId],
    )
    return rows.length > 0
  }

  async revokeAll(userId: string, manager: EntityManager): Promise<void> {
    await manager.query('UPDATE api_keys SET revoked_at = now() WHERE user_id = $1 AND revoked_at IS NULL', [userId])
  }

  /** The key as it was, locked until the transaction ends, so that two rotations do not make two successors. */
  async lock(userId: string, keyId: string, manager: EntityManager): Promise<KeyRow | undefined> {
    const rows = await manager.query<KeyRow[]>(
      `SELECT ${KEY_COLUMNS} FROM api_keys k JOIN users u ON u.id = k.user_id
       WHERE k.id = $1 AND k.user_id = $2 AND u.deleted_at IS NULL FOR UPDATE OF k`,
      [keyId, userId],
    )
    return rows[0]
  }

  /** Of a key that is locked. */
  async update(key: Pick<KeyRow, 'id' | keyof KeySettings>, manager: EntityManager): Promise<KeyRow> {
    const rows = await manager.query<[KeyRow[], number]>(
      `UPDATE api_keys AS k SET name = $2, expires_at = $3, rate_limit_per_minute = $4, allowed_cidrs = $5,
         disabled_at = CASE WHEN $6 = 'disabled' THEN coalesce(disabled_at, now()) END
       WHERE id = $1 RETURNING ${KEY_COLUMNS}`,
      [key.id, key.name, key.expiresAt, key.rateLimitPerMinute, key.allowedCidrs, key.status],
    )
    return rows[0][0]!
  }

  /** The key ends in `seconds`, or at its own earlier expiry; 0 revokes it. */
  async endIn(keyId: string, seconds: number, manager: EntityManager): Promise<void> {
    await manager.query(
      seconds === 0
        ? 'UPDATE api_keys SET revoked_at = now() WHERE id = $1'
        : 'UPDATE api_keys SET expires_at = least(expires_at, now() + make_interval(secs => $2)) WHERE id = $1',
      seconds === 0 ? [keyId] : [keyId, seconds],
    )
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
