import type { MigrationInterface, QueryRunner } from 'typeorm'

/** What users and keys may see; null: everything that the role may. src/auth/access/access-policy.ts has the shape. */
export class AccessPolicies1700000020000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of TABLES)
      await runner.query(`ALTER TABLE ${table} ADD COLUMN access jsonb CHECK (jsonb_typeof(access) = 'object')`)
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.query(`ALTER TABLE ${table} DROP COLUMN access`)
  }
}

const TABLES = ['users', 'api_keys']
