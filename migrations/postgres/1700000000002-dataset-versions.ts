import type { MigrationInterface, QueryRunner } from 'typeorm'

/** What every instance must know of a dataset: its version moves with each ingestion that becomes visible. */
export class DatasetVersions1700000000002 implements MigrationInterface {
  name = 'DatasetVersions1700000000002'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE dataset_versions (
        dataset text PRIMARY KEY,
        version bigint NOT NULL,
        last_ingestion_at timestamptz
      )`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE dataset_versions')
  }
}
