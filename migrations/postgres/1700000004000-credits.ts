import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Users, their keys, and credits: grants, an append-only ledger, and a reservation for each charge in flight. */
export class Accounts1700000000001 implements MigrationInterface {
  name = 'Accounts1700000000001'

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...ACCOUNT_TABLES, ...CREDIT_TABLES, ...CREDIT_FUNCTIONS]) await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP FUNCTION credits_charge, credits_release, credits_void, credits_grant, credits_expire_due, credits_expire, credits_post`)
    await runner.query(`
      DROP TABLE credit_reservations, credit_entries, credit_grants, credit_accounts, service_instances, api_keys, root_keys, users`)
    await runner.query('DROP FUNCTION credit_entries_are_final, uuid_v7')
  }
}

const ACCOUNT_TABLES = [
  // Servers before 18 have no uuidv7(): the milliseconds over the first 48 bits of a random (version 4) UUID.
  `CREATE FUNCTION uuid_v7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
      PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
      52, 1), 53, 1), 'hex')::uuid
  $$`,

  `CREATE TABLE users (
    id uuid PRIMARY KEY,
    username text NOT NULL CHECK (length(username) BETWEEN 1 AND 64),
    first_name text,
    last_name text,
    email text,
    role text NOT NULL DEFAULT 'member' CHECK (role IN ('admin', 'viewer', 'member')),
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled')),
    rate_limit_per_minute integer CHECK (rate_limit_per_minute > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz
  )`,
  // A deleted user gives his name free.
  'CREATE UNIQUE INDEX users_username_unique ON users (lower(username)) WHERE deleted_at IS NULL',
  'CREATE INDEX users_created_at ON users (created_at)',

  `CREATE TABLE api_keys (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    name text,
    prefix text NOT NULL,
    hash bytea NOT NULL CHECK (length(hash) = 32),
    rate_limit_per_minute integer CHECK (rate_limit_per_minute > 0),
    allowed_cidrs text[],
    expires_at timestamptz,
    disabled_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  'CREATE UNIQUE INDEX api_keys_hash_unique ON api_keys (hash)',
  'CREATE INDEX api_keys_user ON api_keys (user_id)',

  // One row at most: of several instances that start at once, the one whose insert wins made the root key.
  `CREATE TABLE root_keys (
    id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    hash bytea NOT NULL CHECK (length(hash) = 32),
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
]

/**
 * The hot tables (accounts, entries, reservations) carry no foreign keys: each check would lock the user's row in
 * share mode, once a charge, for a user that the account row already proves.
 */
const CREDIT_TABLES = [
  // The row that everything that moves a user's credits locks first. The free half of each page keeps updates on it.
  `CREATE TABLE credit_accounts (
    user_id uuid PRIMARY KEY REFERENCES users (id),
    balance bigint NOT NULL DEFAULT 0 CHECK (balance >= 0)
  ) WITH (fillfactor = 50)`,

  // "live" and not "remaining > 0" in the indexes' conditions: a column in a condition forbids in-page (HOT) updates
  // when its value changes, and remaining changes with every charge.
  `CREATE TABLE credit_grants (
    id uuid PRIMARY KEY,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    user_id uuid NOT NULL REFERENCES credit_accounts (user_id),
    amount bigint NOT NULL CHECK (amount > 0),
    remaining bigint NOT NULL CHECK (remaining BETWEEN 0 AND amount),
    live boolean GENERATED ALWAYS AS (remaining > 0) STORED,
    priority smallint NOT NULL DEFAULT 50 CHECK (priority BETWEEN 0 AND 100),
    expires_at timestamptz,
    reason text,
    voided_at timestamptz CHECK (voided_at IS NULL OR remaining = 0),
    created_at timestamptz NOT NULL
  ) WITH (fillfactor = 50)`,
  'CREATE INDEX credit_grants_user ON credit_grants (user_id, seq)',
  'CREATE INDEX credit_grants_live ON credit_grants (user_id) WHERE live',
  'CREATE INDEX credit_grants_due ON credit_grants (expires_at) WHERE live AND expires_at IS NOT NULL',

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
  `CREATE FUNCTION credit_entries_are_final() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'credit_entries is append-only'; END $$`,
  `CREATE TRIGGER credit_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON credit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION credit_entries_are_final()`,

  // A charge in flight: what was taken from which grant ({"<grant id>": amount}). Settling deletes the row, releasing
  // deletes it and gives back: whoever deletes it has the say, so a credit comes back at most once.
  `CREATE TABLE credit_reservations (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL,
    request_id text NOT NULL,
    cost bigint NOT NULL CHECK (cost > 0),
    taken jsonb NOT NULL,
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
const CREDIT_FUNCTIONS = [
  `CREATE FUNCTION credits_post(p_user uuid, p_grant uuid, p_type text, p_amount bigint, p_charge uuid, p_request text,
      p_reason text, p_now timestamptz) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
  DECLARE
    v_balance bigint;
  BEGIN
    UPDATE credit_accounts SET balance = balance + p_amount WHERE user_id = p_user RETURNING balance INTO v_balance;
    INSERT INTO credit_entries (user_id, grant_id, type, amount, balance_after, charge_id, request_id, reason, created_at)
    VALUES (p_user, p_grant, p_type, p_amount, v_balance, p_charge, p_request, p_reason, p_now);
    RETURN v_balance;
  END $$`,

  // The caller holds the account's lock.
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

  // Writes the expire entries of users who do nothing themselves; says how many users it went through.
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

  // Charges a batch: element i of each array is one charge, and row i of the answer its outcome. Charges of one user
  // are taken in their order in the batch. Everything is worked out in variables and written with one statement a
  // table at the end (one update of each grant and account however many charges burnt it).
  `CREATE FUNCTION credits_charge(p_ids uuid[], p_users uuid[], p_costs bigint[], p_requests text[], p_reasons text[],
      p_instance uuid, p_now timestamptz)
    RETURNS TABLE (charged boolean, balance bigint) LANGUAGE plpgsql VOLATILE AS $$
  #variable_conflict use_column
  DECLARE
    v_now timestamptz;
    v_charge record;
    v_user uuid;
    v_balance bigint;
    v_grants uuid[];
    v_left bigint[];
    v_at integer;
    v_take bigint;
    v_due bigint;
    v_taken text;
    -- outcome of each charge, by its place in the batch
    o_charged boolean[] := array_fill(false, ARRAY[cardinality(p_ids)]);
    o_balance bigint[] := array_fill(0::bigint, ARRAY[cardinality(p_ids)]);
    o_taken text[] := array_fill(NULL::text, ARRAY[cardinality(p_ids)]);
    -- ledger entries
    e_charge integer[] := '{}';
    e_grant uuid[] := '{}';
    e_amount bigint[] := '{}';
    e_balance bigint[] := '{}';
    -- new state of the users and grants that were touched
    u_user uuid[] := '{}';
    u_balance bigint[] := '{}';
    g_grant uuid[] := '{}';
    g_left bigint[] := '{}';
  BEGIN
    PERFORM 1 FROM credit_accounts WHERE user_id = ANY (p_users) ORDER BY user_id FOR UPDATE;
    v_now := coalesce(p_now, clock_timestamp());

    FOR v_charge IN
      SELECT c.user_id, c.cost, c.place::integer
      FROM unnest(p_users, p_costs) WITH ORDINALITY AS c (user_id, cost, place) ORDER BY c.user_id, c.place
    LOOP
      IF v_user IS DISTINCT FROM v_charge.user_id THEN
        v_user := v_charge.user_id;
        PERFORM credits_expire(v_user, v_now);
        SELECT array_agg(id ORDER BY priority, expires_at NULLS LAST, seq),
               array_agg(remaining ORDER BY priority, expires_at NULLS LAST, seq), coalesce(sum(remaining), 0)
        INTO v_grants, v_left, v_balance FROM credit_grants WHERE user_id = v_user AND live;
        v_at := 1;
      END IF;

      o_balance[v_charge.place] := v_balance;
      CONTINUE WHEN v_charge.cost > v_balance;

      v_due := v_charge.cost;
      v_taken := '';
      LOOP
        v_take := least(v_due, v_left[v_at]);
        v_due := v_due - v_take;
        v_balance := v_balance - v_take;
        v_left[v_at] := v_left[v_at] - v_take;
        e_charge := array_append(e_charge, v_charge.place);
        e_grant := array_append(e_grant, v_grants[v_at]);
        e_amount := array_append(e_amount, -v_take);
        e_balance := array_append(e_balance, v_balance);
        v_taken := v_taken || ',"' || v_grants[v_at] || '":' || v_take;
        IF g_grant[cardinality(g_grant)] IS NOT DISTINCT FROM v_grants[v_at] THEN
          g_left[cardinality(g_left)] := v_left[v_at];
        ELSE
          g_grant := array_append(g_grant, v_grants[v_at]);
          g_left := array_append(g_left, v_left[v_at]);
        END IF;
        IF v_left[v_at] = 0 THEN v_at := v_at + 1; END IF;
        EXIT WHEN v_due = 0;
      END LOOP;

      o_charged[v_charge.place] := true;
      o_balance[v_charge.place] := v_balance;
      o_taken[v_charge.place] := '{' || substr(v_taken, 2) || '}';
      IF u_user[cardinality(u_user)] IS NOT DISTINCT FROM v_user THEN
        u_balance[cardinality(u_balance)] := v_balance;
      ELSE
        u_user := array_append(u_user, v_user);
        u_balance := array_append(u_balance, v_balance);
      END IF;
    END LOOP;

    UPDATE credit_accounts a SET balance = n.balance
    FROM unnest(u_user, u_balance) AS n (user_id, balance) WHERE a.user_id = n.user_id;
    UPDATE credit_grants g SET remaining = n.remaining
    FROM unnest(g_grant, g_left) AS n (id, remaining) WHERE g.id = n.id;
    INSERT INTO credit_entries (user_id, grant_id, type, amount, balance_after, charge_id, request_id, reason, created_at)
    SELECT p_users[e.place], e.grant_id, 'charge', e.amount, e.balance_after, p_ids[e.place], p_requests[e.place],
           p_reasons[e.place], v_now
    FROM unnest(e_charge, e_grant, e_amount, e_balance) WITH ORDINALITY AS e (place, grant_id, amount, balance_after, n)
    ORDER BY e.n;
    INSERT INTO credit_reservations (id, user_id, request_id, cost, taken, instance_id, created_at)
    SELECT c.id, c.user_id, c.request_id, c.cost, c.taken::jsonb, p_instance, v_now
    FROM unnest(p_ids, p_users, p_requests, p_costs, o_taken) AS c (id, user_id, request_id, cost, taken)
    WHERE c.taken IS NOT NULL;

    RETURN QUERY SELECT o.charged, o.balance
    FROM unnest(o_charged, o_balance) WITH ORDINALITY AS o (charged, balance, n) ORDER BY o.n;
  END $$`,

  // Gives back a batch of charges, each to the grants it was taken from; what belongs to a grant that has expired or
  // was voided meanwhile is taken out again at once. A charge that is settled or released already is left alone.
  `CREATE FUNCTION credits_release(p_ids uuid[], p_users uuid[], p_reasons text[], p_now timestamptz)
    RETURNS TABLE (released boolean, balance bigint) LANGUAGE plpgsql VOLATILE AS $$
  #variable_conflict use_column
  DECLARE
    v_now timestamptz;
    v_charge record;
    v_reservation record;
    v_part record;
    v_user uuid;
    o_released boolean[] := array_fill(false, ARRAY[cardinality(p_ids)]);
    o_balance bigint[] := array_fill(0::bigint, ARRAY[cardinality(p_ids)]);
  BEGIN
    PERFORM 1 FROM credit_accounts WHERE user_id = ANY (p_users) ORDER BY user_id FOR UPDATE;
    v_now := coalesce(p_now, clock_timestamp());
    FOR v_charge IN
      SELECT c.id, c.user_id, c.reason, c.place::integer
      FROM unnest(p_ids, p_users, p_reasons) WITH ORDINALITY AS c (id, user_id, reason, place)
      ORDER BY c.user_id, c.place
    LOOP
      IF v_user IS DISTINCT FROM v_charge.user_id THEN
        v_user := v_charge.user_id;
        PERFORM credits_expire(v_user, v_now);
      END IF;
      DELETE FROM credit_reservations r WHERE r.id = v_charge.id AND r.user_id = v_user
      RETURNING r.request_id, r.taken INTO v_reservation;
      IF FOUND THEN
        o_released[v_charge.place] := true;
        FOR v_part IN
          SELECT g.id, t.value::bigint AS amount, g.voided_at, g.expires_at
          FROM jsonb_each_text(v_reservation.taken) t JOIN credit_grants g ON g.id = t.key::uuid
          ORDER BY g.priority, g.expires_at NULLS LAST, g.seq
        LOOP
          PERFORM credits_post(v_user, v_part.id, 'release', v_part.amount, v_charge.id, v_reservation.request_id,
            v_charge.reason, v_now);
          IF v_part.voided_at IS NOT NULL THEN
            PERFORM credits_post(v_user, v_part.id, 'void', -v_part.amount, v_charge.id, v_reservation.request_id,
              'the grant is void', v_now);
          ELSIF v_part.expires_at <= v_now THEN
            PERFORM credits_post(v_user, v_part.id, 'expire', -v_part.amount, v_charge.id, v_reservation.request_id,
              'the grant has expired', v_now);
          ELSE
            UPDATE credit_grants SET remaining = remaining + v_part.amount WHERE id = v_part.id;
          END IF;
        END LOOP;
      END IF;
    END LOOP;
    RETURN QUERY SELECT o.released, coalesce(a.balance, 0)
    FROM unnest(o_released, p_users) WITH ORDINALITY AS o (released, user_id, n)
    LEFT JOIN credit_accounts a ON a.user_id = o.user_id ORDER BY o.n;
  END $$`,
]
