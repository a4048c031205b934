/** For `down` of 1700000022000: the tables and functions of 1700000006000 as they were. */
export const OLD_TABLES = [
  `CREATE TABLE low_balance_alerts (
    user_id uuid PRIMARY KEY REFERENCES users (id),
    url text NOT NULL,
    secret text,
    secret_ciphertext bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT low_balance_alerts_secret_plain_or_encrypted CHECK ((secret IS NULL) <> (secret_ciphertext IS NULL))
  )`,
  'CREATE INDEX low_balance_alerts_plain_secret ON low_balance_alerts (user_id) WHERE secret IS NOT NULL',
  `CREATE INDEX low_balance_alerts_encryption_key ON low_balance_alerts (substring(secret_ciphertext, 2, 4))
   WHERE secret_ciphertext IS NOT NULL`,
  `INSERT INTO low_balance_alerts (user_id, url, secret, secret_ciphertext, created_at)
   SELECT id, url, secret, secret_ciphertext, created_at FROM webhooks WHERE kind = 'low-balance'`,
  `DELETE FROM webhook_deliveries WHERE webhook_id IS DISTINCT FROM user_id`,
  'DROP TABLE webhooks',
  'DROP INDEX webhook_deliveries_any_due, webhook_deliveries_due, webhook_deliveries_webhook',
  'ALTER TABLE webhook_deliveries ADD COLUMN balance bigint, ADD COLUMN threshold bigint',
  `UPDATE webhook_deliveries SET balance = (data->>'balance')::bigint, threshold = (data->>'threshold')::bigint`,
  `ALTER TABLE webhook_deliveries
    ALTER COLUMN balance SET NOT NULL, ALTER COLUMN threshold SET NOT NULL, ALTER COLUMN user_id SET NOT NULL,
    DROP COLUMN webhook_id, DROP COLUMN event, DROP COLUMN data, DROP COLUMN retry_until, DROP COLUMN lease_id`,
  `CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_attempt_at) WHERE status = 'pending'`,
  'CREATE INDEX webhook_deliveries_user ON webhook_deliveries (user_id, created_at, id)',
  'DROP INDEX credit_accounts_evaluation_pending',
  // Accounts without an alert of their own had no threshold.
  `UPDATE credit_accounts SET low_threshold = NULL, low_alert_armed = NULL
   WHERE user_id NOT IN (SELECT user_id FROM low_balance_alerts)`,
  'ALTER TABLE credit_accounts DROP COLUMN low_percent, DROP COLUMN exhaustion, ALTER COLUMN low_alert_armed DROP DEFAULT',
  'CREATE INDEX credit_accounts_low_evaluation_pending ON credit_accounts (user_id) WHERE low_evaluation_pending',
]

export const OLD_BALANCE_EVENTS = [
  `CREATE OR REPLACE FUNCTION credits_evaluate_low_balance(p_user uuid) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
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
  END $$`,
  `CREATE OR REPLACE FUNCTION credits_evaluate_pending_low_balances(p_limit integer) RETURNS void
    LANGUAGE plpgsql VOLATILE AS $$
  BEGIN
    PERFORM credits_evaluate_low_balance(user_id)
    FROM (SELECT user_id FROM credit_accounts
          WHERE low_evaluation_pending LIMIT p_limit FOR UPDATE SKIP LOCKED) due;
  END $$`,
  `CREATE OR REPLACE FUNCTION evaluate_low_balance() RETURNS trigger LANGUAGE plpgsql AS $$
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
