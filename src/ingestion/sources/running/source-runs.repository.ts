import { Injectable } from '@nestjs/common'
import { In } from 'typeorm'
import { Config } from '../../../config/config.js'
import { Database } from '../../../infrastructure/database/database.js'
import { SourceEntity } from '../source.entity.js'

const MAX_ERROR_CHARACTERS = 1_000

export interface RunEnd {
  nextRunAt: Date
  error: string | null
  consecutiveFailures: number
}

/** Who runs a source: one process at a time, by a lease that a run renews and that a change of the source takes away. */
@Injectable()
export class SourceRunsRepository {
  constructor(
    private readonly database: Database,
    private readonly config: Config,
  ) {}

  /** Takes sources that are due or asked for, and that nobody runs: at most `limit`, those that wait longest first. */
  async claim(limit: number): Promise<SourceEntity[]> {
    const claimed = await this.database.query<{ id: string }>(
      `UPDATE dataset_sources SET lease_id = gen_random_uuid(), run_started_at = clock_timestamp(),
         lease_expires_at = clock_timestamp() + $2::float8 * interval '1 second'
       WHERE id IN (
         SELECT id FROM dataset_sources
         WHERE (next_run_at <= now() OR run_requested_at IS NOT NULL)
           AND (lease_expires_at IS NULL OR lease_expires_at < clock_timestamp())
         ORDER BY coalesce(run_requested_at, next_run_at) LIMIT $1 FOR UPDATE SKIP LOCKED)
       RETURNING id`,
      [limit, this.config.ingestionLeaseSeconds],
    )
    if (claimed.length === 0) return []
    return this.database.repository(SourceEntity).findBy({ id: In(claimed.map(({ id }) => id)) })
  }

  /** False when the lease is another run's by now, or nobody's. */
  async renew({ id, leaseId }: SourceEntity): Promise<boolean> {
    const renewed = await this.database.query(
      `UPDATE dataset_sources SET lease_expires_at = clock_timestamp() + $3::float8 * interval '1 second'
       WHERE id = $1 AND lease_id = $2 RETURNING 1`,
      [id, leaseId, this.config.ingestionLeaseSeconds],
    )
    return renewed.length > 0
  }

  /** Writes down how it ended. A run that was asked for since it began is still to come. */
  async finish({ id, leaseId }: SourceEntity, { nextRunAt, error, consecutiveFailures }: RunEnd): Promise<void> {
    await this.database.query(
      `UPDATE dataset_sources SET lease_id = NULL, lease_expires_at = NULL, last_run_at = run_started_at,
         last_error = $3, consecutive_failures = $4, next_run_at = CASE WHEN is_enabled THEN $5::timestamptz END,
         retry_failed = retry_failed AND coalesce(run_requested_at > run_started_at, false),
         run_requested_at = CASE WHEN run_requested_at > run_started_at THEN run_requested_at END
       WHERE id = $1 AND lease_id = $2`,
      [id, leaseId, error?.slice(0, MAX_ERROR_CHARACTERS) ?? null, consecutiveFailures, nextRunAt],
    )
  }

  /** Another process may go on at once. */
  async release({ id, leaseId }: SourceEntity): Promise<void> {
    await this.database.query(
      'UPDATE dataset_sources SET lease_id = NULL, lease_expires_at = NULL WHERE id = $1 AND lease_id = $2',
      [id, leaseId],
    )
  }
}
