import type { MigrationInterface, QueryRunner } from 'typeorm'

/** A low balance is reported when credit is gone for good, not when a question reserves it that may still fail. */
export class LowBalanceFinal1700000000095 implements MigrationInterface {
  name = 'LowBalanceFinal1700000000095'

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...DUE, JUDGE, JUDGE_DUE, WATCH, ...TRIGGER, CHARGE, POST, LOCK_LOW, SETTLE, KEEP])
      await runner.query(statement)
  }

  async down(): Promise<void> {
    throw new Error('There is no way back: the application settles through credits_settle')
  }
}

// "low_due": credit is gone for good, the balance is at the threshold or below it, and that is to be judged: at the end of
// the transaction, or later when what is in flight may still lift it. Nearly no account is in the index, and a balance
// that moves leaves it alone, so updates stay in the page. The other index keeps settlements from looking at accounts
// that nobody watches.
const DUE = [
  'ALTER TABLE credit_accounts ADD COLUMN low_due boolean NOT NULL DEFAULT false',
  'CREATE INDEX credit_accounts_low_due ON credit_accounts (user_id) WHERE low_due',
  'CREATE INDEX credit_accounts_low_armed ON credit_accounts (user_id) WHERE low_armed',
]

/**
 * Reports a balance that is low with all that is in flight given back, which is what it can rise to by itself. The
 * caller holds the account's lock. The outbox row is in the same commit as what moved the balance.
 */
const JUDGE = `
  CREATE FUNCTION credits_judge_low(p_user uuid) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
  DECLARE
    v_account record;
  BEGIN
    SELECT balance, low_threshold AS threshold, low_armed AS armed, low_due AS due,
      balance + (SELECT coalesce(sum(cost), 0) FROM credit_reservations WHERE user_id = p_user)::bigint AS certain
    INTO v_account FROM credit_accounts WHERE user_id = p_user;
    IF v_account.armed AND v_account.due AND v_account.certain <= v_account.threshold THEN
      UPDATE credit_accounts SET low_armed = false, low_due = false WHERE user_id = p_user;
      INSERT INTO webhook_deliveries (id, user_id, balance, threshold, created_at, next_attempt_at)
      SELECT uuid_v7(), u.id, v_account.certain, v_account.threshold, clock_timestamp(), clock_timestamp()
      FROM users u WHERE u.id = p_user AND u.deleted_at IS NULL;
    ELSIF v_account.balance > v_account.threshold AND (v_account.due OR NOT v_account.armed) THEN
      UPDATE credit_accounts SET low_armed = true, low_due = false WHERE user_id = p_user;
    END IF;
  END $$`

/**
 * Judges what waits. Two transactions that end at the same time, a charge and the settlement of another, may each still
 * see the other's credit as in flight: then this is what reports it.
 */
const JUDGE_DUE = `
  CREATE FUNCTION credits_judge_due(p_limit integer) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
  BEGIN
    PERFORM credits_judge_low(user_id)
    FROM (SELECT user_id FROM credit_accounts WHERE low_due LIMIT p_limit FOR UPDATE SKIP LOCKED) due;
  END $$`

/** At the end of the transaction: credit that comes back to an expired grant and is taken out again at once is no rise. */
const WATCH = `
  CREATE OR REPLACE FUNCTION credits_watch_low_balance() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM credits_judge_low(NEW.user_id);
    RETURN NULL;
  END $$`

/** The condition is all that a charge pays when there is nothing to judge: no function is called for it. */
const TRIGGER = [
  'DROP TRIGGER credit_accounts_low_balance ON credit_accounts',
  `CREATE CONSTRAINT TRIGGER credit_accounts_low_balance AFTER UPDATE OF balance, low_due ON credit_accounts
   DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
   WHEN (NEW.low_due OR (NOT NEW.low_armed AND NEW.balance > NEW.low_threshold))
   EXECUTE FUNCTION credits_watch_low_balance()`,
]

/** As in 1700000000060, and says whether a charge is final at once. */
const CHARGE = `
  CREATE OR REPLACE FUNCTION credits_charge(p_ids uuid[], p_users uuid[], p_costs bigint[], p_requests text[], p_reasons text[],
      p_reserve boolean[], p_instance uuid, p_now timestamptz, OUT charged boolean[], OUT balances bigint[])
    LANGUAGE plpgsql VOLATILE AS $$
  #variable_conflict use_column
  DECLARE
    v_now timestamptz;
    v_charge record;
    v_user uuid;
    v_balance bigint;
  BEGIN
    charged := array_fill(false, ARRAY[cardinality(p_ids)]);
    balances := array_fill(0::bigint, ARRAY[cardinality(p_ids)]);
    PERFORM 1 FROM credit_accounts WHERE user_id = ANY (p_users) ORDER BY user_id FOR UPDATE;
    v_now := coalesce(p_now, clock_timestamp());
    -- The index of due grants is all but empty: the first look costs next to nothing.
    IF EXISTS (SELECT FROM credit_grants WHERE live AND expires_at <= v_now) THEN
      PERFORM credits_expire(user_id, v_now)
      FROM (SELECT DISTINCT user_id FROM credit_grants
            WHERE user_id = ANY (p_users) AND live AND expires_at <= v_now) due;
    END IF;

    FOR v_charge IN
      SELECT c.user_id, c.cost, c.place::integer, coalesce(a.balance, 0) AS balance
      FROM unnest(p_users, p_costs) WITH ORDINALITY AS c (user_id, cost, place)
      LEFT JOIN credit_accounts a ON a.user_id = c.user_id
      ORDER BY c.user_id, c.place
    LOOP
      IF v_user IS DISTINCT FROM v_charge.user_id THEN
        v_user := v_charge.user_id;
        v_balance := v_charge.balance;
      END IF;
      IF v_charge.cost <= v_balance THEN
        v_balance := v_balance - v_charge.cost;
        charged[v_charge.place] := true;
      END IF;
      balances[v_charge.place] := v_balance;
    END LOOP;

    -- On a user's line charge c covers (upto - cost, upto], and grant g covers (upto - remaining, upto].
    WITH charge AS (
      SELECT place, user_id, cost, balance,
             sum(cost) OVER (PARTITION BY user_id ORDER BY place)::bigint AS upto
      FROM unnest(p_users, p_costs, charged, balances) WITH ORDINALITY AS c (user_id, cost, charged, balance, place)
      WHERE charged
    ), grants AS (
      SELECT id, user_id, remaining,
             sum(remaining) OVER (PARTITION BY user_id ORDER BY priority, expires_at NULLS LAST, seq)::bigint AS upto
      FROM credit_grants WHERE user_id = ANY (p_users) AND live
    ), burn AS (
      SELECT c.place, c.user_id, g.id AS grant_id, least(c.upto, g.upto) AS upto,
             least(c.upto, g.upto) - greatest(c.upto - c.cost, g.upto - g.remaining) AS amount,
             c.balance + c.upto - least(c.upto, g.upto) AS balance_after
      FROM charge c JOIN grants g
        ON g.user_id = c.user_id AND g.upto > c.upto - c.cost AND g.upto - g.remaining < c.upto
    ), written AS (
      INSERT INTO credit_entries
        (user_id, grant_id, type, amount, balance_after, charge_id, request_id, reason, created_at)
      SELECT user_id, grant_id, 'charge', -amount, balance_after, p_ids[place], p_requests[place], p_reasons[place],
             v_now
      FROM burn ORDER BY place, upto
    ), burnt AS (
      UPDATE credit_grants g SET remaining = g.remaining - b.amount
      FROM (SELECT grant_id, sum(amount)::bigint AS amount FROM burn GROUP BY grant_id) b WHERE g.id = b.grant_id
    ), reserved AS (
      INSERT INTO credit_reservations (id, user_id, request_id, cost, instance_id, created_at)
      SELECT p_ids[place], user_id, p_requests[place], cost, p_instance, v_now FROM charge WHERE p_reserve[place]
    )
    UPDATE credit_accounts a SET balance = n.balance,
      low_due = low_due OR (n.final AND low_armed IS TRUE AND n.balance <= low_threshold)
    FROM (SELECT user_id, min(balance) AS balance, bool_or(NOT p_reserve[place]) AS final FROM charge GROUP BY user_id) n
    WHERE a.user_id = n.user_id;
  END $$`

/** As in 1700000000001; what expires or is voided is gone for good. */
const POST = `
  CREATE OR REPLACE FUNCTION credits_post(p_user uuid, p_grant uuid, p_type text, p_amount bigint, p_charge uuid,
      p_request text, p_reason text, p_now timestamptz) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
  DECLARE
    v_balance bigint;
  BEGIN
    UPDATE credit_accounts SET balance = balance + p_amount,
      low_due = low_due
        OR (p_type IN ('expire', 'void') AND low_armed IS TRUE AND balance + p_amount <= low_threshold)
    WHERE user_id = p_user RETURNING balance INTO v_balance;
    INSERT INTO credit_entries (user_id, grant_id, type, amount, balance_after, charge_id, request_id, reason, created_at)
    VALUES (p_user, p_grant, p_type, p_amount, v_balance, p_charge, p_request, p_reason, p_now);
    RETURN v_balance;
  END $$`

/**
 * Locks the accounts that may have to be reported when these charges are final; NULL when there are none, as nearly
 * always. Before the reservations are touched: whoever locks both locks accounts first.
 */
const LOCK_LOW = `
  CREATE FUNCTION credits_lock_low(p_charges uuid[]) RETURNS uuid[] LANGUAGE plpgsql VOLATILE AS $$
  DECLARE
    v_users uuid[];
  BEGIN
    -- Apart, so that no plan goes through all accounts that are watched.
    SELECT array_agg(DISTINCT user_id) INTO v_users FROM credit_reservations WHERE id = ANY (p_charges);
    SELECT array_agg(user_id) INTO v_users
    FROM (SELECT user_id FROM credit_accounts
          WHERE user_id = ANY (v_users) AND low_armed AND balance <= low_threshold ORDER BY user_id FOR UPDATE) low;
    RETURN v_users;
  END $$`

/** Makes charges final; gives how many were still in flight. */
const SETTLE = `
  CREATE FUNCTION credits_settle(p_charges uuid[]) RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
  DECLARE
    v_low uuid[] := credits_lock_low(p_charges);
    v_settled integer;
  BEGIN
    DELETE FROM credit_reservations WHERE id = ANY (p_charges);
    GET DIAGNOSTICS v_settled = ROW_COUNT;
    IF v_low IS NOT NULL THEN UPDATE credit_accounts SET low_due = true WHERE user_id = ANY (v_low); END IF;
    RETURN v_settled;
  END $$`

/** As in 1700000000005, by credits_settle. */
const KEEP = `
  CREATE OR REPLACE FUNCTION idempotency_keep(p_caller uuid, p_key_hash bytea, p_claim uuid, p_status smallint,
      p_headers jsonb, p_body bytea, p_charges uuid[]) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
  DECLARE
    v_settled integer;
  BEGIN
    PERFORM 1 FROM idempotency_keys k
    WHERE k.caller = p_caller AND k.key_hash = p_key_hash AND k.claim = p_claim FOR UPDATE;
    IF NOT FOUND THEN RETURN false; END IF;
    PERFORM credits_lock_low(p_charges);
    PERFORM 1 FROM credit_reservations r WHERE r.id = ANY (p_charges) ORDER BY r.id FOR UPDATE;
    GET DIAGNOSTICS v_settled = ROW_COUNT;
    IF v_settled < cardinality(p_charges) THEN RETURN false; END IF;
    PERFORM credits_settle(p_charges);
    UPDATE idempotency_keys k SET status = p_status, headers = p_headers, body = p_body
    WHERE k.caller = p_caller AND k.key_hash = p_key_hash;
    RETURN true;
  END $$`
