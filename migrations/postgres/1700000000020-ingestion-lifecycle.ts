import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Taking a job's rows out again, its pace, and attempts that got nowhere. */
export class IngestionLifecycle1700000000020 implements MigrationInterface {
  name = 'IngestionLifecycle1700000000020'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE ingestions
        -- asked for and not done yet: whoever finds it finishes it
        ADD COLUMN deletion_started_at timestamptz,
        -- counts the tries, each of which has a staging table of its own
        ADD COLUMN deletion_attempt integer NOT NULL DEFAULT 0,
        ADD COLUMN deleted_at timestamptz,
        ADD COLUMN rows_deleted bigint NOT NULL DEFAULT 0,
        -- attempts since a chunk was last recorded; a job that was handed over in order is not charged for it
        ADD COLUMN fruitless_attempts integer NOT NULL DEFAULT 0,
        -- when the attempt that runs began, and where: its pace is what tells the time that is left
        ADD COLUMN attempt_started_at timestamptz,
        ADD COLUMN attempt_first_byte bigint NOT NULL DEFAULT 0,
        ADD COLUMN attempt_first_row bigint NOT NULL DEFAULT 0`)
    // Content whose rows were taken out may come again.
    await runner.query('DROP INDEX ingestions_content_once')
    await runner.query(`
      CREATE UNIQUE INDEX ingestions_content_once ON ingestions (dataset, sha256)
      WHERE status IN ('queued', 'running', 'succeeded') AND NOT forced AND deleted_at IS NULL`)
    await runner.query(`
      CREATE INDEX ingestions_in_deletion ON ingestions (deletion_started_at)
      WHERE deletion_started_at IS NOT NULL AND deleted_at IS NULL`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX ingestions_in_deletion, ingestions_content_once')
    await runner.query(`
      ALTER TABLE ingestions DROP COLUMN deletion_started_at, DROP COLUMN deletion_attempt, DROP COLUMN deleted_at,
        DROP COLUMN rows_deleted, DROP COLUMN fruitless_attempts, DROP COLUMN attempt_started_at,
        DROP COLUMN attempt_first_byte, DROP COLUMN attempt_first_row`)
    await runner.query(`
      CREATE UNIQUE INDEX ingestions_content_once ON ingestions (dataset, sha256)
      WHERE status IN ('queued', 'running', 'succeeded') AND NOT forced`)
  }
}
