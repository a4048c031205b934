import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Ingestion jobs: the durable state of each, whatever carries the messages, and the chunks that are loaded. */
export class Ingestions1700000012000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...INGESTIONS, CHUNKS]) await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE ingestion_chunks, ingestions')
  }
}

const INGESTIONS = [
  `CREATE TABLE ingestions (
    id                        uuid PRIMARY KEY,
    -- makes the versions of a job's rows in ClickHouse: number * 2^40 + record number
    number                    bigint GENERATED ALWAYS AS IDENTITY (MAXVALUE 16777215) UNIQUE,

    -- what is loaded, and how
    dataset                   text NOT NULL,
    format                    text NOT NULL,
    compression               text NOT NULL,
    encoding                  text,
    file_name                 text,
    sha256                    text NOT NULL,
    bytes_total               bigint NOT NULL,
    mapping                   jsonb NOT NULL,
    -- how the file writes its values: encoding, separators
    file_options              jsonb NOT NULL DEFAULT '{}',
    on_error                  text NOT NULL CHECK (on_error IN ('quarantine', 'abort')),
    -- how many rejected rows the job may have, as the caller wrote it: a number or a percentage; null for any
    max_rejected              text,
    -- loaded although the same content was loaded before
    forced                    boolean NOT NULL,
    -- the input's own header record, bytes as they were sent
    source_header             bytea,

    -- state and result
    status                    text NOT NULL DEFAULT 'queued'
                              CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'canceled')),
    -- past the point where it can be canceled: its rows are being made visible
    committing                boolean NOT NULL DEFAULT false,
    bytes_done                bigint NOT NULL DEFAULT 0,
    rows_read                 bigint NOT NULL DEFAULT 0,
    rows_accepted             bigint NOT NULL DEFAULT 0,
    rows_rejected             bigint NOT NULL DEFAULT 0,
    -- what looked wrong in a load that succeeded
    warnings                  jsonb NOT NULL DEFAULT '[]',
    error                     text,
    created_at                timestamptz NOT NULL DEFAULT now(),
    started_at                timestamptz,
    finished_at               timestamptz,

    -- the lease: who works on the job, until when that is believed without a sign of life
    lease_owner               text,
    lease_expires_at          timestamptz,

    -- attempts
    attempt                   integer NOT NULL DEFAULT 0,
    -- the attempt whose staging table holds every recorded chunk; 0: none yet
    staging_attempt           integer NOT NULL DEFAULT 0,
    -- since a chunk was last recorded; an orderly hand-over at shutdown does not count
    attempts_without_progress integer NOT NULL DEFAULT 0,
    -- when the current attempt began, and where: its throughput gives the estimate of the time left
    attempt_started_at        timestamptz,
    attempt_first_byte        bigint NOT NULL DEFAULT 0,
    attempt_first_row         bigint NOT NULL DEFAULT 0,
    -- how often ClickHouse crashed while it read a chunk, so that a file that crashes it is not tried for ever
    clickhouse_crashes        integer NOT NULL DEFAULT 0,
    clickhouse_crashed_at     timestamptz,
    -- an attempt has several chunks in flight, and all of them see the same crash
    clickhouse_crash_attempt  integer NOT NULL DEFAULT 0,

    -- undoing the load: requested and not done yet; whoever finds it finishes it
    deletion_started_at       timestamptz,
    -- counts the tries, each of which has a staging table of its own
    deletion_attempt          integer NOT NULL DEFAULT 0,
    deleted_at                timestamptz,
    rows_deleted              bigint NOT NULL DEFAULT 0,

    CHECK (rows_read = rows_accepted + rows_rejected)
  )`,
  // The same content is loaded once, also when it arrives twice at the same moment; again when its load was undone.
  `CREATE UNIQUE INDEX ingestions_content_unique ON ingestions (dataset, sha256)
   WHERE status IN ('queued', 'running', 'succeeded') AND NOT forced AND deleted_at IS NULL`,
  'CREATE INDEX ingestions_content ON ingestions (dataset, sha256)',
  'CREATE INDEX ingestions_newest ON ingestions (created_at DESC, id DESC)',
  `CREATE INDEX ingestions_unfinished ON ingestions (created_at) WHERE status IN ('queued', 'running')`,
  `CREATE INDEX ingestions_in_deletion ON ingestions (deletion_started_at)
   WHERE deletion_started_at IS NOT NULL AND deleted_at IS NULL`,
]

/** Recorded with the job's counts in one statement: a job that is resumed skips them. */
const CHUNKS = `
  CREATE TABLE ingestion_chunks (
    ingestion_id      uuid NOT NULL REFERENCES ingestions ON DELETE CASCADE,
    chunk             integer NOT NULL,
    first_row         bigint NOT NULL,
    rows_read         bigint NOT NULL,
    rows_rejected     bigint NOT NULL,
    bytes_end         bigint NOT NULL,
    -- accepted values that may mean something else, an example of each column
    ambiguous_values  jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (ingestion_id, chunk)
  )`
