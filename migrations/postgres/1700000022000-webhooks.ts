import type { MigrationInterface, QueryRunner } from 'typeorm'
import { OLD_BALANCE_EVENTS, OLD_TABLES } from './webhooks-before.js'

/**
 * Webhooks of events: one table of receivers, of which the low-balance alerts become a kind, one outbox of deliveries, and
 * what writes into it in the transactions that it reports: triggers of accounts, jobs and plans.
 */
export class StandardWebhooks1700000022000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await run(runner, [...WEBHOOKS, ...DELIVERIES, ENQUEUE, ...ACCOUNTS, ...BALANCE_EVENTS, ...INGESTIONS, ...PLANS])
  }

  async down(runner: QueryRunner): Promise<void> {
    await run(runner, [
      'DROP TRIGGER plan_periods_webhook ON plan_periods',
      'DROP TRIGGER ingestions_webhook ON ingestions',
      'DROP TRIGGER credit_grants_new ON credit_grants',
      'DROP TRIGGER credit_accounts_exhaustion ON credit_accounts',
      'DROP TRIGGER credit_accounts_low_balance ON credit_accounts',
      'DROP FUNCTION enqueue_plan_renewal, enqueue_ingestion_end, note_credit_grant, note_exhaustion, credits_report_exhausted',
      'DROP FUNCTION credits_evaluate_exhaustion, credits_percent_of_last_grant, webhooks_enqueue',
      'DROP FUNCTION evaluate_low_balance, credits_evaluate_pending_low_balances, credits_evaluate_low_balance',
      ...OLD_TABLES,
      ...OLD_BALANCE_EVENTS,
    ])
  }
}

async function run(runner: QueryRunner, statements: string[]): Promise<void> {
  for (const statement of statements) await runner.query(statement)
}

const WEBHOOKS = [
  `CREATE TABLE webhooks (
    -- of a low-balance alert that of its user: there is one at most
    id uuid PRIMARY KEY,
    -- how deliveries are written and signed
    kind text NOT NULL CHECK (kind IN ('standard', 'low-balance')),
    url text NOT NULL,
    events text[] NOT NULL,
    -- only what happens to this user; null for all
    user_id uuid REFERENCES users (id),
    -- what deliveries are signed with: encrypted with ENCRYPTION_KEY, else in the plain column. Until
    -- previous_secret_expires_at the secret before it is there too, behind a blank.
    secret text,
    secret_ciphertext bytea,
    previous_secret_expires_at timestamptz,
    disabled_at timestamptz,
    disabled_reason text,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT webhooks_secret_plain_or_encrypted CHECK ((secret IS NULL) <> (secret_ciphertext IS NULL)),
    CHECK (kind <> 'low-balance' OR id = user_id)
  )`,
  'CREATE INDEX webhooks_user ON webhooks (user_id)',
  `CREATE INDEX webhooks_standard ON webhooks (created_at, id) WHERE kind = 'standard'`,
  'CREATE INDEX webhooks_plain_secret ON webhooks (id) WHERE secret IS NOT NULL',
  // Which encryption keys are in use: src/infrastructure/encryption/field-cipher.ts says where a ciphertext holds its key's id.
  `CREATE INDEX webhooks_encryption_key ON webhooks (substring(secret_ciphertext, 2, 4))
   WHERE secret_ciphertext IS NOT NULL`,
  `INSERT INTO webhooks (id, kind, url, events, user_id, secret, secret_ciphertext, created_at)
   SELECT user_id, 'low-balance', url, '{credits.low}', user_id, secret, secret_ciphertext, created_at
   FROM low_balance_alerts`,
  'DROP TABLE low_balance_alerts',
]

const DELIVERIES = [
  `ALTER TABLE webhook_deliveries
    ADD COLUMN webhook_id uuid,
    ADD COLUMN event text NOT NULL DEFAULT 'credits.low',
    -- as it was when it happened: every try sends the same bytes
    ADD COLUMN data json,
    -- the last try is made by then, but at least one is
    ADD COLUMN retry_until timestamptz,
    -- the process that sends it; next_attempt_at is then when that counts as dead
    ADD COLUMN lease_id uuid,
    ALTER COLUMN user_id DROP NOT NULL`,
  `UPDATE webhook_deliveries SET webhook_id = user_id, retry_until = created_at + interval '24 hours',
     data = json_build_object('userId', user_id, 'balance', balance, 'threshold', threshold)`,
  `ALTER TABLE webhook_deliveries
    ALTER COLUMN webhook_id SET NOT NULL, ALTER COLUMN event DROP DEFAULT, ALTER COLUMN data SET NOT NULL,
    ALTER COLUMN retry_until SET NOT NULL, DROP COLUMN balance, DROP COLUMN threshold`,
  'DROP INDEX webhook_deliveries_due, webhook_deliveries_user',
  // The first tells whether there are any, by an expression, so that no plan takes it for what the second is for: it finds
  // those of each webhook, however many another one has.
  `CREATE INDEX webhook_deliveries_any_due ON webhook_deliveries ((next_attempt_at AT TIME ZONE 'UTC'))
   WHERE status = 'pending'`,
  `CREATE INDEX webhook_deliveries_due ON webhook_deliveries (webhook_id, next_attempt_at) WHERE status = 'pending'`,
  'CREATE INDEX webhook_deliveries_webhook ON webhook_deliveries (webhook_id, created_at, id)',
]

/**
 * A delivery for each webhook that is to hear of it, in the transaction around. The lock makes whoever disables or deletes
 * a webhook wait for this transaction, and cancel what it wrote.
 */
const ENQUEUE = `
  CREATE FUNCTION webhooks_enqueue(p_event text, p_user uuid, p_data json) RETURNS void LANGUAGE sql VOLATILE AS $$
    INSERT INTO webhook_deliveries (id, webhook_id, event, user_id, data, created_at, next_attempt_at, retry_until)
    SELECT uuid_v7(), w.id, p_event, p_user, p_data, happened.at, happened.at, happened.at + interval '24 hours'
    FROM webhooks w CROSS JOIN (SELECT clock_timestamp() AS at) happened
    WHERE (w.user_id IS NULL OR w.user_id = p_user) AND p_event = ANY (w.events) AND w.disabled_at IS NULL
    FOR SHARE OF w
  $$`

// Every account has a threshold: webhooks hear of users without an alert of their own as well.
const ACCOUNTS = [
  `CREATE FUNCTION credits_percent_of_last_grant(p_user uuid, p_percent smallint) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT amount * p_percent / 100 FROM credit_grants WHERE user_id = p_user ORDER BY seq DESC LIMIT 1
  $$`,
  `ALTER TABLE credit_accounts
    -- where the threshold is a share of what the last grant brought; null where it is an amount
    ADD COLUMN low_percent smallint DEFAULT 20 CHECK (low_percent BETWEEN 1 AND 100),
    -- since the last grant the balance has come to 0 or was too small for a request: pending while what is in flight may
    -- still come back
    ADD COLUMN exhaustion text NOT NULL DEFAULT 'none' CHECK (exhaustion IN ('none', 'pending', 'reported')),
    ALTER COLUMN low_alert_armed SET DEFAULT true`,
  'UPDATE credit_accounts SET low_percent = NULL WHERE low_threshold IS NOT NULL',
  `UPDATE credit_accounts SET low_threshold = credits_percent_of_last_grant(user_id, low_percent)
   WHERE low_percent IS NOT NULL`,
  // Nobody is told of a balance that was low before.
  `UPDATE credit_accounts SET low_alert_armed = balance > low_threshold OR low_threshold IS NULL
   WHERE low_percent IS NOT NULL`,
  'DROP INDEX credit_accounts_low_evaluation_pending',
  `CREATE INDEX credit_accounts_evaluation_pending ON credit_accounts (user_id)
   WHERE low_evaluation_pending OR exhaustion = 'pending'`,
]

const REPORT_LOW = `
  CREATE OR REPLACE FUNCTION credits_evaluate_low_balance(p_user uuid) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
  DECLARE
    v_account record;
  BEGIN
    SELECT balance, low_threshold AS threshold, low_alert_armed AS armed, low_evaluation_pending AS pending,
      balance + (SELECT coalesce(sum(cost), 0) FROM credit_reservations WHERE user_id = p_user)::bigint AS certain
    INTO v_account FROM credit_accounts WHERE user_id = p_user;
    IF v_account.armed AND v_account.pending AND v_account.certain <= v_account.threshold THEN
      UPDATE credit_accounts SET low_alert_armed = false, low_evaluation_pending = false WHERE user_id = p_user;
      PERFORM webhooks_enqueue('credits.low', p_user, json_build_object(
        'userId', p_user, 'balance', v_account.certain, 'threshold', v_account.threshold))
      FROM users u WHERE u.id = p_user AND u.deleted_at IS NULL;
    ELSIF v_account.balance > v_account.threshold AND (v_account.pending OR NOT v_account.armed) THEN
      UPDATE credit_accounts SET low_alert_armed = true, low_evaluation_pending = false WHERE user_id = p_user;
    END IF;
  END $$`

/** As with a low balance, what is in flight may come back: a balance of 0 is reported when nothing is. */
const REPORT_EXHAUSTED = [
  `CREATE FUNCTION credits_report_exhausted(p_user uuid) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
  DECLARE
    v_balance bigint;
  BEGIN
    UPDATE credit_accounts SET exhaustion = 'reported' WHERE user_id = p_user AND exhaustion <> 'reported'
    RETURNING balance INTO v_balance;
    IF NOT FOUND THEN RETURN; END IF;
    PERFORM webhooks_enqueue('credits.exhausted', p_user, json_build_object('userId', p_user, 'balance', v_balance))
    FROM users u WHERE u.id = p_user AND u.deleted_at IS NULL;
  END $$`,
  `CREATE FUNCTION credits_evaluate_exhaustion(p_user uuid) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
  BEGIN
    IF EXISTS (SELECT FROM credit_accounts WHERE user_id = p_user AND exhaustion = 'pending')
      AND NOT EXISTS (SELECT FROM credit_reservations WHERE user_id = p_user) THEN
      PERFORM credits_report_exhausted(p_user);
    END IF;
  END $$`,
]

const BALANCE_EVENTS = [
  REPORT_LOW,
  ...REPORT_EXHAUSTED,
  `CREATE OR REPLACE FUNCTION credits_evaluate_pending_low_balances(p_limit integer) RETURNS void
    LANGUAGE plpgsql VOLATILE AS $$
  BEGIN
    PERFORM credits_evaluate_low_balance(user_id), credits_evaluate_exhaustion(user_id)
    FROM (SELECT user_id FROM credit_accounts
          WHERE low_evaluation_pending OR exhaustion = 'pending' LIMIT p_limit FOR UPDATE SKIP LOCKED) due;
  END $$`,
  `CREATE OR REPLACE FUNCTION evaluate_low_balance() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM credits_evaluate_low_balance(NEW.user_id), credits_evaluate_exhaustion(NEW.user_id);
    RETURN NULL;
  END $$`,
  'DROP TRIGGER credit_accounts_low_balance ON credit_accounts',
  `CREATE CONSTRAINT TRIGGER credit_accounts_low_balance
   AFTER UPDATE OF balance, low_evaluation_pending ON credit_accounts
   DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
   WHEN (NEW.low_evaluation_pending OR NEW.exhaustion = 'pending'
     OR (NOT NEW.low_alert_armed AND NEW.balance > NEW.low_threshold))
   EXECUTE FUNCTION evaluate_low_balance()`,
  // In the row's own update: a charge that leaves credit pays for a condition.
  `CREATE FUNCTION note_exhaustion() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    NEW.exhaustion := CASE WHEN NEW.balance = 0 THEN 'pending' ELSE 'none' END;
    RETURN NEW;
  END $$`,
  `CREATE TRIGGER credit_accounts_exhaustion BEFORE UPDATE OF balance ON credit_accounts FOR EACH ROW
   WHEN ((NEW.balance = 0 AND NEW.exhaustion = 'none') OR (NEW.balance > 0 AND NEW.exhaustion = 'pending'))
   EXECUTE FUNCTION note_exhaustion()`,
  `CREATE FUNCTION note_credit_grant() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    UPDATE credit_accounts SET exhaustion = 'none',
      low_threshold = coalesce(NEW.amount * low_percent / 100, low_threshold) WHERE user_id = NEW.user_id;
    RETURN NULL;
  END $$`,
  `CREATE TRIGGER credit_grants_new AFTER INSERT ON credit_grants FOR EACH ROW EXECUTE FUNCTION note_credit_grant()`,
]

const isoTime = (column: string): string => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

/** Whoever ends a job: a worker, a consumer of its batches, or the sweep that gives it up. */
const INGESTIONS = [
  `CREATE FUNCTION enqueue_ingestion_end() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM webhooks_enqueue('ingestion.' || NEW.status, NULL, json_build_object(
      'id', NEW.id, 'dataset', NEW.dataset, 'format', NEW.format, 'fileName', NEW.file_name, 'status', NEW.status,
      'rowsRead', NEW.rows_read, 'rowsAccepted', NEW.rows_accepted, 'rowsRejected', NEW.rows_rejected,
      'createdAt', ${isoTime('NEW.created_at')}, 'startedAt', ${isoTime('NEW.started_at')},
      'finishedAt', ${isoTime('NEW.finished_at')}, 'error', NEW.error, 'sha256', NEW.sha256));
    RETURN NULL;
  END $$`,
  `CREATE TRIGGER ingestions_webhook AFTER UPDATE OF status ON ingestions FOR EACH ROW
   WHEN (OLD.status IS DISTINCT FROM NEW.status AND NEW.status IN ('succeeded', 'failed'))
   EXECUTE FUNCTION enqueue_ingestion_end()`,
]

const PLANS = [
  `CREATE FUNCTION enqueue_plan_renewal() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM webhooks_enqueue('plan.renewed', NEW.user_id, json_build_object(
      'userId', NEW.user_id, 'planId', NEW.plan_id, 'plan', NEW.plan_name, 'credits', NEW.credits,
      'grantId', NEW.grant_id, 'periodStart', ${isoTime('NEW.period_start')}, 'periodEnd', ${isoTime('NEW.period_end')}));
    RETURN NULL;
  END $$`,
  `CREATE TRIGGER plan_periods_webhook AFTER INSERT ON plan_periods FOR EACH ROW EXECUTE FUNCTION enqueue_plan_renewal()`,
]
