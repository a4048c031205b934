import type { MigrationInterface, QueryRunner } from 'typeorm'

/** A browser signed in with a key. Both tokens are kept as SHA-256 only; the session is good for no longer than its key. */
export class Sessions1700000000050 implements MigrationInterface {
  name = 'Sessions1700000000050'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE sessions (
        hash bytea PRIMARY KEY,
        key_hash bytea NOT NULL,
        expires_at timestamptz NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      )`)
    await runner.query('CREATE INDEX sessions_expires_at ON sessions (expires_at)')
    await runner.query('CREATE INDEX sessions_key_hash ON sessions (key_hash, created_at)')
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE sessions')
  }
}
