import type { MigrationInterface, QueryRunner } from 'typeorm'

/** What the request log says of a refusal, and whether a request was the console's own. */
export class LogErrors1700000027000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE request_logs
      -- of the problem that was the response, and its text; null for success and for lines from before they were kept
      ADD COLUMN error_code text, ADD COLUMN error_detail text,
      ADD COLUMN from_console boolean NOT NULL DEFAULT false`)
    // Refusals are few, and what is looked for in a log.
    await runner.query('CREATE INDEX request_logs_errors ON request_logs ("timestamp", id) WHERE status >= 400')
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX request_logs_errors')
    await runner.query(
      'ALTER TABLE request_logs DROP COLUMN error_code, DROP COLUMN error_detail, DROP COLUMN from_console',
    )
  }
}
