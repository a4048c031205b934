import { Injectable } from '@nestjs/common'
import { v7 as uuidv7 } from 'uuid'
import { Database } from '../../infrastructure/database/database.js'
import type { EmailColumns } from '../../users/user-emails.js'
import type { IngestionStatus } from '../ingestion.js'
import type { UserBatch } from './user-batch.js'
import type { ImportedUser } from './user-row.js'

/** The files' users on their way into `users`. */
@Injectable()
export class UserImportRepository {
  constructor(private readonly database: Database) {}

  /** The account that each id stands for; ids that were never met get one. */
  async userIds(externalIds: string[]): Promise<Map<string, string>> {
    // In order, so that two batches with the same new ids do not wait for each other.
    const sorted = [...new Set(externalIds)].sort()
    await this.database.query(
      `INSERT INTO user_external_ids (external_id, user_id) SELECT * FROM unnest($1::text[], $2::uuid[])
       ON CONFLICT DO NOTHING`,
      [sorted, sorted.map(() => uuidv7())],
    )
    const rows = await this.database.query<{ external_id: string; user_id: string }>(
      'SELECT external_id, user_id FROM user_external_ids WHERE external_id = ANY ($1)',
      [sorted],
    )
    return new Map(rows.map((row) => [row.external_id, row.user_id]))
  }

  /**
   * Keeps a batch: its rows, that it is done, and its counts, in one statement. A batch that is kept already, or whose job
   * does not run, changes nothing.
   */
  async keep(batch: UserBatch, users: (ImportedUser & EmailColumns & { userId: string })[]): Promise<void> {
    const column = (of: (user: (typeof users)[number]) => unknown): unknown[] => users.map(of)
    await this.database.query(KEEP, [
      batch.ingestionId,
      batch.chunk,
      batch.firstRow,
      batch.rowsRead,
      batch.rejects.length,
      batch.bytesEnd,
      batch.bytesDone,
      column(({ row }) => row),
      column(({ userId }) => userId),
      column(({ externalId }) => externalId),
      column(({ username }) => username),
      column(({ firstName }) => firstName),
      column(({ lastName }) => lastName),
      column(({ email }) => email),
      column(({ emailCiphertext }) => emailCiphertext),
      column(({ emailHash }) => emailHash),
      column(({ createdAt }) => createdAt),
      column(({ deletedAt }) => deletedAt),
      column(({ mergedAt }) => mergedAt),
      column(({ parentExternalId }) => parentExternalId),
    ])
  }

  /** Which of these batches are kept, and how the job stands. */
  async progress(ingestionId: string, chunks: number[]): Promise<{ status: IngestionStatus; kept: number[] }> {
    const [row] = await this.database.query<{ status: IngestionStatus; kept: number[] }>(
      `SELECT status, ARRAY(SELECT chunk FROM ingestion_chunks WHERE ingestion_id = i.id AND chunk = ANY ($2)) AS kept
       FROM ingestions i WHERE id = $1`,
      [ingestionId, chunks],
    )
    return row!
  }

  /** Fails the job of a batch that nobody can handle. */
  async failJob(ingestionId: string, error: string): Promise<void> {
    await this.database.query(
      `UPDATE ingestions SET status = 'failed', error = $2, finished_at = now()
       WHERE id = $1 AND status = 'running' AND NOT committing`,
      [ingestionId, error],
    )
  }

  /** Makes accounts of the job's rows, of several with one id of the last. In a transaction. */
  async merge(ingestionId: string): Promise<void> {
    // However many there are: the pool's limit is for queries.
    await this.database.query('SET LOCAL statement_timeout = 0')
    // Two files with the same accounts one after the other.
    await this.database.query(`SELECT pg_advisory_xact_lock(hashtextextended('user import', 0))`)
    await this.database.query(MERGE, [ingestionId])
    await this.database.query(
      `INSERT INTO credit_accounts (user_id) SELECT id FROM users WHERE imported_by = $1 ON CONFLICT DO NOTHING`,
      [ingestionId],
    )
    await this.revokeKeys(ingestionId)
    await this.drop(ingestionId)
  }

  /** Deletes the accounts that are this job's now, in a transaction. Gives how many. */
  async takeOut(ingestionId: string): Promise<number> {
    await this.database.query('SET LOCAL statement_timeout = 0')
    const [row] = await this.database.query<{ count: number }>(
      `WITH deleted AS (UPDATE users SET deleted_at = now(), updated_at = now()
         WHERE imported_by = $1 AND deleted_at IS NULL RETURNING 1)
       SELECT count(*)::int AS count FROM deleted`,
      [ingestionId],
    )
    await this.revokeKeys(ingestionId)
    await this.database.query('UPDATE users SET imported_by = NULL WHERE imported_by = $1', [ingestionId])
    return row!.count
  }

  async drop(ingestionId: string): Promise<void> {
    await this.database.query('DELETE FROM user_import_rows WHERE ingestion_id = $1', [ingestionId])
  }

  /** Rows of jobs that have ended, which a process that died left. */
  async dropOrphans(): Promise<void> {
    await this.database.query(
      `DELETE FROM user_import_rows r USING ingestions i
       WHERE i.id = r.ingestion_id AND i.status NOT IN ('queued', 'running')`,
    )
  }

  private async revokeKeys(ingestionId: string): Promise<void> {
    await this.database.query(
      `UPDATE api_keys k SET revoked_at = now() FROM users u
       WHERE u.id = k.user_id AND u.imported_by = $1 AND u.deleted_at IS NOT NULL AND k.revoked_at IS NULL`,
      [ingestionId],
    )
  }
}

/** The job's row is locked first: batches of one job are counted one after the other, and a cancel waits or is seen. */
const KEEP = `
  WITH job AS (
    SELECT id FROM ingestions WHERE id = $1 AND status = 'running' AND NOT committing FOR UPDATE
  ), kept AS (
    INSERT INTO ingestion_chunks (ingestion_id, chunk, first_row, rows_read, rows_rejected, bytes_end)
    SELECT id, $2, $3, $4, $5, $6 FROM job ON CONFLICT DO NOTHING RETURNING ingestion_id
  ), counted AS (
    UPDATE ingestions i SET rows_read = rows_read + $4, rows_rejected = rows_rejected + $5,
      rows_accepted = rows_accepted + $4 - $5, bytes_done = greatest(bytes_done, $7), attempts_without_progress = 0
    FROM kept WHERE i.id = kept.ingestion_id
  )
  INSERT INTO user_import_rows (ingestion_id, row, user_id, external_id, username, first_name, last_name, email,
    email_ciphertext, email_hash, created_at, deleted_at, merged_at, parent_external_id)
  SELECT kept.ingestion_id, r.* FROM kept, unnest($8::bigint[], $9::uuid[], $10::text[], $11::text[], $12::text[],
    $13::text[], $14::text[], $15::bytea[], $16::bytea[], $17::timestamptz[], $18::timestamptz[], $19::timestamptz[],
    $20::text[]) r`

/**
 * A name that somebody else has taken gets the end of the account's id. An account keeps the name, role, limits, keys and
 * credits that it has. now() stands for "not told" in created_at: it is the same throughout the transaction.
 */
const MERGE = `
  INSERT INTO users AS u (id, username, first_name, last_name, email, email_ciphertext, email_hash, role, status,
    created_at, updated_at, deleted_at, external_id, merged_at, parent_external_id, imported_by)
  SELECT DISTINCT ON (user_id) user_id,
    CASE WHEN EXISTS (SELECT 1 FROM users o WHERE lower(o.username) = r.username AND o.deleted_at IS NULL
                      AND o.id <> r.user_id)
         THEN r.username || '-' || right(user_id::text, 12) ELSE r.username END,
    first_name, last_name, email, email_ciphertext, email_hash, 'member', 'active',
    coalesce(created_at, now()), now(), deleted_at, external_id, merged_at, parent_external_id, ingestion_id
  FROM user_import_rows r WHERE ingestion_id = $1 ORDER BY user_id, row DESC
  ON CONFLICT (id) DO UPDATE SET
    username = CASE WHEN u.deleted_at IS NOT NULL AND excluded.deleted_at IS NULL THEN excluded.username ELSE u.username END,
    first_name = excluded.first_name, last_name = excluded.last_name,
    email = excluded.email, email_ciphertext = excluded.email_ciphertext, email_hash = excluded.email_hash,
    created_at = CASE WHEN excluded.created_at = now() THEN u.created_at ELSE excluded.created_at END,
    updated_at = now(), deleted_at = excluded.deleted_at, merged_at = excluded.merged_at,
    parent_external_id = excluded.parent_external_id, imported_by = excluded.imported_by`
