import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Which key made a key, so that both end together. Of older keys it is not known. */
export class KeyMakers1700000023100 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE api_keys ADD COLUMN made_by uuid REFERENCES api_keys (id)')
    await runner.query('CREATE INDEX api_keys_made_by ON api_keys (made_by) WHERE made_by IS NOT NULL')
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE api_keys DROP COLUMN made_by')
  }
}
