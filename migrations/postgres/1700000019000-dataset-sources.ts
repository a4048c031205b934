import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Where files are pulled from, on a schedule, and what was found there. */
export class DatasetSources1700000019000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...SOURCES, ...OBJECTS]) await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE source_objects, dataset_sources')
  }
}

const SOURCES = [
  `CREATE TABLE dataset_sources (
    id                    uuid PRIMARY KEY,
    dataset               text NOT NULL,
    name                  text NOT NULL,
    type                  text NOT NULL CHECK (type IN ('folder', 'http', 's3')),
    -- cron, UTC
    schedule              text NOT NULL,
    is_enabled            boolean NOT NULL,
    -- of the uploads that it makes
    options               jsonb NOT NULL,
    -- by type: path and pattern; urls; endpoint, region, bucket, prefix
    location              jsonb NOT NULL,
    -- headers or access keys, as JSON: encrypted with ENCRYPTION_KEY, else in the plain column
    secrets               text,
    secrets_ciphertext    bytea,
    created_at            timestamptz NOT NULL DEFAULT now(),

    -- null while it is not enabled
    next_run_at           timestamptz,
    -- asked for by hand, and not begun yet
    run_requested_at      timestamptz,
    retry_failed          boolean NOT NULL DEFAULT false,
    -- the run that looks at it, and until when that is believed without a sign of life
    lease_id              uuid,
    lease_expires_at      timestamptz,
    run_started_at        timestamptz,
    -- the last run that ended
    last_run_at           timestamptz,
    last_error            text,
    consecutive_failures  integer NOT NULL DEFAULT 0,

    CONSTRAINT dataset_sources_name_unique UNIQUE (dataset, name),
    CONSTRAINT dataset_sources_secrets_plain_or_encrypted CHECK (secrets IS NULL OR secrets_ciphertext IS NULL),
    CHECK (is_enabled = (next_run_at IS NOT NULL))
  )`,
  'CREATE INDEX dataset_sources_next_run ON dataset_sources (next_run_at) WHERE next_run_at IS NOT NULL',
  'CREATE INDEX dataset_sources_requested ON dataset_sources (run_requested_at) WHERE run_requested_at IS NOT NULL',
  'CREATE INDEX dataset_sources_plain_secrets ON dataset_sources (id) WHERE secrets IS NOT NULL',
  // Which encryption keys are in use: src/infrastructure/encryption/field-cipher.ts says where a ciphertext holds its key's id.
  `CREATE INDEX dataset_sources_encryption_key ON dataset_sources (substring(secrets_ciphertext, 2, 4))
   WHERE secrets_ciphertext IS NOT NULL`,
]

/** A version tells whether an object has changed since: size and times of a file, ETag and time of the others. */
const OBJECTS = [
  `CREATE TABLE source_objects (
    source_id       uuid NOT NULL REFERENCES dataset_sources ON DELETE CASCADE,
    -- path below SOURCES_DIR, URL, or key in the bucket
    location        text NOT NULL,
    size            bigint,
    etag            text,
    modified_at     timestamptz,
    seen_version    text,
    -- since when it looks as it does
    seen_since      timestamptz NOT NULL DEFAULT now(),
    found_at        timestamptz NOT NULL DEFAULT now(),
    -- what was loaded or refused: written in the commit that makes the job
    loaded_version  text,
    sha256          text,
    ingestion_id    uuid REFERENCES ingestions ON DELETE SET NULL,
    -- the job had brought the same content before
    duplicate       boolean NOT NULL DEFAULT false,
    -- why it could not be read
    error           text,
    PRIMARY KEY (source_id, location)
  )`,
  'CREATE INDEX source_objects_ingestion ON source_objects (ingestion_id)',
  'CREATE INDEX source_objects_newest ON source_objects (source_id, seen_since DESC, location)',
]
