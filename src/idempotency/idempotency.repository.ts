import { Injectable } from '@nestjs/common'
import { Database } from '../database/database.js'

/** A run of a request with a key; the hash tells keys of one caller apart. */
export interface Claim {
  callerId: string
  keyHash: Buffer
  id: string
}

export interface StoredAnswer {
  status: number
  headers: Record<string, string | number>
  /** sealed */
  body: Buffer
}

export type ClaimOutcome =
  { outcome: 'claimed' } | { outcome: 'running' } | { outcome: 'mismatch' } | ({ outcome: 'answered' } & StoredAnswer)

const TTL_SECONDS = 86_400
/** As long as the credits' reconciler waits before it takes a process for dead. */
const SILENT_SECONDS = 30
const PURGE_ROWS = 5_000

/** The SQL of keys; the rules are the functions of migration 1700000000005. */
@Injectable()
export class IdempotencyRepository {
  constructor(private readonly database: Database) {}

  async claim(
    { callerId, keyHash, id }: Claim,
    run: { fingerprint: Buffer; instanceId: string; requestId: string; transaction: boolean },
  ): Promise<ClaimOutcome> {
    const [row] = await this.database.query<ClaimOutcome>(
      `SELECT * FROM idempotency_claim($1::uuid, $2::bytea, $3::bytea, $4::uuid, $5::uuid, $6::text, $7::boolean,
         ${SILENT_SECONDS}, ${TTL_SECONDS})`,
      [callerId, keyHash, run.fingerprint, id, run.instanceId, run.requestId, run.transaction],
      'idempotency-claim',
    )
    return row!
  }

  /** Stores the answer and makes the charges final; false when the run is no longer the key's. */
  async keep({ callerId, keyHash, id }: Claim, answer: StoredAnswer, chargeIds: string[]): Promise<boolean> {
    const [row] = await this.database.query<{ kept: boolean }>(
      `SELECT idempotency_keep($1::uuid, $2::bytea, $3::uuid, $4::smallint, $5::jsonb, $6::bytea, $7::uuid[]) AS kept`,
      [callerId, keyHash, id, answer.status, answer.headers, answer.body, chargeIds],
      'idempotency-keep',
    )
    return row!.kept
  }

  /** The run ended without an answer to keep: the key is free. */
  async free({ callerId, keyHash, id }: Claim): Promise<void> {
    await this.database.query(
      'DELETE FROM idempotency_keys WHERE caller = $1 AND key_hash = $2 AND claim = $3 AND status IS NULL',
      [callerId, keyHash, id],
    )
  }

  /** Deletes a batch of expired keys; true when there may be more. */
  async purge(): Promise<boolean> {
    const rows = await this.database.query(
      `DELETE FROM idempotency_keys WHERE (caller, key_hash) IN (
         SELECT caller, key_hash FROM idempotency_keys WHERE expires_at <= now() LIMIT $1 FOR UPDATE SKIP LOCKED)
       RETURNING 1`,
      [PURGE_ROWS],
    )
    return rows.length === PURGE_ROWS
  }
}
