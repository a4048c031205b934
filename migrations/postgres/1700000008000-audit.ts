import type { MigrationInterface, QueryRunner } from 'typeorm'

/** The audit trail: who changed what. Append-only, like the ledger. */
export class Audit1700000008000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE audit_entries')
    await runner.query('DROP FUNCTION forbid_audit_entry_changes')
  }
}

const STATEMENTS = [
  `CREATE TABLE audit_entries (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id uuid NOT NULL UNIQUE,
    actor text NOT NULL,
    action text NOT NULL,
    target text,
    details jsonb NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
  )`,
  // One for each filter of the list, which is read newest first.
  'CREATE INDEX audit_entries_actor ON audit_entries (actor, seq)',
  'CREATE INDEX audit_entries_action ON audit_entries (action, seq)',
  'CREATE INDEX audit_entries_target ON audit_entries (target, seq)',
  'CREATE INDEX audit_entries_at ON audit_entries (at)',
  `CREATE FUNCTION forbid_audit_entry_changes() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'audit_entries is append-only'; END $$`,
  `CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
   FOR EACH STATEMENT EXECUTE FUNCTION forbid_audit_entry_changes()`,
]
