import { Injectable } from '@nestjs/common'
import { SILENT_SECONDS } from '../common/instance-id.js'
import { Database } from '../infrastructure/database/database.js'

/** A run of a request with a key; the hash tells keys of one caller apart. */
export interface Claim {
  principalId: string
  keyHash: Buffer
  id: string
}

export interface EncryptedResponse {
  status: number
  headers: Record<string, string | number>
  /** encrypted */
  body: Buffer
}

export type ClaimOutcome =
  | { outcome: 'claimed' }
  | { outcome: 'running' }
  | { outcome: 'mismatch' }
  | ({ outcome: 'completed' } & EncryptedResponse)

const TTL_SECONDS = 86_400
const PURGE_ROWS = 5_000

/** The SQL of keys; the rules are the functions of migrations/postgres/1700000007000-idempotency.ts. */
@Injectable()
export class IdempotencyRepository {
  constructor(private readonly database: Database) {}

  async claim(
    { principalId, keyHash, id }: Claim,
    run: { fingerprint: Buffer; instanceId: string; requestId: string; transaction: boolean },
  ): Promise<ClaimOutcome> {
    const [row] = await this.database.query<ClaimOutcome>(
      `SELECT * FROM idempotency_claim($1::uuid, $2::bytea, $3::bytea, $4::uuid, $5::uuid, $6::text, $7::boolean,
         ${SILENT_SECONDS}, ${TTL_SECONDS})`,
      [principalId, keyHash, run.fingerprint, id, run.instanceId, run.requestId, run.transaction],
      'idempotency-claim',
    )
    return row!
  }

  /** Stores the response and makes the charges final; false when the run is no longer the key's. */
  async store({ principalId, keyHash, id }: Claim, response: EncryptedResponse, chargeIds: string[]): Promise<boolean> {
    const [row] = await this.database.query<{ stored: boolean }>(
      `SELECT idempotency_complete($1::uuid, $2::bytea, $3::uuid, $4::smallint, $5::jsonb, $6::bytea, $7::uuid[]) AS stored`,
      [principalId, keyHash, id, response.status, response.headers, response.body, chargeIds],
      'idempotency-complete',
    )
    return row!.stored
  }

  /** The run ended without a response to store: the key is free. */
  async free({ principalId, keyHash, id }: Claim): Promise<void> {
    await this.database.query(
      'DELETE FROM idempotency_keys WHERE principal_id = $1 AND key_hash = $2 AND claim_id = $3 AND status IS NULL',
      [principalId, keyHash, id],
    )
  }

  /** Deletes a batch of expired keys; true when there may be more. */
  async purge(): Promise<boolean> {
    const rows = await this.database.query(
      `DELETE FROM idempotency_keys WHERE (principal_id, key_hash) IN (
         SELECT principal_id, key_hash FROM idempotency_keys WHERE expires_at <= now() LIMIT $1 FOR UPDATE SKIP LOCKED)
       RETURNING 1`,
      [PURGE_ROWS],
    )
    return rows.length === PURGE_ROWS
  }
}
