import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Plans: credits that users are granted at the start of each period, exactly once. */
export class Plans1700000021000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...PLANS, ...PERIODS, ...RENEWALS]) await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION plan_assign, plans_renew_due, plans_renew, plan_period_number, plan_period_start')
    await runner.query('ALTER TABLE users DROP COLUMN plan_id')
    await runner.query('DROP TABLE plan_periods, plan_assignments, plans')
  }
}

const PLANS = [
  `CREATE TABLE plans (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
    credits bigint NOT NULL CHECK (credits > 0),
    every text NOT NULL CHECK (every IN ('day', 'week', 'month')),
    roll_over boolean NOT NULL,
    rate_limit_per_minute integer CHECK (rate_limit_per_minute > 0),
    access jsonb CHECK (jsonb_typeof(access) = 'object'),
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  'CREATE UNIQUE INDEX plans_name_unique ON plans (lower(name))',
  // Only deleted users let go of a plan by its deletion: one in use is not deleted (src/plans/plans.service.ts).
  'ALTER TABLE users ADD COLUMN plan_id uuid CONSTRAINT users_plan REFERENCES plans (id) ON DELETE SET NULL',
  'CREATE INDEX users_plan_id ON users (plan_id) WHERE plan_id IS NOT NULL',

  // Since when a user has the plan that users.plan_id names: periods are counted from there.
  `CREATE TABLE plan_assignments (
    user_id uuid PRIMARY KEY REFERENCES users (id),
    id uuid NOT NULL DEFAULT uuid_v7(),
    assigned_at timestamptz NOT NULL,
    -- the period that was looked at last: while the time is in it, nothing is due
    period_start timestamptz NOT NULL,
    period_end timestamptz NOT NULL,
    -- the user was disabled when a period began; that period is granted when the user is active again within it
    is_paused boolean NOT NULL DEFAULT false
  ) WITH (fillfactor = 50)`,
  'CREATE INDEX plan_assignments_period_end ON plan_assignments (period_end) WHERE NOT is_paused',
  // A clock that was ahead and was set back: the time is before the period that was looked at last.
  'CREATE INDEX plan_assignments_period_start ON plan_assignments (period_start) WHERE NOT is_paused',
  'CREATE INDEX plan_assignments_paused ON plan_assignments (user_id) WHERE is_paused',

  // Each period that was granted, in the transaction of its grant: the primary key is what makes it once, and a row that
  // is inserted is the event plan.renewed.
  `CREATE TABLE plan_periods (
    user_id uuid NOT NULL,
    assignment_id uuid NOT NULL,
    period_start timestamptz NOT NULL,
    period_end timestamptz NOT NULL,
    -- 0 for the one that begins with the assignment
    number integer NOT NULL,
    plan_id uuid NOT NULL,
    plan_name text NOT NULL,
    credits bigint NOT NULL,
    -- null where the balance would have become too large
    grant_id uuid,
    renewed_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, assignment_id, period_start)
  )`,
]

// In UTC and always from the assignment: Jan 31 is followed by Feb 28 or 29, and that by Mar 31.
const PERIODS = [
  `CREATE FUNCTION plan_period_start(p_anchor timestamptz, p_every text, p_number integer) RETURNS timestamptz
    LANGUAGE sql IMMUTABLE AS $$
    SELECT ((p_anchor AT TIME ZONE 'UTC') + p_number * CASE p_every
      WHEN 'day' THEN interval '1 day' WHEN 'week' THEN interval '7 days' WHEN 'month' THEN interval '1 month'
    END) AT TIME ZONE 'UTC' $$`,
  // Of the period that the time is in; below 0 before the assignment.
  `CREATE FUNCTION plan_period_number(p_anchor timestamptz, p_every text, p_at timestamptz) RETURNS integer
    LANGUAGE plpgsql IMMUTABLE AS $$
  DECLARE
    v_from timestamp := p_anchor AT TIME ZONE 'UTC';
    v_at timestamp := p_at AT TIME ZONE 'UTC';
    v_number integer;
  BEGIN
    IF p_every = 'month' THEN
      v_number := (extract(year FROM v_at) - extract(year FROM v_from)) * 12
        + extract(month FROM v_at) - extract(month FROM v_from);
      RETURN v_number - (plan_period_start(p_anchor, p_every, v_number) > p_at)::integer;
    END IF;
    RETURN floor(extract(epoch FROM v_at - v_from) / CASE p_every WHEN 'day' THEN 86400 ELSE 604800 END);
  END $$`,
]

/** The rules of 1700000004000 hold: accounts are locked first, in the order of their ids. */
const RENEWALS = [
  // Grants the current period of each of these users who has a plan, unless it was granted before; gives the credits
  // granted. The caller holds the locks of the accounts. Periods that passed unseen are not made up for.
  `CREATE FUNCTION plans_renew(p_users uuid[], p_now timestamptz) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
  DECLARE
    v_due record;
    v_number integer;
    v_start timestamptz;
    v_end timestamptz;
    v_grant uuid;
    v_granted bigint := 0;
  BEGIN
    FOR v_due IN
      SELECT a.user_id, a.id, a.assigned_at, u.status = 'active' AS is_active, u.deleted_at IS NULL AS exists,
             p.id AS plan_id, p.name, p.credits, p.every, p.roll_over
      FROM plan_assignments a JOIN users u ON u.id = a.user_id LEFT JOIN plans p ON p.id = u.plan_id
      WHERE a.user_id = ANY (p_users) AND a.assigned_at <= p_now
        AND (p_now < a.period_start OR p_now >= a.period_end OR a.is_paused)
      ORDER BY a.user_id
    LOOP
      IF v_due.plan_id IS NULL OR NOT v_due.exists THEN
        DELETE FROM plan_assignments WHERE user_id = v_due.user_id;
        CONTINUE;
      END IF;
      IF NOT v_due.is_active THEN
        UPDATE plan_assignments SET is_paused = true WHERE user_id = v_due.user_id AND NOT is_paused;
        CONTINUE;
      END IF;
      v_number := plan_period_number(v_due.assigned_at, v_due.every, p_now);
      v_start := plan_period_start(v_due.assigned_at, v_due.every, v_number);
      v_end := plan_period_start(v_due.assigned_at, v_due.every, v_number + 1);
      IF NOT EXISTS (SELECT FROM plan_periods
                     WHERE user_id = v_due.user_id AND assignment_id = v_due.id AND period_start = v_start) THEN
        v_grant := uuid_v7();
        IF credits_grant(v_grant, v_due.user_id, v_due.credits, 50::smallint,
                         CASE WHEN v_due.roll_over THEN NULL ELSE v_end END, 'plan ' || v_due.name, p_now) < 0 THEN
          v_grant := NULL;
        ELSE
          v_granted := v_granted + v_due.credits;
        END IF;
        INSERT INTO plan_periods (user_id, assignment_id, period_start, period_end, number, plan_id, plan_name, credits,
          grant_id, renewed_at)
        VALUES (v_due.user_id, v_due.id, v_start, v_end, v_number, v_due.plan_id, v_due.name, v_due.credits, v_grant, p_now);
      END IF;
      UPDATE plan_assignments SET period_start = v_start, period_end = v_end, is_paused = false
      WHERE user_id = v_due.user_id;
    END LOOP;
    RETURN v_granted;
  END $$`,

  // A batch of those that are due; an account that somebody else has locked is left to them or to the next time.
  `CREATE FUNCTION plans_renew_due(p_limit integer, p_now timestamptz, OUT users integer, OUT credits bigint)
    LANGUAGE plpgsql VOLATILE AS $$
  DECLARE
    v_now timestamptz := coalesce(p_now, clock_timestamp());
    v_users uuid[];
  BEGIN
    SELECT array_agg(user_id) INTO v_users FROM (
      (SELECT user_id FROM plan_assignments WHERE NOT is_paused AND period_end <= v_now LIMIT p_limit)
      UNION
      (SELECT user_id FROM plan_assignments
       WHERE NOT is_paused AND period_start > v_now AND assigned_at <= v_now LIMIT p_limit)
      UNION
      (SELECT a.user_id FROM plan_assignments a JOIN users u ON u.id = a.user_id
       WHERE a.is_paused AND (u.status = 'active' OR u.deleted_at IS NOT NULL) LIMIT p_limit)) due;
    SELECT array_agg(user_id) INTO v_users FROM (
      SELECT user_id FROM credit_accounts WHERE user_id = ANY (v_users) ORDER BY user_id FOR UPDATE SKIP LOCKED) free;
    users := coalesce(cardinality(v_users), 0);
    credits := CASE WHEN users > 0 THEN plans_renew(v_users, coalesce(p_now, clock_timestamp())) ELSE 0 END;
  END $$`,

  // Begins to count the periods of the plan that users.plan_id names, with the first grant; without a plan, ends it. Gives
  // the credits granted.
  `CREATE FUNCTION plan_assign(p_user uuid, p_now timestamptz) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
  DECLARE
    v_now timestamptz;
    v_from timestamptz;
  BEGIN
    PERFORM 1 FROM credit_accounts WHERE user_id = p_user FOR UPDATE;
    v_now := coalesce(p_now, clock_timestamp());
    -- Periods begin and end at times that an answer can say.
    v_from := date_trunc('milliseconds', v_now);
    DELETE FROM plan_assignments WHERE user_id = p_user;
    INSERT INTO plan_assignments (user_id, assigned_at, period_start, period_end)
    SELECT id, v_from, v_from, v_from FROM users WHERE id = p_user AND plan_id IS NOT NULL;
    RETURN plans_renew(ARRAY[p_user], v_now);
  END $$`,
]
