import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Emails sealed with ENCRYPTION_KEY; without one they stay in `email`. */
export class UserEmails1700000000010 implements MigrationInterface {
  name = 'UserEmails1700000000010'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE users
        ADD COLUMN email_ciphertext bytea,
        ADD COLUMN email_hash bytea CHECK (length(email_hash) = 32),
        ADD CONSTRAINT users_email_once CHECK (
          (email_ciphertext IS NULL) = (email_hash IS NULL) AND (email IS NULL OR email_ciphertext IS NULL))`)
    await runner.query('CREATE INDEX users_email ON users (lower(email)) WHERE email IS NOT NULL')
    await runner.query('CREATE INDEX users_email_hash ON users (email_hash) WHERE email_hash IS NOT NULL')
    // Which keys are in use (src/encryption/field-cipher.ts says where a sealed value holds the id of its key).
    await runner.query(
      'CREATE INDEX users_email_key ON users (substring(email_ciphertext, 2, 4)) WHERE email_ciphertext IS NOT NULL',
    )
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX users_email, users_email_hash, users_email_key')
    await runner.query('ALTER TABLE users DROP COLUMN email_ciphertext, DROP COLUMN email_hash')
  }
}
