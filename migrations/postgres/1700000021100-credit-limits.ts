import type { MigrationInterface, QueryRunner } from 'typeorm'
import { CHARGE as CHARGE_BEFORE, RELEASE as RELEASE_BEFORE } from './1700000005000-charges.js'

/** Limits on what a key may spend, kept by the functions that charge and release; and charges renew plans that are due. */
export class CreditLimits1700000021100 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of LIMITS) await runner.query(statement)
    await replaceFunctions(runner, CHARGE, RELEASE)
  }

  async down(runner: QueryRunner): Promise<void> {
    await replaceFunctions(runner, CHARGE_BEFORE, RELEASE_BEFORE)
    await runner.query('DROP FUNCTION credit_limits_of, credit_limit_start')
    await runner.query('ALTER TABLE credit_entries DROP COLUMN limit_period_ids')
    await runner.query('ALTER TABLE api_keys DROP COLUMN credit_limit_id')
    await runner.query('DROP TABLE credit_limit_periods, credit_limits')
  }
}

async function replaceFunctions(runner: QueryRunner, charge: string, release: string): Promise<void> {
  await runner.query('DROP FUNCTION credits_charge, credits_release')
  await runner.query(charge)
  await runner.query(release)
}

const LIMITS = [
  // What a key may spend; a key and the one that replaces it by rotation have the same one.
  `CREATE TABLE credit_limits (
    id uuid PRIMARY KEY,
    credits bigint NOT NULL CHECK (credits > 0),
    every text NOT NULL CHECK (every IN ('day', 'week', 'month', 'total'))
  )`,
  `ALTER TABLE api_keys ADD COLUMN credit_limit_id uuid REFERENCES credit_limits (id)`,
  'CREATE INDEX api_keys_credit_limit ON api_keys (id, credit_limit_id) WHERE credit_limit_id IS NOT NULL',
  // Written by credits_charge and credits_release alone, which hold the lock of the account that the keys belong to.
  `CREATE TABLE credit_limit_periods (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    limit_id uuid NOT NULL REFERENCES credit_limits (id),
    every text NOT NULL,
    period_start timestamptz NOT NULL,
    used bigint NOT NULL CHECK (used >= 0),
    UNIQUE (limit_id, every, period_start)
  ) WITH (fillfactor = 50)`,
  // What a charge is counted in: a release gives it back there, whatever has happened to the limits by then.
  'ALTER TABLE credit_entries ADD COLUMN limit_period_ids bigint[]',
  // The UTC day, week (from Monday) or month that the time is in; all of the time is one period.
  `CREATE FUNCTION credit_limit_start(p_every text, p_at timestamptz) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE p_every WHEN 'total' THEN timestamptz '1970-01-01 00:00:00Z'
           ELSE date_trunc(p_every, p_at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' END $$`,
  // Of the limits of these keys, and of further ones (p_limits), the periods of now, which it makes where there are none; and
  // of each charge those that it counts in.
  `CREATE FUNCTION credit_limits_of(p_keys uuid[], p_limits uuid[], p_now timestamptz,
      OUT key_periods bigint[], OUT own_periods bigint[],
      OUT periods bigint[], OUT limits bigint[], OUT used bigint[], OUT resets timestamptz[])
    LANGUAGE plpgsql VOLATILE AS $$
  #variable_conflict use_column
  DECLARE
    v_limits uuid[] := p_limits || ARRAY(SELECT credit_limit_id FROM api_keys WHERE id = ANY (p_keys));
  BEGIN
    INSERT INTO credit_limit_periods (limit_id, every, period_start, used)
    SELECT l.id, l.every, credit_limit_start(l.every, p_now), 0 FROM credit_limits l
    WHERE l.id = ANY (v_limits) AND NOT EXISTS (
      SELECT FROM credit_limit_periods p
      WHERE p.limit_id = l.id AND p.every = l.every AND p.period_start = credit_limit_start(l.every, p_now));
    SELECT array_agg(p.id), array_agg(l.credits), array_agg(p.used), array_agg(plan_period_start(p.period_start, l.every, 1))
    INTO periods, limits, used, resets
    FROM credit_limits l JOIN credit_limit_periods p
      ON p.limit_id = l.id AND p.every = l.every AND p.period_start = credit_limit_start(l.every, p_now)
    WHERE l.id = ANY (v_limits);
    WITH current AS (
      SELECT limit_id, id FROM credit_limit_periods WHERE id = ANY (periods)
    )
    SELECT array_agg(of_key.id ORDER BY c.ordinal), array_agg(own.id ORDER BY c.ordinal) INTO key_periods, own_periods
    FROM unnest(p_keys, p_limits) WITH ORDINALITY AS c (key_id, limit_id, ordinal)
    LEFT JOIN api_keys k ON k.id = c.key_id
    LEFT JOIN current of_key ON of_key.limit_id = k.credit_limit_id
    LEFT JOIN current own ON own.limit_id = c.limit_id;
  END $$`,
]

/**
 * As in 1700000005000, and: plans of these users that are due are renewed first, so that nobody is refused because the
 * next round of renewals is to come; and a charge passes only within the limit of its key, and within a further one
 * (p_limits, NULL for none). `capped` says of the charges that a limit refused, by their index from 0, {"limit", "used", "resetsAt"}; NULL when there is none. `renewed` is the credits that
 * plans granted.
 */
const CHARGE = `
  CREATE FUNCTION credits_charge(p_ids uuid[], p_users uuid[], p_costs bigint[], p_requests text[], p_reasons text[],
      p_reserve boolean[], p_keys uuid[], p_limits uuid[], p_instance uuid, p_now timestamptz,
      OUT charged boolean[], OUT balances bigint[], OUT capped jsonb, OUT renewed bigint)
    LANGUAGE plpgsql VOLATILE AS $$
  #variable_conflict use_column
  DECLARE
    v_now timestamptz;
    v_charge record;
    v_user uuid;
    v_balance bigint;
    -- of each charge the periods that it counts in; all NULL when the batch has no limit
    v_key_periods bigint[];
    v_own_periods bigint[];
    v_periods bigint[];
    v_limits bigint[];
    v_used bigint[];
    v_resets timestamptz[];
    v_slots integer[];
    v_slot integer;
  BEGIN
    charged := array_fill(false, ARRAY[cardinality(p_ids)]);
    balances := array_fill(0::bigint, ARRAY[cardinality(p_ids)]);
    PERFORM 1 FROM credit_accounts WHERE user_id = ANY (p_users) ORDER BY user_id FOR UPDATE;
    v_now := coalesce(p_now, clock_timestamp());
    -- The indexes of what expires or is to be renewed are all but empty at this end: the first look costs next to nothing.
    IF EXISTS (SELECT FROM credit_grants WHERE live AND expires_at <= v_now) THEN
      PERFORM credits_expire(user_id, v_now)
      FROM (SELECT DISTINCT user_id FROM credit_grants
            WHERE user_id = ANY (p_users) AND live AND expires_at <= v_now) due;
    END IF;
    IF EXISTS (SELECT FROM plan_assignments WHERE NOT is_paused AND period_end <= v_now) THEN
      renewed := plans_renew(p_users, v_now);
    END IF;
    IF EXISTS (SELECT FROM api_keys WHERE id = ANY (p_keys) AND credit_limit_id IS NOT NULL)
       OR cardinality(array_remove(p_limits, NULL)) > 0 THEN
      SELECT key_periods, own_periods, periods, limits, used, resets
      INTO v_key_periods, v_own_periods, v_periods, v_limits, v_used, v_resets
      FROM credit_limits_of(p_keys, p_limits, v_now);
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
      balances[v_charge.ordinal] := v_balance;
      IF v_periods IS NOT NULL THEN
        v_slots := array_remove(ARRAY[array_position(v_periods, v_key_periods[v_charge.ordinal]),
                                      array_position(v_periods, v_own_periods[v_charge.ordinal])], NULL);
        SELECT slot INTO v_slot FROM unnest(v_slots) slot WHERE v_charge.cost > v_limits[slot] - v_used[slot] LIMIT 1;
        IF v_slot IS NOT NULL THEN
          capped := coalesce(capped, '{}') || jsonb_build_object(v_charge.ordinal - 1,
            jsonb_build_object('limit', v_limits[v_slot], 'used', v_used[v_slot], 'resetsAt', v_resets[v_slot]));
          CONTINUE;
        END IF;
      END IF;
      CONTINUE WHEN v_charge.cost > v_balance;
      v_balance := v_balance - v_charge.cost;
      charged[v_charge.ordinal] := true;
      balances[v_charge.ordinal] := v_balance;
      IF v_periods IS NOT NULL THEN
        FOREACH v_slot IN ARRAY v_slots LOOP v_used[v_slot] := v_used[v_slot] + v_charge.cost; END LOOP;
      END IF;
    END LOOP;
    IF v_periods IS NOT NULL THEN
      UPDATE credit_limit_periods p SET used = n.used
      FROM unnest(v_periods, v_used) AS n (id, used) WHERE p.id = n.id AND p.used <> n.used;
    END IF;

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
        (user_id, grant_id, type, amount, balance_after, charge_id, request_id, reason, created_at, limit_period_ids)
      SELECT user_id, grant_id, 'charge', -amount, balance_after, p_ids[ordinal], p_requests[ordinal], p_reasons[ordinal],
             v_now, CASE WHEN v_periods IS NOT NULL
               THEN array_remove(ARRAY[v_key_periods[ordinal], v_own_periods[ordinal]], NULL) END
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

/** As in 1700000005000, and what comes back counts no more in the periods of limits that it was counted in. */
const RELEASE = `
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
        SELECT g.id, -e.amount AS amount, e.request_id, g.voided_at, g.expires_at,
               e.limit_period_ids
        FROM credit_entries e JOIN credit_grants g ON g.id = e.grant_id
        WHERE e.charge_id = v_charge.id AND e.type = 'charge' AND e.user_id = v_user
          AND NOT EXISTS (SELECT FROM credit_entries r WHERE r.charge_id = v_charge.id AND r.type = 'release')
        ORDER BY g.priority, g.expires_at NULLS LAST, g.seq
      LOOP
        v_released[v_charge.ordinal] := true;
        PERFORM credits_post(v_user, v_part.id, 'release', v_part.amount, v_charge.id, v_part.request_id,
          v_charge.reason, v_now);
        UPDATE credit_limit_periods SET used = used - v_part.amount WHERE id = ANY (v_part.limit_period_ids);
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
