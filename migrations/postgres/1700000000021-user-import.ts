import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Accounts from files: which record of which job an account is, and the rows of jobs that have not ended. */
export class UserImport1700000000021 implements MigrationInterface {
  name = 'UserImport1700000000021'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE users
        -- the id that the file has
        ADD COLUMN external_id text,
        ADD COLUMN merged_at timestamptz,
        ADD COLUMN parent_external_id text,
        -- the ingestion that wrote it last
        ADD COLUMN imported_by uuid`)
    await runner.query('CREATE UNIQUE INDEX users_external_id ON users (external_id) WHERE external_id IS NOT NULL')
    await runner.query('CREATE INDEX users_imported_by ON users (imported_by) WHERE imported_by IS NOT NULL')
    // Which account an id in files stands for, from the first time that it is met: an email is sealed for one account,
    // and it is sealed before the account exists.
    await runner.query(`
      CREATE TABLE user_external_ids (
        external_id  text PRIMARY KEY,
        user_id      uuid NOT NULL UNIQUE
      )`)
    // Rows of jobs that run; they become accounts all at once at the job's end.
    await runner.query(`
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
      )`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE user_import_rows, user_external_ids')
    await runner.query('DROP INDEX users_external_id, users_imported_by')
    await runner.query(`
      ALTER TABLE users DROP COLUMN external_id, DROP COLUMN merged_at, DROP COLUMN parent_external_id,
        DROP COLUMN imported_by`)
  }
}
