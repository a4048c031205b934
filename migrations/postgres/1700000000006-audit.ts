import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Who changed what. Entries are final, like those of the ledger. */
export class Audit1700000000006 implements MigrationInterface {
  name = 'Audit1700000000006'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE audit_entries (
        seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        id uuid NOT NULL UNIQUE,
        actor text NOT NULL,
        action text NOT NULL,
        target text,
        details jsonb NOT NULL,
        at timestamptz NOT NULL DEFAULT clock_timestamp()
      )`)
    for (const column of ['actor', 'action', 'target']) {
      await runner.query(`CREATE INDEX audit_entries_${column} ON audit_entries (${column}, seq)`)
    }
    await runner.query('CREATE INDEX audit_entries_at ON audit_entries (at)')
    await runner.query(`
      CREATE FUNCTION audit_entries_are_final() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'audit_entries is append-only'; END $$`)
    await runner.query(`
      CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
      FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_are_final()`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE audit_entries')
    await runner.query('DROP FUNCTION audit_entries_are_final')
  }
}
