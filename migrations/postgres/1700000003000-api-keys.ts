import type { MigrationInterface, QueryRunner } from 'typeorm'

/** What requests authenticate with: API keys, the root key, sessions of the console, tickets of streams. Hashes only. */
export class ApiKeys1700000003000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...KEYS, ...SESSIONS, ...TICKETS]) await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE access_tickets, sessions, root_keys, api_keys')
  }
}

const KEYS = [
  `CREATE TABLE api_keys (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    name text,
    -- the first characters, by which people tell keys apart
    prefix text NOT NULL,
    hash bytea NOT NULL CHECK (length(hash) = 32),
    rate_limit_per_minute integer CHECK (rate_limit_per_minute > 0),
    allowed_cidrs text[],
    -- as that of a user, for this key alone
    send_events boolean NOT NULL DEFAULT false,
    expires_at timestamptz,
    disabled_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  'CREATE UNIQUE INDEX api_keys_hash_unique ON api_keys (hash)',
  'CREATE INDEX api_keys_user ON api_keys (user_id)',

  // One row at most: of several instances that start at once, the one whose insert wins made the root key.
  `CREATE TABLE root_keys (
    id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    hash bytea NOT NULL CHECK (length(hash) = 32),
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
]

// A browser signed in with a key: SHA-256 of the session's token and of the key. A session ends with its key.
const SESSIONS = [
  `CREATE TABLE sessions (
    hash bytea PRIMARY KEY,
    key_hash bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  'CREATE INDEX sessions_expires_at ON sessions (expires_at)',
  'CREATE INDEX sessions_key_hash ON sessions (key_hash, created_at)',
]

// A ticket stands for a key once, for a minute. Unlogged: losing them in a crash costs a reconnect. session_hash has no
// foreign key: a session may end before its ticket is redeemed, which is found out then.
const TICKETS = [
  `CREATE UNLOGGED TABLE access_tickets (
    hash bytea PRIMARY KEY,
    key_id uuid REFERENCES api_keys ON DELETE CASCADE,
    session_hash bytea,
    expires_at timestamptz NOT NULL
  )`,
  'CREATE INDEX access_tickets_expiry ON access_tickets (expires_at)',
]
