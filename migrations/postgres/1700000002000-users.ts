import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Users, and a log of changes to them for the dataset `users`. */
export class Users1700000002000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...USERS, ...USER_CHANGES]) await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE user_changes_pruned, user_changes, users')
    await runner.query('DROP FUNCTION record_user_changes')
  }
}

const USERS = [
  `CREATE TABLE users (
    id uuid PRIMARY KEY,
    username text NOT NULL CHECK (length(username) BETWEEN 1 AND 64),
    first_name text,
    last_name text,
    -- with ENCRYPTION_KEY the email is encrypted, and found by a keyed hash; without one it is in the plain column
    email text,
    email_ciphertext bytea,
    email_hash bytea CHECK (length(email_hash) = 32),
    role text NOT NULL DEFAULT 'member' CHECK (role IN ('admin', 'viewer', 'member')),
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled')),
    rate_limit_per_minute integer CHECK (rate_limit_per_minute > 0),
    -- lets a user who is no admin send events
    send_events boolean NOT NULL DEFAULT false,
    -- of an account that came from a file: the id that it has there, and the ingestion that wrote it last
    external_id text,
    merged_at timestamptz,
    parent_external_id text,
    imported_by uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    CONSTRAINT users_email_plain_or_encrypted CHECK (
      (email_ciphertext IS NULL) = (email_hash IS NULL) AND (email IS NULL OR email_ciphertext IS NULL))
  )`,
  // The username of a deleted user is free again.
  'CREATE UNIQUE INDEX users_username_unique ON users (lower(username)) WHERE deleted_at IS NULL',
  'CREATE UNIQUE INDEX users_external_id ON users (external_id) WHERE external_id IS NOT NULL',
  'CREATE INDEX users_created_at ON users (created_at)',
  'CREATE INDEX users_imported_by ON users (imported_by) WHERE imported_by IS NOT NULL',
  // Counting and paging through those who are not deleted.
  'CREATE INDEX users_not_deleted ON users (id) WHERE deleted_at IS NULL',
  'CREATE INDEX users_email ON users (lower(email)) WHERE email IS NOT NULL',
  'CREATE INDEX users_email_hash ON users (email_hash) WHERE email_hash IS NOT NULL',
  // Which encryption keys are in use: src/infrastructure/encryption/field-cipher.ts says where a ciphertext holds its key's id.
  `CREATE INDEX users_email_encryption_key ON users (substring(email_ciphertext, 2, 4))
   WHERE email_ciphertext IS NOT NULL`,
  // Finds users by part of a name: of 1,000,000 in 13 instead of 420 ms. The extension comes with PostgreSQL, but a server
  // may lack it or not allow it; the search then reads all names. One index for both names: the line break between them
  // is in no name and in no search.
  `DO $$ BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX users_names_trgm ON users
      USING gin ((coalesce(first_name, '') || E'\\n' || coalesce(last_name, '')) gin_trgm_ops)
      WHERE deleted_at IS NULL;
  EXCEPTION WHEN insufficient_privilege OR feature_not_supported OR undefined_file OR undefined_object THEN
    RAISE NOTICE 'pg_trgm cannot be used: %', SQLERRM;
  END $$`,
]

/**
 * Once a statement, however many rows it writes. The ids are sent to who listens on `user_changes`, 200 in a message
 * (a message holds 8,000 bytes).
 */
const recordChanges = (changes: string): string => `
  WITH recorded AS (
    INSERT INTO user_changes (user_id, type) ${changes} RETURNING user_id
  ), messages AS (
    SELECT string_agg(user_id::text, ',') AS ids
    FROM (SELECT user_id, (row_number() OVER () - 1) / 200 AS message FROM recorded) n GROUP BY message
  ), sent AS (
    SELECT pg_notify('user_changes', ids) FROM messages
  )
  SELECT count(*) INTO v_sent FROM sent;`

/** Written by the database itself, so that no statement that writes users passes it by. */
const USER_CHANGES = [
  // Read in the order (xid, seq), and only as far as all transactions have ended (pg_snapshot_xmin): a sequence alone
  // has gaps that are filled later, by transactions that were slower than their number.
  `CREATE TABLE user_changes (
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    seq bigint GENERATED ALWAYS AS IDENTITY,
    user_id uuid NOT NULL,
    type text NOT NULL CHECK (type IN ('created', 'updated', 'deleted')),
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (xid, seq)
  )`,
  `CREATE INDEX user_changes_created ON user_changes (user_id) WHERE type = 'created'`,

  // Up to which change the log has been pruned: one row.
  `CREATE TABLE user_changes_pruned (
    id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    xid xid8 NOT NULL,
    seq bigint NOT NULL
  )`,
  `INSERT INTO user_changes_pruned (xid, seq) VALUES ('0', 0)`,

  // An update counts when it moves updated_at or deleted_at: encrypting an email with another key changes nothing for
  // anybody.
  `CREATE FUNCTION record_user_changes() RETURNS trigger LANGUAGE plpgsql AS $$
  DECLARE
    v_sent bigint;
  BEGIN
    IF TG_OP = 'INSERT' THEN
      ${recordChanges(`SELECT id, 'created' FROM after_rows WHERE deleted_at IS NULL`)}
    ELSIF TG_OP = 'UPDATE' THEN
      ${recordChanges(`
        SELECT id, CASE WHEN a.deleted_at IS NOT NULL THEN 'deleted'
                        WHEN b.deleted_at IS NOT NULL THEN 'created' ELSE 'updated' END
        FROM before_rows b JOIN after_rows a USING (id)
        WHERE (a.deleted_at IS NULL) <> (b.deleted_at IS NULL)
           OR (a.deleted_at IS NULL AND a.updated_at <> b.updated_at)`)}
    ELSE
      ${recordChanges(`SELECT id, 'deleted' FROM before_rows WHERE deleted_at IS NULL`)}
    END IF;
    RETURN NULL;
  END $$`,
  `CREATE TRIGGER users_inserted AFTER INSERT ON users REFERENCING NEW TABLE AS after_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_user_changes()`,
  `CREATE TRIGGER users_updated AFTER UPDATE ON users REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_user_changes()`,
  `CREATE TRIGGER users_deleted AFTER DELETE ON users REFERENCING OLD TABLE AS before_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_user_changes()`,
]
