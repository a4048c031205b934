import type { MigrationInterface, QueryRunner } from 'typeorm'

/** What every instance must know of a dataset in ClickHouse. */
export class Datasets1700000011000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(VERSIONS)
    await runner.query(FINGERPRINTS)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE table_fingerprints, dataset_versions')
  }
}

/** The version moves with each ingestion, deletion or order that becomes visible: cached results of an earlier one are stale. */
const VERSIONS = `
  CREATE TABLE dataset_versions (
    dataset text PRIMARY KEY,
    version bigint NOT NULL,
    last_ingestion_at timestamptz
  )`

/**
 * The last state of a dataset's table in which no row replaced another, so that it could be read without FINAL: see
 * src/datasets/deduplication/parts-fingerprint-sql.ts. has_deleted: some of its rows are tombstones.
 */
const FINGERPRINTS = `
  CREATE TABLE table_fingerprints (
    dataset text PRIMARY KEY,
    fingerprint text NOT NULL,
    has_deleted boolean NOT NULL,
    verified_at timestamptz NOT NULL DEFAULT now()
  )`
