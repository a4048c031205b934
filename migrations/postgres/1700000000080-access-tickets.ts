import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Tickets that stand for a key once. Unlogged: after a crash nobody misses what lives for a minute. */
export class AccessTickets1700000000080 implements MigrationInterface {
  name = 'AccessTickets1700000000080'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE UNLOGGED TABLE access_tickets (
        hash bytea PRIMARY KEY,
        key_id uuid REFERENCES api_keys ON DELETE CASCADE,
        expires_at timestamptz NOT NULL
      )`)
    await runner.query('CREATE INDEX access_tickets_expiry ON access_tickets (expires_at)')
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE access_tickets')
  }
}
