import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Credits: accounts, grants and an append-only ledger, and the functions that grant, expire and void. */
export class Credits1700000004000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...ACCOUNTS, ...GRANTS, ...ENTRIES, ...FUNCTIONS]) await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP FUNCTION credits_void, credits_grant, credits_expire_due, credits_expire_user, credits_expire, credits_post`)
    await runner.query('DROP TABLE credit_entries, credit_grants, credit_accounts')
    await runner.query('DROP FUNCTION forbid_credit_entry_changes')
  }
}

// The row that everything that moves a user's credits locks first. The free half of each page keeps updates on it (HOT).
const ACCOUNTS = [
  `CREATE TABLE credit_accounts (
    user_id uuid PRIMARY KEY REFERENCES users (id),
    balance bigint NOT NULL DEFAULT 0 CHECK (balance >= 0),
    -- the customer's alert (1700000006000): the balance at which it is sent; null without one
    low_threshold bigint,
    -- whether the next fall to the threshold or below is reported
    low_alert_armed boolean,
    -- credit is gone for good, the balance is at the threshold or below it, and that is still to be evaluated: at the end
    -- of the transaction, or later when what is in flight may still lift the balance
    low_evaluation_pending boolean NOT NULL DEFAULT false
  ) WITH (fillfactor = 50)`,
  // Nearly no account is in the first index; the second keeps settlements from looking at accounts without an alert. A
  // balance that moves changes neither, so its update stays in the page.
  'CREATE INDEX credit_accounts_low_evaluation_pending ON credit_accounts (user_id) WHERE low_evaluation_pending',
  'CREATE INDEX credit_accounts_low_alert_armed ON credit_accounts (user_id) WHERE low_alert_armed',
]

// "live" and not "remaining > 0" in the indexes' conditions: a column in a condition forbids in-page (HOT) updates when
// its value changes, and remaining changes with every charge.
const GRANTS = [
  `CREATE TABLE credit_grants (
    id uuid PRIMARY KEY,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    user_id uuid NOT NULL REFERENCES credit_accounts (user_id),
    amount bigint NOT NULL CHECK (amount > 0),
    remaining bigint NOT NULL CHECK (remaining BETWEEN 0 AND amount),
    live boolean GENERATED ALWAYS AS (remaining > 0) STORED,
    -- burn order: priority (the smallest first), then expires_at (the soonest first), then seq
    priority smallint NOT NULL DEFAULT 50 CHECK (priority BETWEEN 0 AND 100),
    expires_at timestamptz,
    reason text,
    voided_at timestamptz CHECK (voided_at IS NULL OR remaining = 0),
    created_at timestamptz NOT NULL
  ) WITH (fillfactor = 50)`,
  'CREATE INDEX credit_grants_user ON credit_grants (user_id, seq)',
  'CREATE INDEX credit_grants_live ON credit_grants (user_id) WHERE live',
  'CREATE INDEX credit_grants_expiry ON credit_grants (expires_at) WHERE live AND expires_at IS NOT NULL',
]

// No foreign keys here: each check would lock the user's row in share mode, once a charge, for a user that the account's
// row already proves. The same holds for credit_reservations.
const ENTRIES = [
  `CREATE TABLE credit_entries (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id uuid NOT NULL DEFAULT uuid_v7(),
    user_id uuid NOT NULL,
    grant_id uuid NOT NULL,
    type text NOT NULL CHECK (type IN ('grant', 'charge', 'release', 'expire', 'void')),
    amount bigint NOT NULL CHECK (amount <> 0),
    balance_after bigint NOT NULL CHECK (balance_after >= 0),
    charge_id uuid,
    request_id text,
    reason text,
    created_at timestamptz NOT NULL
  )`,
  'CREATE INDEX credit_entries_user ON credit_entries (user_id, seq)',
  // No charge is ever taken twice from a grant or given back twice to it, whatever the code above it does wrong.
  `CREATE UNIQUE INDEX credit_entries_charge ON credit_entries (charge_id, type, grant_id) WHERE charge_id IS NOT NULL`,
  `CREATE FUNCTION forbid_credit_entry_changes() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'credit_entries is append-only'; END $$`,
  `CREATE TRIGGER credit_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON credit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION forbid_credit_entry_changes()`,
]

/**
 * What moves credits. Each function locks the account rows first, several in the order of their ids, so that two
 * instances never wait for each other.
 *
 * They are plpgsql and VOLATILE, and run in READ COMMITTED, on purpose: there each statement inside takes its own
 * snapshot. The ones after the lock therefore see everything that was committed by whoever held the lock before. One
 * single statement with CTEs would read the grants with the snapshot from before it waited for the lock, and two
 * charges could both burn the last credit (or one be refused for a credit that had just come back).
 *
 * `p_now` NULL means the server's clock, read after the lock was got, so that times in a ledger never run backwards;
 * tests pass a time.
 */
const FUNCTIONS = [
  // Moves the balance and writes the entry; what expires or is voided is gone for good, so the alert is to be evaluated.
  `CREATE FUNCTION credits_post(p_user uuid, p_grant uuid, p_type text, p_amount bigint, p_charge uuid,
      p_request text, p_reason text, p_now timestamptz) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
  DECLARE
    v_balance bigint;
  BEGIN
    UPDATE credit_accounts SET balance = balance + p_amount,
      low_evaluation_pending = low_evaluation_pending
        OR (p_type IN ('expire', 'void') AND low_alert_armed IS TRUE AND balance + p_amount <= low_threshold)
    WHERE user_id = p_user RETURNING balance INTO v_balance;
    INSERT INTO credit_entries (user_id, grant_id, type, amount, balance_after, charge_id, request_id, reason, created_at)
    VALUES (p_user, p_grant, p_type, p_amount, v_balance, p_charge, p_request, p_reason, p_now);
    RETURN v_balance;
  END $$`,

  // Writes the expire entries of one account, whose lock the caller holds.
  `CREATE FUNCTION credits_expire(p_user uuid, p_now timestamptz) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
  DECLARE
    v_grant record;
  BEGIN
    FOR v_grant IN
      SELECT id, remaining FROM credit_grants
      WHERE user_id = p_user AND live AND expires_at <= p_now ORDER BY expires_at, seq
    LOOP
      UPDATE credit_grants SET remaining = 0 WHERE id = v_grant.id;
      PERFORM credits_post(p_user, v_grant.id, 'expire', -v_grant.remaining, NULL, NULL, NULL, p_now);
    END LOOP;
  END $$`,

  // The same with the lock, before a ledger is read. Locks nothing when there is nothing to write, as nearly always.
  `CREATE FUNCTION credits_expire_user(p_user uuid, p_now timestamptz) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
  BEGIN
    IF EXISTS (SELECT FROM credit_grants
               WHERE user_id = p_user AND live AND expires_at <= coalesce(p_now, clock_timestamp())) THEN
      PERFORM 1 FROM credit_accounts WHERE user_id = p_user FOR UPDATE;
      PERFORM credits_expire(p_user, coalesce(p_now, clock_timestamp()));
    END IF;
  END $$`,

  // Writes the expire entries of users who do nothing themselves; gives how many users it went through.
  `CREATE FUNCTION credits_expire_due(p_limit integer, p_now timestamptz) RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
  DECLARE
    v_users uuid[];
    v_user uuid;
  BEGIN
    SELECT array_agg(user_id) INTO v_users FROM (
      SELECT DISTINCT user_id FROM credit_grants
      WHERE live AND expires_at <= coalesce(p_now, clock_timestamp()) LIMIT p_limit) due;
    PERFORM 1 FROM credit_accounts WHERE user_id = ANY (v_users) ORDER BY user_id FOR UPDATE;
    FOREACH v_user IN ARRAY coalesce(v_users, '{}') LOOP
      PERFORM credits_expire(v_user, coalesce(p_now, clock_timestamp()));
    END LOOP;
    RETURN coalesce(cardinality(v_users), 0);
  END $$`,

  // Gives the balance after it; NULL when the account does not exist or its user is deleted, -1 when the balance would
  // leave what a JSON number holds exactly.
  `CREATE FUNCTION credits_grant(p_id uuid, p_user uuid, p_amount bigint, p_priority smallint, p_expires_at timestamptz,
      p_reason text, p_now timestamptz) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
  DECLARE
    v_now timestamptz;
    v_balance bigint;
  BEGIN
    SELECT a.balance INTO v_balance FROM credit_accounts a JOIN users u ON u.id = a.user_id
    WHERE a.user_id = p_user AND u.deleted_at IS NULL FOR UPDATE OF a;
    IF NOT FOUND THEN RETURN NULL; END IF;
    IF v_balance + p_amount > 9000000000000000 THEN RETURN -1; END IF;
    v_now := coalesce(p_now, clock_timestamp());
    PERFORM credits_expire(p_user, v_now);
    INSERT INTO credit_grants (id, user_id, amount, remaining, priority, expires_at, reason, created_at)
    VALUES (p_id, p_user, p_amount, p_amount, p_priority, p_expires_at, p_reason, v_now);
    RETURN credits_post(p_user, p_id, 'grant', p_amount, NULL, NULL, p_reason, v_now);
  END $$`,

  // Takes back what is left of a grant; false when there is no such grant. Voiding twice changes nothing.
  `CREATE FUNCTION credits_void(p_grant uuid, p_reason text, p_now timestamptz) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
  DECLARE
    v_now timestamptz;
    v_grant record;
    v_user uuid;
  BEGIN
    SELECT user_id INTO v_user FROM credit_grants WHERE id = p_grant;
    IF NOT FOUND THEN RETURN false; END IF;
    PERFORM 1 FROM credit_accounts WHERE user_id = v_user FOR UPDATE;
    v_now := coalesce(p_now, clock_timestamp());
    PERFORM credits_expire(v_user, v_now);
    SELECT remaining, voided_at INTO v_grant FROM credit_grants WHERE id = p_grant;
    IF v_grant.voided_at IS NULL THEN
      UPDATE credit_grants SET remaining = 0, voided_at = v_now WHERE id = p_grant;
      IF v_grant.remaining > 0 THEN
        PERFORM credits_post(v_user, p_grant, 'void', -v_grant.remaining, NULL, NULL, p_reason, v_now);
      END IF;
    END IF;
    RETURN true;
  END $$`,
]
