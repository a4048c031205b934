import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Tells customers that their credits run low: where to, an outbox of webhooks, and the trigger that fills it. */
export class Webhooks1700000006000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...ALERTS, ...DELIVERIES, EVALUATE, EVALUATE_PENDING, ...TRIGGER])
      await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TRIGGER credit_accounts_low_balance ON credit_accounts')
    await runner.query(
      'DROP FUNCTION evaluate_low_balance, credits_evaluate_pending_low_balances, credits_evaluate_low_balance',
    )
    await runner.query('DROP TABLE webhook_deliveries, low_balance_alerts')
  }
}

// The threshold and the state are in credit_accounts, where every charge finds them.
export const ALERTS = [
  `CREATE TABLE low_balance_alerts (
    user_id uuid PRIMARY KEY REFERENCES users (id),
    url text NOT NULL,
    -- what deliveries are signed with: encrypted with ENCRYPTION_KEY, else in the plain column
    secret text,
    secret_ciphertext bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT low_balance_alerts_secret_plain_or_encrypted CHECK ((secret IS NULL) <> (secret_ciphertext IS NULL))
  )`,
  'CREATE INDEX low_balance_alerts_plain_secret ON low_balance_alerts (user_id) WHERE secret IS NOT NULL',
  // Which encryption keys are in use: src/infrastructure/encryption/field-cipher.ts says where a ciphertext holds its key's id.
  `CREATE INDEX low_balance_alerts_encryption_key ON low_balance_alerts (substring(secret_ciphertext, 2, 4))
   WHERE secret_ciphertext IS NOT NULL`,
]

const DELIVERIES = [
  `CREATE TABLE webhook_deliveries (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL,
    balance bigint NOT NULL,
    threshold bigint NOT NULL,
    status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'delivered', 'failed', 'canceled')),
    attempts integer NOT NULL DEFAULT 0,
    response_status smallint,
    error text,
    created_at timestamptz NOT NULL,
    -- of a pending one: when it may be tried; while it is being sent: when the sender counts as dead
    next_attempt_at timestamptz,
    delivered_at timestamptz,
    CHECK ((status = 'pending') = (next_attempt_at IS NOT NULL))
  )`,
  `CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_attempt_at) WHERE status = 'pending'`,
  'CREATE INDEX webhook_deliveries_user ON webhook_deliveries (user_id, created_at, id)',
  'CREATE INDEX webhook_deliveries_age ON webhook_deliveries (created_at)',
]

/**
 * Reports a balance that is low with all that is in flight given back ("certain"), which is what it can rise to by itself:
 * a query that reserves credit may still fail. The caller holds the account's lock. The outbox row is in the same commit
 * as what moved the balance. Charges, expiry and voids count alike: the customer can buy the less either way.
 */
export const EVALUATE = `
  CREATE FUNCTION credits_evaluate_low_balance(p_user uuid) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
  DECLARE
    v_account record;
  BEGIN
    SELECT balance, low_threshold AS threshold, low_alert_armed AS armed, low_evaluation_pending AS pending,
      balance + (SELECT coalesce(sum(cost), 0) FROM credit_reservations WHERE user_id = p_user)::bigint AS certain
    INTO v_account FROM credit_accounts WHERE user_id = p_user;
    IF v_account.armed AND v_account.pending AND v_account.certain <= v_account.threshold THEN
      UPDATE credit_accounts SET low_alert_armed = false, low_evaluation_pending = false WHERE user_id = p_user;
      INSERT INTO webhook_deliveries (id, user_id, balance, threshold, created_at, next_attempt_at)
      SELECT uuid_v7(), u.id, v_account.certain, v_account.threshold, clock_timestamp(), clock_timestamp()
      FROM users u WHERE u.id = p_user AND u.deleted_at IS NULL;
    ELSIF v_account.balance > v_account.threshold AND (v_account.pending OR NOT v_account.armed) THEN
      UPDATE credit_accounts SET low_alert_armed = true, low_evaluation_pending = false WHERE user_id = p_user;
    END IF;
  END $$`

/**
 * Evaluates what was left for later. Two transactions that end at the same time, a charge and the settlement of another,
 * may each still see the other's credit as in flight: then this is what reports it.
 */
export const EVALUATE_PENDING = `
  CREATE FUNCTION credits_evaluate_pending_low_balances(p_limit integer) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
  BEGIN
    PERFORM credits_evaluate_low_balance(user_id)
    FROM (SELECT user_id FROM credit_accounts
          WHERE low_evaluation_pending LIMIT p_limit FOR UPDATE SKIP LOCKED) due;
  END $$`

/**
 * Deferred to the end of the transaction: credit that comes back to an expired grant and is taken out again at once is no
 * rise. The condition is all that a charge pays when there is nothing to evaluate: no function is called for it.
 */
export const TRIGGER = [
  `CREATE FUNCTION evaluate_low_balance() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM credits_evaluate_low_balance(NEW.user_id);
    RETURN NULL;
  END $$`,
  `CREATE CONSTRAINT TRIGGER credit_accounts_low_balance
   AFTER UPDATE OF balance, low_evaluation_pending ON credit_accounts
   DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
   WHEN (NEW.low_evaluation_pending OR (NOT NEW.low_alert_armed AND NEW.balance > NEW.low_threshold))
   EXECUTE FUNCTION evaluate_low_balance()`,
]
