import { ALERTS, EVALUATE, EVALUATE_PENDING, TRIGGER } from './1700000006000-webhooks.js'

/** For `down` of 1700000022000: the tables and functions of 1700000006000 as they were. */
export const OLD_TABLES = [
  ...ALERTS,
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

export const OLD_BALANCE_EVENTS = [EVALUATE, EVALUATE_PENDING, ...TRIGGER]
