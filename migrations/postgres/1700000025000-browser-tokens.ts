import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Browser tokens: what is behind each, and the secrets that they are signed with. */
export class BrowserTokens1700000025000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...TOKENS, ...SIGNING_KEYS]) await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE token_signing_keys, browser_tokens')
  }
}

// The token itself says nothing but its id: whoever opens the page could read the rest.
const TOKENS = [
  `CREATE TABLE browser_tokens (
    id uuid PRIMARY KEY,
    key_id uuid NOT NULL REFERENCES api_keys ON DELETE CASCADE,
    -- what it may do of what its key may do; null: all of it
    access jsonb,
    -- what it may spend in all; null: as much as its key
    credit_limit_id uuid REFERENCES credit_limits (id),
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  'CREATE INDEX browser_tokens_expiry ON browser_tokens (expires_at)',
  'CREATE INDEX browser_tokens_key ON browser_tokens (key_id)',
]

// The newest signs; the others are there until the last token that they signed has expired. All instances share them.
const SIGNING_KEYS = [
  `CREATE TABLE token_signing_keys (
    id uuid PRIMARY KEY,
    -- base64url of 32 random bytes: encrypted with ENCRYPTION_KEY, else in the plain column
    secret text,
    secret_ciphertext bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT token_signing_keys_secret_plain_or_encrypted CHECK ((secret IS NULL) <> (secret_ciphertext IS NULL))
  )`,
  'CREATE INDEX token_signing_keys_plain_secret ON token_signing_keys (id) WHERE secret IS NOT NULL',
  `CREATE INDEX token_signing_keys_encryption_key ON token_signing_keys (substring(secret_ciphertext, 2, 4))
   WHERE secret_ciphertext IS NOT NULL`,
]
