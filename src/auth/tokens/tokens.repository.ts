import { Injectable } from '@nestjs/common'
import type { AccessPolicy } from '../access/access-policy.js'
import { Database } from '../../infrastructure/database/database.js'

export interface TokenRow {
  id: string
  keyId: string
  access: AccessPolicy | null
  maxCredits: number | null
  expiresAt: Date
}

/** A charge of an expired token may still come back. */
const KEEP_EXPIRED_SECONDS = 3_600

@Injectable()
export class TokensRepository {
  constructor(private readonly database: Database) {}

  /** Gives when it expires, which is not after its key does; undefined when the key has expired. Deletes old ones. */
  async insert({ id, keyId, access, maxCredits, expiresAt }: TokenRow): Promise<Date | undefined> {
    const [row] = await this.database.query<{ expiresAt: Date }>(
      `WITH outdated AS (DELETE FROM browser_tokens WHERE expires_at < now() - make_interval(secs => $6))
       INSERT INTO browser_tokens (id, key_id, access, max_credits, expires_at)
       SELECT $1, k.id, $3::jsonb, $4::bigint, least($5::timestamptz, date_trunc('second', k.expires_at))
       FROM api_keys k WHERE k.id = $2
       RETURNING expires_at AS "expiresAt"`,
      [id, keyId, access && JSON.stringify(access), maxCredits, expiresAt, KEEP_EXPIRED_SECONDS],
    )
    return row?.expiresAt
  }

  /** Counts the credits, unless the token would then have spent more than it may; false then, and nothing is counted. */
  async spend(id: string, credits: number): Promise<boolean> {
    const rows = await this.database.query(
      'UPDATE browser_tokens SET spent = spent + $2 WHERE id = $1 AND spent + $2 <= max_credits RETURNING 1',
      [id, credits],
      'tokens-spend',
    )
    return rows.length > 0
  }

  async giveBack(id: string, credits: number): Promise<void> {
    await this.database.query('UPDATE browser_tokens SET spent = greatest(0, spent - $2) WHERE id = $1', [id, credits])
  }

  async spent(id: string): Promise<number | undefined> {
    const [row] = await this.database.query<{ spent: number }>(
      'SELECT spent::float8 AS spent FROM browser_tokens WHERE id = $1',
      [id],
    )
    return row?.spent
  }
}
