import type { MigrationInterface, QueryRunner } from 'typeorm'

/** What customers see and do themselves: use by key and dataset, keys that a key made, payments that became credits. */
export class SelfService1700000023000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...LOGS, ...KEYS, PAYMENTS]) await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of ['DROP TABLE payments', ...WITHOUT_KEYS, ...WITHOUT_LOGS]) await runner.query(statement)
  }
}

// The sums of a day are kept apart by key and dataset; whoever wants less adds them up.
const LOGS = [
  'ALTER TABLE request_logs ADD COLUMN key_id uuid, ADD COLUMN dataset text',
  'ALTER TABLE usage_daily ADD COLUMN key_id uuid, ADD COLUMN dataset text',
  'ALTER TABLE usage_daily DROP CONSTRAINT usage_daily_day_user_id_key',
  `ALTER TABLE usage_daily ADD CONSTRAINT usage_daily_unique
    UNIQUE NULLS NOT DISTINCT (day, user_id, key_id, dataset)`,
]

const WITHOUT_LOGS = [
  'ALTER TABLE usage_daily DROP CONSTRAINT usage_daily_unique',
  `CREATE TEMPORARY TABLE usage_daily_sums ON COMMIT DROP AS
    SELECT day, user_id, sum(requests) AS requests, sum(errors) AS errors, sum(credits_used) AS credits_used
    FROM usage_daily GROUP BY day, user_id`,
  'TRUNCATE usage_daily',
  'ALTER TABLE usage_daily DROP COLUMN key_id, DROP COLUMN dataset',
  'ALTER TABLE usage_daily ADD CONSTRAINT usage_daily_day_user_id_key UNIQUE NULLS NOT DISTINCT (day, user_id)',
  `INSERT INTO usage_daily (day, user_id, requests, errors, credits_used)
    SELECT day, user_id, requests, errors, credits_used FROM usage_daily_sums`,
  'ALTER TABLE request_logs DROP COLUMN key_id, DROP COLUMN dataset',
]

const KEYS = [
  // The key with whose requests this one's are counted: a key must not get around its limits by making others.
  'ALTER TABLE api_keys ADD COLUMN counted_with uuid REFERENCES api_keys (id)',
]

const WITHOUT_KEYS = ['ALTER TABLE api_keys DROP COLUMN counted_with']

// A payment is credited by the insert that wins: the same event again, also at another instance, finds its row.
const PAYMENTS = `
  CREATE TABLE payments (
    provider text NOT NULL,
    -- of the provider: a checkout session
    reference text NOT NULL,
    user_id uuid NOT NULL,
    credits bigint NOT NULL CHECK (credits > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (provider, reference)
  )`
