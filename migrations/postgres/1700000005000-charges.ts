import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Charges: a reservation for each charge in flight, and the functions that charge, settle and release. */
export class Charges1700000005000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...TABLES, CHARGE, LOCK_LOW_ACCOUNTS, SETTLE, RELEASE]) await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION credits_release, credits_settle, credits_lock_low_accounts, credits_charge')
    await runner.query('DROP TABLE service_instances, credit_reservations')
  }
}

const TABLES = [
  // A charge in flight; the ledger says what was taken from which grant. Settling deletes the row, releasing deletes it
  // and gives back: whoever deletes it decides, so a credit comes back at most once. Rows come and go with every charge,
  // so vacuum by their number and not by the table's size.
  `CREATE TABLE credit_reservations (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL,
    request_id text NOT NULL,
    cost bigint NOT NULL CHECK (cost > 0),
    instance_id uuid NOT NULL,
    created_at timestamptz NOT NULL
  ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000)`,

  // Processes that charge. One whose heartbeat stopped is dead, and its reservations are released by the others.
  `CREATE TABLE service_instances (
    id uuid PRIMARY KEY,
    started_at timestamptz NOT NULL,
    heartbeat_at timestamptz NOT NULL
  ) WITH (fillfactor = 50)`,
]

/**
 * Charges a batch in a few statements, however many charges and customers are in it: element i of each array is one
 * charge, and element i of each array that it gives back its outcome. Charges of one user are taken in their order in the
 * batch; one that the balance does not cover is refused, and a smaller one behind it may pass. p_reserve says which
 * charges stay in flight until they are settled or released; the others are final unless the process that made them
 * releases them.
 *
 * The rules of 1700000004000 hold: accounts are locked first, in the order of their ids, and every statement after that
 * has its own snapshot. First it is decided which charges pass, by balances alone. Then one statement lays the costs of a
 * user's charges along a line, and what is left of the user's grants in burn order along the same line, and writes what
 * overlaps.
 */
export const CHARGE = `
  CREATE FUNCTION credits_charge(p_ids uuid[], p_users uuid[], p_costs bigint[], p_requests text[], p_reasons text[],
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
    -- The index of grants that expire is all but empty at this end: the first look costs next to nothing.
    IF EXISTS (SELECT FROM credit_grants WHERE live AND expires_at <= v_now) THEN
      PERFORM credits_expire(user_id, v_now)
      FROM (SELECT DISTINCT user_id FROM credit_grants
            WHERE user_id = ANY (p_users) AND live AND expires_at <= v_now) due;
    END IF;

    FOR v_charge IN
      SELECT c.user_id, c.cost, c.ordinal::integer, coalesce(a.balance, 0) AS balance
      FROM unnest(p_users, p_costs) WITH ORDINALITY AS c (user_id, cost, ordinal)
      LEFT JOIN credit_accounts a ON a.user_id = c.user_id
      ORDER BY c.user_id, c.ordinal
    LOOP
      IF v_user IS DISTINCT FROM v_charge.user_id THEN
        v_user := v_charge.user_id;
        v_balance := v_charge.balance;
      END IF;
      IF v_charge.cost <= v_balance THEN
        v_balance := v_balance - v_charge.cost;
        charged[v_charge.ordinal] := true;
      END IF;
      balances[v_charge.ordinal] := v_balance;
    END LOOP;

    -- A charge covers (range_end - cost, range_end] of the user's line, a grant (range_end - remaining, range_end].
    WITH charge AS (
      SELECT ordinal, user_id, cost, balance,
             sum(cost) OVER (PARTITION BY user_id ORDER BY ordinal)::bigint AS range_end
      FROM unnest(p_users, p_costs, charged, balances) WITH ORDINALITY AS c (user_id, cost, charged, balance, ordinal)
      WHERE charged
    ), grants AS (
      SELECT id, user_id, remaining,
             sum(remaining) OVER (PARTITION BY user_id ORDER BY priority, expires_at NULLS LAST, seq)::bigint AS range_end
      FROM credit_grants WHERE user_id = ANY (p_users) AND live
    ), burn AS (
      SELECT c.ordinal, c.user_id, g.id AS grant_id, least(c.range_end, g.range_end) AS range_end,
             least(c.range_end, g.range_end) - greatest(c.range_end - c.cost, g.range_end - g.remaining) AS amount,
             c.balance + c.range_end - least(c.range_end, g.range_end) AS balance_after
      FROM charge c JOIN grants g
        ON g.user_id = c.user_id AND g.range_end > c.range_end - c.cost AND g.range_end - g.remaining < c.range_end
    ), written AS (
      INSERT INTO credit_entries
        (user_id, grant_id, type, amount, balance_after, charge_id, request_id, reason, created_at)
      SELECT user_id, grant_id, 'charge', -amount, balance_after, p_ids[ordinal], p_requests[ordinal], p_reasons[ordinal],
             v_now
      FROM burn ORDER BY ordinal, range_end
    ), burnt AS (
      UPDATE credit_grants g SET remaining = g.remaining - b.amount
      FROM (SELECT grant_id, sum(amount)::bigint AS amount FROM burn GROUP BY grant_id) b WHERE g.id = b.grant_id
    ), reserved AS (
      INSERT INTO credit_reservations (id, user_id, request_id, cost, instance_id, created_at)
      SELECT p_ids[ordinal], user_id, p_requests[ordinal], cost, p_instance, v_now FROM charge WHERE p_reserve[ordinal]
    )
    UPDATE credit_accounts a SET balance = n.balance,
      low_evaluation_pending = low_evaluation_pending
        OR (n.final AND low_alert_armed IS TRUE AND n.balance <= low_threshold)
    FROM (SELECT user_id, min(balance) AS balance, bool_or(NOT p_reserve[ordinal]) AS final
          FROM charge GROUP BY user_id) n
    WHERE a.user_id = n.user_id;
  END $$`

/**
 * Locks the accounts that may have to be reported as low when these charges are final; NULL when there are none, as nearly
 * always. Before the reservations are touched: whoever locks both locks accounts first.
 */
const LOCK_LOW_ACCOUNTS = `
  CREATE FUNCTION credits_lock_low_accounts(p_charges uuid[]) RETURNS uuid[] LANGUAGE plpgsql VOLATILE AS $$
  DECLARE
    v_users uuid[];
  BEGIN
    -- Apart, so that no plan goes through all accounts with an alert.
    SELECT array_agg(DISTINCT user_id) INTO v_users FROM credit_reservations WHERE id = ANY (p_charges);
    SELECT array_agg(user_id) INTO v_users
    FROM (SELECT user_id FROM credit_accounts
          WHERE user_id = ANY (v_users) AND low_alert_armed AND balance <= low_threshold
          ORDER BY user_id FOR UPDATE) low;
    RETURN v_users;
  END $$`

/** Makes charges final; gives how many were still in flight. */
const SETTLE = `
  CREATE FUNCTION credits_settle(p_charges uuid[]) RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
  DECLARE
    v_low uuid[] := credits_lock_low_accounts(p_charges);
    v_settled integer;
  BEGIN
    DELETE FROM credit_reservations WHERE id = ANY (p_charges);
    GET DIAGNOSTICS v_settled = ROW_COUNT;
    IF v_low IS NOT NULL THEN
      UPDATE credit_accounts SET low_evaluation_pending = true WHERE user_id = ANY (v_low);
    END IF;
    RETURN v_settled;
  END $$`

/**
 * Gives back a batch of charges, each to the grants it was taken from; what belongs to a grant that has expired or was
 * voided meanwhile is taken out again at once. Nothing happens to a charge that was given back before, that was never
 * made, or whose reservation (p_reserved) is gone because it was settled.
 */
export const RELEASE = `
  CREATE FUNCTION credits_release(p_ids uuid[], p_users uuid[], p_reasons text[], p_reserved boolean[], p_now timestamptz)
    RETURNS TABLE (released boolean, balance bigint) LANGUAGE plpgsql VOLATILE AS $$
  #variable_conflict use_column
  DECLARE
    v_now timestamptz;
    v_charge record;
    v_part record;
    v_user uuid;
    v_released boolean[] := array_fill(false, ARRAY[cardinality(p_ids)]);
  BEGIN
    PERFORM 1 FROM credit_accounts WHERE user_id = ANY (p_users) ORDER BY user_id FOR UPDATE;
    v_now := coalesce(p_now, clock_timestamp());
    FOR v_charge IN
      SELECT c.id, c.user_id, c.reason, c.reserved, c.ordinal::integer
      FROM unnest(p_ids, p_users, p_reasons, p_reserved) WITH ORDINALITY AS c (id, user_id, reason, reserved, ordinal)
      ORDER BY c.user_id, c.ordinal
    LOOP
      IF v_user IS DISTINCT FROM v_charge.user_id THEN
        v_user := v_charge.user_id;
        PERFORM credits_expire(v_user, v_now);
      END IF;
      -- Settling deletes the row too: whoever deletes it decides.
      DELETE FROM credit_reservations r WHERE r.id = v_charge.id AND r.user_id = v_user;
      CONTINUE WHEN v_charge.reserved AND NOT FOUND;
      FOR v_part IN
        SELECT g.id, -e.amount AS amount, e.request_id, g.voided_at, g.expires_at
        FROM credit_entries e JOIN credit_grants g ON g.id = e.grant_id
        WHERE e.charge_id = v_charge.id AND e.type = 'charge' AND e.user_id = v_user
          AND NOT EXISTS (SELECT FROM credit_entries r WHERE r.charge_id = v_charge.id AND r.type = 'release')
        ORDER BY g.priority, g.expires_at NULLS LAST, g.seq
      LOOP
        v_released[v_charge.ordinal] := true;
        PERFORM credits_post(v_user, v_part.id, 'release', v_part.amount, v_charge.id, v_part.request_id,
          v_charge.reason, v_now);
        IF v_part.voided_at IS NOT NULL THEN
          PERFORM credits_post(v_user, v_part.id, 'void', -v_part.amount, v_charge.id, v_part.request_id,
            'the grant is void', v_now);
        ELSIF v_part.expires_at <= v_now THEN
          PERFORM credits_post(v_user, v_part.id, 'expire', -v_part.amount, v_charge.id, v_part.request_id,
            'the grant has expired', v_now);
        ELSE
          UPDATE credit_grants SET remaining = remaining + v_part.amount WHERE id = v_part.id;
        END IF;
      END LOOP;
    END LOOP;
    RETURN QUERY SELECT o.released, coalesce(a.balance, 0)
    FROM unnest(v_released, p_users) WITH ORDINALITY AS o (released, user_id, n)
    LEFT JOIN credit_accounts a ON a.user_id = o.user_id ORDER BY o.n;
  END $$`
