import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Tells customers that their credits run low: a threshold per account, and an outbox of webhooks. */
export class LowBalance1700000000007 implements MigrationInterface {
  name = 'LowBalance1700000000007'

  async up(runner: QueryRunner): Promise<void> {
    // "armed": the next fall to the threshold or below is reported. No index holds them, so updates stay in the page.
    await runner.query('ALTER TABLE credit_accounts ADD COLUMN low_threshold bigint, ADD COLUMN low_armed boolean')
    await runner.query(`
      CREATE TABLE low_balance_alerts (
        user_id uuid PRIMARY KEY REFERENCES users (id),
        url text NOT NULL,
        secret text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      )`)
    await runner.query(`
      CREATE TABLE webhook_deliveries (
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
      )`)
    await runner.query(
      `CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_attempt_at) WHERE status = 'pending'`,
    )
    await runner.query('CREATE INDEX webhook_deliveries_user ON webhook_deliveries (user_id, created_at, id)')
    await runner.query('CREATE INDEX webhook_deliveries_age ON webhook_deliveries (created_at)')
    await runner.query(WATCH)
    await runner.query(TRIGGER)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TRIGGER credit_accounts_low_balance ON credit_accounts')
    await runner.query('DROP FUNCTION credits_watch_low_balance')
    await runner.query('DROP TABLE webhook_deliveries, low_balance_alerts')
    await runner.query('ALTER TABLE credit_accounts DROP COLUMN low_threshold, DROP COLUMN low_armed')
  }
}

/**
 * Runs at the end of a transaction in which a balance crossed its threshold, with the balance that it ends with: a credit
 * that comes back to an expired grant and is taken out again at once is no crossing. The outbox row is in the same
 * commit as what moved the balance. Charges, expiry and voids count alike: the customer can buy the less either way.
 */
const WATCH = `
  CREATE FUNCTION credits_watch_low_balance() RETURNS trigger LANGUAGE plpgsql AS $$
  DECLARE
    v_account record;
  BEGIN
    SELECT balance, low_threshold AS threshold, low_armed AS armed INTO v_account
    FROM credit_accounts WHERE user_id = NEW.user_id;
    IF v_account.armed AND v_account.balance <= v_account.threshold THEN
      UPDATE credit_accounts SET low_armed = false WHERE user_id = NEW.user_id;
      INSERT INTO webhook_deliveries (id, user_id, balance, threshold, created_at, next_attempt_at)
      SELECT uuid_v7(), u.id, v_account.balance, v_account.threshold, clock_timestamp(), clock_timestamp()
      FROM users u WHERE u.id = NEW.user_id AND u.deleted_at IS NULL;
    ELSIF NOT v_account.armed AND v_account.balance > v_account.threshold THEN
      UPDATE credit_accounts SET low_armed = true WHERE user_id = NEW.user_id;
    END IF;
    RETURN NULL;
  END $$`

/** The condition is all that a charge pays when nothing is crossed: no function is called for it. */
const TRIGGER = `
  CREATE CONSTRAINT TRIGGER credit_accounts_low_balance AFTER UPDATE OF balance ON credit_accounts
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN ((NEW.low_armed AND NEW.balance <= NEW.low_threshold AND NEW.balance < OLD.balance)
    OR (NOT NEW.low_armed AND NEW.balance > NEW.low_threshold))
  EXECUTE FUNCTION credits_watch_low_balance()`
