import type { MigrationInterface, QueryRunner } from 'typeorm'

/** What is proven of each dataset's table in the warehouse, for all instances: see src/datasets/table-proof.ts. */
export class TableProofs1700000000070 implements MigrationInterface {
  name = 'TableProofs1700000000070'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE table_proofs (
        dataset text PRIMARY KEY,
        stamp text NOT NULL,
        has_deleted boolean NOT NULL,
        proven_at timestamptz NOT NULL DEFAULT now()
      )`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE table_proofs')
  }
}
