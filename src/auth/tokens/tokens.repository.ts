import { Injectable } from '@nestjs/common'
import type { AccessPolicy } from '../access/access-policy.js'
import { Database } from '../../infrastructure/database/database.js'

export interface TokenRow {
  id: string
  keyId: string
  access: AccessPolicy | null
  creditLimitId: string | null
  expiresAt: Date
}

/** A charge of an expired token may still come back. */
const KEEP_EXPIRED_SECONDS = 3_600

@Injectable()
export class TokensRepository {
  constructor(private readonly database: Database) {}

  /** Gives when it expires, which is not after its key does; undefined when the key has expired. Deletes old ones. */
  async insert({ id, keyId, access, creditLimitId, expiresAt }: TokenRow): Promise<Date | undefined> {
    const [row] = await this.database.query<{ expiresAt: Date }>(
      `WITH outdated AS (
         DELETE FROM browser_tokens WHERE expires_at < now() - make_interval(secs => $6) RETURNING credit_limit_id),
       periods AS (DELETE FROM credit_limit_periods WHERE limit_id IN (SELECT credit_limit_id FROM outdated)),
       limits AS (DELETE FROM credit_limits WHERE id IN (SELECT credit_limit_id FROM outdated))
       INSERT INTO browser_tokens (id, key_id, access, credit_limit_id, expires_at)
       SELECT $1, k.id, $3::jsonb, $4::uuid, least($5::timestamptz, date_trunc('second', k.expires_at))
       FROM api_keys k WHERE k.id = $2
       RETURNING expires_at AS "expiresAt"`,
      [id, keyId, access && JSON.stringify(access), creditLimitId, expiresAt, KEEP_EXPIRED_SECONDS],
    )
    return row?.expiresAt
  }
}
