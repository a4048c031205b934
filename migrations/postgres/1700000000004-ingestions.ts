import type { MigrationInterface, QueryRunner } from 'typeorm'

export class Ingestions1700000000004 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE ingestions (
        id                uuid PRIMARY KEY,
        -- makes the versions of a job's rows in the warehouse: number * 2^40 + record number
        number            bigint GENERATED ALWAYS AS IDENTITY (MAXVALUE 16777215) UNIQUE,
        dataset           text NOT NULL,
        format            text NOT NULL,
        compression       text NOT NULL,
        file_name         text,
        mapping           jsonb NOT NULL,
        on_error          text NOT NULL CHECK (on_error IN ('quarantine', 'abort')),
        forced            boolean NOT NULL,
        sha256            text NOT NULL,
        status            text NOT NULL DEFAULT 'queued'
                          CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'canceled')),
        bytes_total       bigint NOT NULL,
        bytes_done        bigint NOT NULL DEFAULT 0,
        rows_read         bigint NOT NULL DEFAULT 0,
        rows_accepted     bigint NOT NULL DEFAULT 0,
        rows_rejected     bigint NOT NULL DEFAULT 0,
        error             text,
        created_at        timestamptz NOT NULL DEFAULT now(),
        started_at        timestamptz,
        finished_at       timestamptz,
        -- who works on it, until when that is believed without a sign of life
        lease_owner       text,
        lease_expires_at  timestamptz,
        attempt           integer NOT NULL DEFAULT 0,
        -- the attempt whose staging table holds every recorded chunk; 0: none yet
        staging_attempt   integer NOT NULL DEFAULT 0,
        -- past the point where it can be canceled: its rows are being made visible
        committing        boolean NOT NULL DEFAULT false,
        -- the input's own header record, bytes as they were sent
        source_header     bytea,
        CHECK (rows_read = rows_accepted + rows_rejected)
      )`)
    // The same content is loaded once, also when it arrives twice at the same moment.
    await queryRunner.query(`
      CREATE UNIQUE INDEX ingestions_content_once ON ingestions (dataset, sha256)
      WHERE status IN ('queued', 'running', 'succeeded') AND NOT forced`)
    await queryRunner.query(`CREATE INDEX ingestions_content ON ingestions (dataset, sha256)`)
    await queryRunner.query(`CREATE INDEX ingestions_newest ON ingestions (created_at DESC, id DESC)`)
    await queryRunner.query(
      `CREATE INDEX ingestions_unfinished ON ingestions (created_at) WHERE status IN ('queued', 'running')`,
    )
    await queryRunner.query(`
      CREATE TABLE ingestion_chunks (
        ingestion_id   uuid NOT NULL REFERENCES ingestions ON DELETE CASCADE,
        chunk          integer NOT NULL,
        first_row      bigint NOT NULL,
        rows_read      bigint NOT NULL,
        rows_rejected  bigint NOT NULL,
        bytes_end      bigint NOT NULL,
        PRIMARY KEY (ingestion_id, chunk)
      )`)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE ingestion_chunks, ingestions`)
  }
}
