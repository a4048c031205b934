import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * Charging in sets: a batch costs a few statements however many charges and customers are in it. The ledger itself says
 * what a charge took from which grant, so that a reservation need not repeat it, and a charge whose answer is already in
 * hand needs no reservation at all.
 */
export class Charging1700000000030 implements MigrationInterface {
  name = 'Charging1700000000030'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION credits_charge, credits_release')
    await runner.query('ALTER TABLE credit_reservations DROP COLUMN taken')
    // No charge is ever taken twice from a grant or given back twice to it, whatever the code above it does wrong.
    await runner.query(`
      CREATE UNIQUE INDEX credit_entries_charge ON credit_entries (charge_id, type, grant_id) WHERE charge_id IS NOT NULL`)
    await runner.query(CHARGE)
    await runner.query(RELEASE)
  }

  async down(): Promise<void> {
    throw new Error('There is no way back: reservations no longer hold what the older functions read in them')
  }
}

/**
 * Charges a batch: element i of each array is one charge, and row i of the answer its outcome. Charges of one user are
 * taken in their order in the batch; one that the balance does not cover is refused, and a smaller one behind it may
 * pass. p_reserve says which charges stay in flight until they are settled or released; the others are final unless
 * the process that made them releases them.
 *
 * The rules of 1700000000001 hold: accounts are locked first, in the order of their ids, and every statement after that
 * has its own snapshot, so it sees what was committed by whoever held a lock before. First it is decided which charges
 * pass, by balances alone; then one statement lays the costs of a user's charges and what is left of his grants in burn
 * order along the same line and writes what overlaps.
 */
const CHARGE = `
  CREATE FUNCTION credits_charge(p_ids uuid[], p_users uuid[], p_costs bigint[], p_requests text[], p_reasons text[],
      p_reserve boolean[], p_instance uuid, p_now timestamptz)
    RETURNS TABLE (charged boolean, balance bigint) LANGUAGE plpgsql VOLATILE AS $$
  #variable_conflict use_column
  DECLARE
    v_now timestamptz;
    v_charge record;
    v_user uuid;
    v_balance bigint;
    o_charged boolean[] := array_fill(false, ARRAY[cardinality(p_ids)]);
    o_balance bigint[] := array_fill(0::bigint, ARRAY[cardinality(p_ids)]);
  BEGIN
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
        o_charged[v_charge.place] := true;
      END IF;
      o_balance[v_charge.place] := v_balance;
    END LOOP;

    -- On a user's line charge c covers (upto - cost, upto], and grant g covers (upto - remaining, upto].
    WITH charge AS (
      SELECT place, user_id, cost, balance,
             sum(cost) OVER (PARTITION BY user_id ORDER BY place)::bigint AS upto
      FROM unnest(p_users, p_costs, o_charged, o_balance) WITH ORDINALITY AS c (user_id, cost, charged, balance, place)
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
    UPDATE credit_accounts a SET balance = n.balance
    FROM (SELECT user_id, min(balance) AS balance FROM charge GROUP BY user_id) n WHERE a.user_id = n.user_id;

    RETURN QUERY SELECT o.charged, o.balance
    FROM unnest(o_charged, o_balance) WITH ORDINALITY AS o (charged, balance, n) ORDER BY o.n;
  END $$`

/**
 * Gives back a batch of charges, each to the grants it was taken from; what belongs to a grant that has expired or was
 * voided meanwhile is taken out again at once. Nothing happens to a charge that was given back before, that was never
 * made, or whose reservation (p_reserved) is gone because it was settled.
 */
const RELEASE = `
  CREATE FUNCTION credits_release(p_ids uuid[], p_users uuid[], p_reasons text[], p_reserved boolean[], p_now timestamptz)
    RETURNS TABLE (released boolean, balance bigint) LANGUAGE plpgsql VOLATILE AS $$
  #variable_conflict use_column
  DECLARE
    v_now timestamptz;
    v_charge record;
    v_part record;
    v_user uuid;
    o_released boolean[] := array_fill(false, ARRAY[cardinality(p_ids)]);
  BEGIN
    PERFORM 1 FROM credit_accounts WHERE user_id = ANY (p_users) ORDER BY user_id FOR UPDATE;
    v_now := coalesce(p_now, clock_timestamp());
    FOR v_charge IN
      SELECT c.id, c.user_id, c.reason, c.reserved, c.place::integer
      FROM unnest(p_ids, p_users, p_reasons, p_reserved) WITH ORDINALITY AS c (id, user_id, reason, reserved, place)
      ORDER BY c.user_id, c.place
    LOOP
      IF v_user IS DISTINCT FROM v_charge.user_id THEN
        v_user := v_charge.user_id;
        PERFORM credits_expire(v_user, v_now);
      END IF;
      -- Settling deletes the row too: whoever deletes it has the say.
      DELETE FROM credit_reservations r WHERE r.id = v_charge.id AND r.user_id = v_user;
      CONTINUE WHEN v_charge.reserved AND NOT FOUND;
      FOR v_part IN
        SELECT g.id, -e.amount AS amount, e.request_id, g.voided_at, g.expires_at
        FROM credit_entries e JOIN credit_grants g ON g.id = e.grant_id
        WHERE e.charge_id = v_charge.id AND e.type = 'charge' AND e.user_id = v_user
          AND NOT EXISTS (SELECT FROM credit_entries r WHERE r.charge_id = v_charge.id AND r.type = 'release')
        ORDER BY g.priority, g.expires_at NULLS LAST, g.seq
      LOOP
        o_released[v_charge.place] := true;
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
    FROM unnest(o_released, p_users) WITH ORDINALITY AS o (released, user_id, n)
    LEFT JOIN credit_accounts a ON a.user_id = o.user_id ORDER BY o.n;
  END $$`
