import { Injectable } from '@nestjs/common'
import type { EntityManager } from 'typeorm'
import { INSTANCE_ID } from '../common/instance-id.js'
import type { PageQuery } from '../common/pagination.dto.js'
import { Config } from '../config/config.js'
import { Database } from '../database/database.js'
import { INGESTION_STATUSES, type Ingestion, type IngestionStatus } from './ingestion.js'

const COLUMNS = `id, number::float8 AS number, dataset, format, compression, encoding, file_name AS "fileName", mapping,
  on_error AS "onError", sha256, status, bytes_total::float8 AS "bytesTotal", bytes_done::float8 AS "bytesDone",
  rows_read::float8 AS "rowsRead", rows_accepted::float8 AS "rowsAccepted", rows_rejected::float8 AS "rowsRejected",
  error, created_at AS "createdAt", started_at AS "startedAt", finished_at AS "finishedAt", attempt,
  staging_attempt AS "stagingAttempt", committing, fruitless_attempts AS "fruitlessAttempts",
  extract(epoch FROM now() - attempt_started_at)::float8 AS "attemptSeconds",
  attempt_first_byte::float8 AS "attemptFirstByte", attempt_first_row::float8 AS "attemptFirstRow",
  deleted_at AS "deletedAt", rows_deleted::float8 AS "rowsDeleted"`

const MINE = `id = $1 AND status = 'running' AND lease_owner = $2 AND attempt = $3`

export type NewIngestion = Pick<
  Ingestion,
  | 'id'
  | 'dataset'
  | 'format'
  | 'compression'
  | 'encoding'
  | 'fileName'
  | 'mapping'
  | 'onError'
  | 'sha256'
  | 'bytesTotal'
> & { forced: boolean }

export interface ChunkResult {
  chunk: number
  firstRow: number
  rowsRead: number
  rowsRejected: number
  bytesEnd: number
}

/** The job rows: the durable state of every ingestion, whatever carries the messages. */
@Injectable()
export class IngestionsRepository {
  constructor(
    private readonly database: Database,
    private readonly config: Config,
  ) {}

  /** undefined when the same content is being loaded or was loaded already. */
  async insert(job: NewIngestion): Promise<Ingestion | undefined> {
    const [row] = await this.database.query<Ingestion>(
      `INSERT INTO ingestions (id, dataset, format, compression, file_name, mapping, on_error, forced, sha256, bytes_total, encoding)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
       ON CONFLICT (dataset, sha256) WHERE status IN ('queued', 'running', 'succeeded') AND NOT forced AND deleted_at IS NULL DO NOTHING
       RETURNING ${COLUMNS}`,
      [
        job.id,
        job.dataset,
        job.format,
        job.compression,
        job.fileName,
        job.mapping,
        job.onError,
        job.forced,
        job.sha256,
        job.bytesTotal,
        job.encoding,
      ],
    )
    return row
  }

  /** The job that brought this content, or is bringing it. */
  async findByContent(dataset: string, sha256: string): Promise<Ingestion | undefined> {
    const [row] = await this.database.query<Ingestion>(
      `SELECT ${COLUMNS} FROM ingestions WHERE dataset = $1 AND sha256 = $2
       AND status IN ('queued', 'running', 'succeeded') AND deleted_at IS NULL ORDER BY (status = 'succeeded') DESC, created_at LIMIT 1`,
      [dataset, sha256],
    )
    return row
  }

  async findById(id: string): Promise<Ingestion | undefined> {
    const [row] = await this.database.query<Ingestion>(`SELECT ${COLUMNS} FROM ingestions WHERE id = $1`, [id])
    return row
  }

  async findByIds(ids: string[]): Promise<Ingestion[]> {
    return this.database.query<Ingestion>(`SELECT ${COLUMNS} FROM ingestions WHERE id = ANY($1)`, [ids])
  }

  async list(
    filter: { status?: string; dataset?: string },
    page: PageQuery,
  ): Promise<{ rows: Ingestion[]; total: number }> {
    const rows = await this.database.query<Ingestion & { total: number }>(
      `SELECT ${COLUMNS}, count(*) OVER ()::float8 AS total FROM ingestions
       WHERE ($1::text IS NULL OR status = $1) AND ($2::text IS NULL OR dataset = $2)
       ORDER BY created_at DESC, id DESC LIMIT $3 OFFSET $4`,
      [filter.status ?? null, filter.dataset ?? null, page.limit, page.offset],
    )
    return { rows, total: rows[0]?.total ?? (page.offset > 0 ? await this.count(filter) : 0) }
  }

  private async count(filter: { status?: string; dataset?: string }): Promise<number> {
    const [row] = await this.database.query<{ total: number }>(
      `SELECT count(*)::float8 AS total FROM ingestions
       WHERE ($1::text IS NULL OR status = $1) AND ($2::text IS NULL OR dataset = $2)`,
      [filter.status ?? null, filter.dataset ?? null],
    )
    return row!.total
  }

  /** Jobs by status, and the rows of those that succeeded. */
  async totals(): Promise<Record<IngestionStatus | 'rowsAccepted' | 'rowsRejected', number>> {
    const [row] = await this.database.query<Record<IngestionStatus | 'rowsAccepted' | 'rowsRejected', number>>(
      `SELECT ${INGESTION_STATUSES.map((status) => `count(*) FILTER (WHERE status = '${status}')::float8 AS ${status}`).join(', ')},
         coalesce(sum(rows_accepted) FILTER (WHERE status = 'succeeded'), 0)::float8 AS "rowsAccepted",
         coalesce(sum(rows_rejected) FILTER (WHERE status = 'succeeded'), 0)::float8 AS "rowsRejected"
       FROM ingestions`,
    )
    return row!
  }

  /** Jobs that nobody works on: waiting ones, and those whose worker died or gave up for now. Oldest first. */
  async findClaimable(): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(
      `SELECT id FROM ingestions WHERE status = 'queued' OR (status = 'running' AND lease_expires_at < now())
       ORDER BY created_at LIMIT 1000`,
    )
    return rows.map(({ id }) => id)
  }

  /** Takes the job for this process; undefined when another one has it or it has ended. */
  async claim(id: string): Promise<Ingestion | undefined> {
    const [row] = await this.database.query<Ingestion>(
      `UPDATE ingestions SET status = 'running', started_at = coalesce(started_at, now()), attempt = attempt + 1,
         fruitless_attempts = fruitless_attempts + 1,
         attempt_started_at = now(), attempt_first_byte = bytes_done, attempt_first_row = rows_read, lease_owner = $2, lease_expires_at = now() + make_interval(secs => $3)
       WHERE id = $1 AND (status = 'queued' OR (status = 'running' AND lease_expires_at < now()))
       RETURNING ${COLUMNS}`,
      [id, INSTANCE_ID, this.config.ingestionLeaseSeconds],
    )
    return row
  }

  /** False when the job is no longer this process's: canceled, or taken over. */
  async heartbeat({ id, attempt }: Ingestion): Promise<boolean> {
    return this.updateMine(`lease_expires_at = now() + make_interval(secs => $4)`, id, attempt, [
      this.config.ingestionLeaseSeconds,
    ])
  }

  /** Gives the job back, to be taken up again by any process after `delaySeconds`. */
  async giveBack({ id, attempt }: Ingestion, delaySeconds: number): Promise<void> {
    await this.updateMine(`lease_expires_at = now() + make_interval(secs => $4)`, id, attempt, [delaySeconds])
  }

  /** As giveBack, by a process that stops in order: that is no attempt that failed. */
  async handOver({ id, attempt }: Ingestion): Promise<void> {
    const set = 'lease_expires_at = now(), fruitless_attempts = greatest(fruitless_attempts - 1, 0)'
    await this.updateMine(set, id, attempt)
  }

  async recordStaging({ id, attempt }: Ingestion, sourceHeader: Buffer): Promise<boolean> {
    return this.updateMine(`staging_attempt = $3, source_header = $4`, id, attempt, [sourceHeader])
  }

  async findChunks(id: string): Promise<ChunkResult[]> {
    return this.database.query<ChunkResult>(
      `SELECT chunk, first_row::float8 AS "firstRow", rows_read::float8 AS "rowsRead",
         rows_rejected::float8 AS "rowsRejected", bytes_end::float8 AS "bytesEnd"
       FROM ingestion_chunks WHERE ingestion_id = $1 ORDER BY chunk`,
      [id],
    )
  }

  /** Records a finished chunk and adds it to the job's counts, in one statement. False when the job is lost. */
  async recordChunk({ id, attempt }: Ingestion, result: ChunkResult, bytesDone: number): Promise<boolean> {
    const rows = await this.database.query(
      `WITH job AS (
         UPDATE ingestions SET rows_read = rows_read + $6, rows_rejected = rows_rejected + $7,
           rows_accepted = rows_accepted + $6 - $7, bytes_done = greatest(bytes_done, $9),
           fruitless_attempts = 0
         WHERE ${MINE} RETURNING id)
       INSERT INTO ingestion_chunks (ingestion_id, chunk, first_row, rows_read, rows_rejected, bytes_end)
       SELECT id, $4, $5, $6, $7, $8 FROM job RETURNING chunk`,
      [
        id,
        INSTANCE_ID,
        attempt,
        result.chunk,
        result.firstRow,
        result.rowsRead,
        result.rowsRejected,
        result.bytesEnd,
        bytesDone,
      ],
    )
    return rows.length > 0
  }

  /** From here on the job cannot be canceled. False when it was, or is lost. */
  async beginCommit({ id, attempt }: Ingestion): Promise<boolean> {
    return this.updateMine(`committing = true`, id, attempt)
  }

  async succeed(manager: EntityManager, { id }: Ingestion): Promise<void> {
    await manager.query(
      `UPDATE ingestions SET status = 'succeeded', bytes_done = bytes_total, finished_at = now(), lease_owner = NULL
       WHERE id = $1 AND status = 'running'`,
      [id],
    )
  }

  /** False when the job is lost, or committing: its rows may be visible already, so it is only ever finished. */
  async fail({ id, attempt }: Ingestion, error: string): Promise<boolean> {
    // PostgreSQL takes no NUL in text, and an error may quote the file.
    const text = error.replaceAll('\0', '\ufffd').slice(0, 4_000)
    const rows = await this.database.query(
      `UPDATE ingestions SET status = 'failed', error = $4, finished_at = now()
       WHERE ${MINE} AND NOT committing RETURNING id`,
      [id, INSTANCE_ID, attempt, text],
    )
    return rows.length > 0
  }

  /** Fails a job that nobody works on. */
  async failWaiting(id: string, error: string): Promise<void> {
    await this.database.query(
      `UPDATE ingestions SET status = 'failed', error = $2, finished_at = now()
       WHERE id = $1 AND NOT committing AND (status = 'queued' OR (status = 'running' AND lease_expires_at < now()))`,
      [id, error],
    )
  }

  /** The canceled job; undefined when it has ended or is past the point where it could be. */
  async cancel(id: string): Promise<Ingestion | undefined> {
    const [row] = await this.database.query<Ingestion>(
      `UPDATE ingestions SET status = 'canceled', finished_at = now()
       WHERE id = $1 AND status IN ('queued', 'running') AND NOT committing RETURNING ${COLUMNS}`,
      [id],
    )
    return row
  }

  /**
   * Marks the job's rows as being taken out, which somebody then finishes; `deletionAttempt` counts the tries. undefined
   * when the job has not ended, or its rows are out already.
   */
  async beginDeletion(id: string): Promise<(Ingestion & { deletionAttempt: number }) | undefined> {
    const [row] = await this.database.query<Ingestion & { deletionAttempt: number }>(
      `UPDATE ingestions SET deletion_started_at = coalesce(deletion_started_at, now()),
         deletion_attempt = deletion_attempt + 1
       WHERE id = $1 AND status NOT IN ('queued', 'running') AND deleted_at IS NULL
       RETURNING ${COLUMNS}, deletion_attempt AS "deletionAttempt"`,
      [id],
    )
    return row
  }

  async recordRowsDeleted(id: string, rows: number): Promise<void> {
    await this.database.query(`UPDATE ingestions SET rows_deleted = $2 WHERE id = $1`, [id, rows])
  }

  async finishDeletion(manager: EntityManager, id: string, rows?: number): Promise<void> {
    await manager.query(
      `UPDATE ingestions SET deleted_at = now(), rows_deleted = coalesce($2, rows_deleted)
       WHERE id = $1 AND deleted_at IS NULL`,
      [id, rows ?? null],
    )
  }

  /** Jobs whose rows are being taken out: by a process that works on it, or by one that died over it. */
  async findInDeletion(): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(
      `SELECT id FROM ingestions WHERE deletion_started_at IS NOT NULL AND deleted_at IS NULL
       ORDER BY deletion_started_at LIMIT 100`,
    )
    return rows.map(({ id }) => id)
  }

  async sourceHeader(id: string): Promise<Buffer | null> {
    const [row] = await this.database.query<{ header: Buffer | null }>(
      `SELECT source_header AS header FROM ingestions WHERE id = $1`,
      [id],
    )
    return row?.header ?? null
  }

  private async updateMine(set: string, id: string, attempt: number, values: unknown[] = []): Promise<boolean> {
    const rows = await this.database.query(`UPDATE ingestions SET ${set} WHERE ${MINE} RETURNING id`, [
      id,
      INSTANCE_ID,
      attempt,
      ...values,
    ])
    return rows.length > 0
  }
}
