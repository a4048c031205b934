import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Users from files: which account an id in files stands for, and the rows of jobs that have not ended. */
export class UserImports1700000013000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(EXTERNAL_IDS)
    await runner.query(ROWS)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE user_import_rows, user_external_ids')
  }
}

/** From the first time that an id is met: an email is encrypted for one account, before the account exists. */
const EXTERNAL_IDS = `
  CREATE TABLE user_external_ids (
    external_id  text PRIMARY KEY,
    user_id      uuid NOT NULL UNIQUE
  )`

/** The staging table of jobs that run; its rows become users all at once at the job's end. */
const ROWS = `
  CREATE TABLE user_import_rows (
    ingestion_id        uuid NOT NULL,
    row                 bigint NOT NULL,
    user_id             uuid NOT NULL,
    external_id         text NOT NULL,
    username            text NOT NULL,
    first_name          text,
    last_name           text,
    email               text,
    email_ciphertext    bytea,
    email_hash          bytea,
    created_at          timestamptz,
    deleted_at          timestamptz,
    merged_at           timestamptz,
    parent_external_id  text,
    PRIMARY KEY (ingestion_id, row)
  )`
