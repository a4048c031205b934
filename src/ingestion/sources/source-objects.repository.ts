import { Injectable } from '@nestjs/common'
import { pageOf, type Page, type PageQuery } from '../../common/pagination.dto.js'
import { Database } from '../../infrastructure/database/database.js'
import type { FoundObject, KnownObject } from './source.js'
import type { SourceEntity } from './source.entity.js'
import { SourceLeaseLostError } from './source.errors.js'
import type { SourceObject } from './source-response.dto.js'

/** Of the content that a run read. */
export interface ReadContent {
  version: string | null
  sha256: string | null
}

/** An object as a list shows it: what became of it is what became of its job. */
const LISTED = `
  SELECT o.location, o.size::float8 AS size, o.etag, o.modified_at AS "modifiedAt", o.found_at AS "foundAt",
    o.seen_since AS "changedAt", o.ingestion_id AS "ingestionId", o.duplicate,
    coalesce(o.error, CASE WHEN j.status = 'failed' THEN j.error END) AS error,
    CASE WHEN o.error IS NOT NULL THEN 'failed' ELSE coalesce(j.status, 'waiting') END AS state
  FROM source_objects o LEFT JOIN ingestions j ON j.id = o.ingestion_id
  WHERE o.source_id = $1`

/**
 * What was found in sources. What a run writes holds only while the run has the lease: the source's row is locked for the
 * time of the commit, so that a run that has lost it can neither make a job nor note one.
 */
@Injectable()
export class SourceObjectsRepository {
  constructor(private readonly database: Database) {}

  /** Newest first. */
  async list(sourceId: string, page: PageQuery): Promise<Page<SourceObject>> {
    const [rows, [count]] = await Promise.all([
      this.database.query<SourceObject>(`${LISTED} ORDER BY o.seen_since DESC, o.location LIMIT $2 OFFSET $3`, [
        sourceId,
        page.limit,
        page.offset,
      ]),
      this.database.query<{ total: number }>(
        'SELECT count(*)::float8 AS total FROM source_objects WHERE source_id = $1',
        [sourceId],
      ),
    ])
    return pageOf(rows, page, count!.total)
  }

  /** By location. */
  async known({ id }: SourceEntity, locations: string[]): Promise<Map<string, KnownObject>> {
    const rows = await this.database.query<KnownObject>(
      `SELECT o.location, o.etag, o.modified_at AS "modifiedAt", o.seen_version AS "seenVersion",
         extract(epoch FROM clock_timestamp() - o.seen_since)::float8 AS "seenSeconds",
         o.loaded_version AS "loadedVersion", o.sha256,
         o.error IS NOT NULL OR coalesce(j.status = 'failed', false) AS "hasFailed"
       FROM source_objects o LEFT JOIN ingestions j ON j.id = o.ingestion_id
       WHERE o.source_id = $1 AND o.location = ANY ($2)`,
      [id, locations],
    )
    return new Map(rows.map((row) => [row.location, row]))
  }

  /** Notes how objects look now. */
  async note(source: SourceEntity, objects: FoundObject[]): Promise<void> {
    if (objects.length === 0) return
    await this.writeAs(
      source,
      `INSERT INTO source_objects AS o (source_id, location, size, etag, modified_at, seen_version)
       SELECT held.id, n.* FROM held,
         unnest($3::text[], $4::bigint[], $5::text[], $6::timestamptz[], $7::text[]) AS n
       ON CONFLICT (source_id, location) DO UPDATE SET size = excluded.size, etag = excluded.etag,
         modified_at = excluded.modified_at, seen_version = excluded.seen_version,
         seen_since = CASE WHEN o.seen_version IS DISTINCT FROM excluded.seen_version OR excluded.seen_version IS NULL
                           THEN now() ELSE o.seen_since END
       RETURNING 1`,
      [
        objects.map(({ location }) => location),
        objects.map(({ size }) => size),
        objects.map(({ etag }) => etag),
        objects.map(({ modifiedAt }) => modifiedAt),
        objects.map(({ version }) => version),
      ],
    )
  }

  /** The object's content has a job. Called in the transaction that makes the job. */
  noteJob(
    source: SourceEntity,
    location: string,
    content: ReadContent,
    job: { id: string; duplicate: boolean },
  ): Promise<void> {
    return this.update(
      source,
      location,
      'loaded_version = $4, sha256 = $5, ingestion_id = $6, duplicate = $7, error = NULL',
      [content.version, content.sha256, job.id, job.duplicate],
    )
  }

  /** The object holds what no job can be made of: it is left alone until it changes. */
  noteRefused(source: SourceEntity, location: string, content: ReadContent, error: string): Promise<void> {
    return this.update(
      source,
      location,
      'loaded_version = $4, sha256 = $5, error = $6, ingestion_id = NULL, duplicate = false',
      [content.version, content.sha256, error],
    )
  }

  /** The object could not be read this time. */
  noteError(source: SourceEntity, location: string, error: string): Promise<void> {
    return this.update(source, location, 'error = $4', [error])
  }

  /** The object holds what it held; `version` is how it looks by now. What kept it from being read once is over. */
  noteUnchanged(source: SourceEntity, location: string, version: string | null): Promise<void> {
    return this.update(
      source,
      location,
      'loaded_version = coalesce($4, loaded_version), error = CASE WHEN ingestion_id IS NULL THEN error END',
      [version],
    )
  }

  /** Nothing of it is known any more: the source looks elsewhere. */
  async forget(sourceId: string): Promise<void> {
    await this.database.query('DELETE FROM source_objects WHERE source_id = $1', [sourceId])
  }

  /** Jobs of the source that have not ended. */
  async unfinishedJobs({ id }: SourceEntity): Promise<number> {
    const [row] = await this.database.query<{ count: number }>(
      `SELECT count(*)::float8 AS count FROM source_objects o JOIN ingestions j ON j.id = o.ingestion_id
       WHERE o.source_id = $1 AND j.status IN ('queued', 'running')`,
      [id],
    )
    return row!.count
  }

  /** `set` may use $4 and on for `values`. */
  private update(source: SourceEntity, location: string, set: string, values: unknown[]): Promise<void> {
    const statement = `UPDATE source_objects SET ${set} FROM held WHERE source_id = held.id AND location = $3 RETURNING 1`
    return this.writeAs(source, statement, [location, ...values])
  }

  /** Runs a statement that reads the source's id from `held`; SourceLeaseLostError when the lease is not the run's any more. */
  private async writeAs({ id, leaseId }: SourceEntity, statement: string, values: unknown[]): Promise<void> {
    const written = await this.database.query(
      `WITH held AS (SELECT id FROM dataset_sources WHERE id = $1 AND lease_id = $2 FOR SHARE) ${statement}`,
      [id, leaseId, ...values],
    )
    if (written.length === 0) throw new SourceLeaseLostError()
  }
}
