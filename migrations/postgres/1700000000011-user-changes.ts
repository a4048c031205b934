import type { MigrationInterface, QueryRunner } from 'typeorm'

/** A log of changes to users, written by the database itself, so that no way to write users passes it by. */
export class UserChanges1700000000011 implements MigrationInterface {
  name = 'UserChanges1700000000011'

  async up(runner: QueryRunner): Promise<void> {
    // Read in the order (xid, seq), and only as far as all transactions have ended (pg_snapshot_xmin): a sequence alone
    // has gaps that are filled later, by transactions that were slower than their number.
    await runner.query(`
      CREATE TABLE user_changes (
        xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
        seq bigint GENERATED ALWAYS AS IDENTITY,
        user_id uuid NOT NULL,
        type text NOT NULL CHECK (type IN ('created', 'updated', 'deleted')),
        at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (xid, seq)
      )`)
    await runner.query(`CREATE INDEX user_changes_created ON user_changes (user_id) WHERE type = 'created'`)

    // How far the log has been cut off at its old end: one row.
    await runner.query(`
      CREATE TABLE user_changes_pruned (
        id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
        xid xid8 NOT NULL,
        seq bigint NOT NULL
      )`)
    await runner.query(`INSERT INTO user_changes_pruned (xid, seq) VALUES ('0', 0)`)

    for (const statement of TRIGGERS) await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TRIGGER users_inserted ON users`)
    await runner.query(`DROP TRIGGER users_updated ON users`)
    await runner.query(`DROP TRIGGER users_deleted ON users`)
    await runner.query(`DROP FUNCTION user_changes_note`)
    await runner.query(`DROP TABLE user_changes, user_changes_pruned`)
  }
}

/**
 * Once a statement, however many rows it writes. An update counts when it moves `updated_at` or `deleted_at`: sealing an
 * email with another key changes nothing for anybody. The ids are sent to who listens on `user_changes`, 200 in a
 * message (a message holds 8,000 bytes).
 */
const note = (changes: string): string => `
  WITH noted AS (
    INSERT INTO user_changes (user_id, type) ${changes} RETURNING user_id
  ), messages AS (
    SELECT string_agg(user_id::text, ',') AS ids
    FROM (SELECT user_id, (row_number() OVER () - 1) / 200 AS message FROM noted) n GROUP BY message
  ), sent AS (
    SELECT pg_notify('user_changes', ids) FROM messages
  )
  SELECT count(*) INTO v_sent FROM sent;`

const TRIGGERS = [
  `CREATE FUNCTION user_changes_note() RETURNS trigger LANGUAGE plpgsql AS $$
  DECLARE
    v_sent bigint;
  BEGIN
    IF TG_OP = 'INSERT' THEN
      ${note(`SELECT id, 'created' FROM after_rows WHERE deleted_at IS NULL`)}
    ELSIF TG_OP = 'UPDATE' THEN
      ${note(`
        SELECT id, CASE WHEN a.deleted_at IS NOT NULL THEN 'deleted'
                        WHEN b.deleted_at IS NOT NULL THEN 'created' ELSE 'updated' END
        FROM before_rows b JOIN after_rows a USING (id)
        WHERE (a.deleted_at IS NULL) <> (b.deleted_at IS NULL)
           OR (a.deleted_at IS NULL AND a.updated_at <> b.updated_at)`)}
    ELSE
      ${note(`SELECT id, 'deleted' FROM before_rows WHERE deleted_at IS NULL`)}
    END IF;
    RETURN NULL;
  END $$`,
  `CREATE TRIGGER users_inserted AFTER INSERT ON users REFERENCING NEW TABLE AS after_rows
    FOR EACH STATEMENT EXECUTE FUNCTION user_changes_note()`,
  `CREATE TRIGGER users_updated AFTER UPDATE ON users REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows
    FOR EACH STATEMENT EXECUTE FUNCTION user_changes_note()`,
  `CREATE TRIGGER users_deleted AFTER DELETE ON users REFERENCING OLD TABLE AS before_rows
    FOR EACH STATEMENT EXECUTE FUNCTION user_changes_note()`,
]
