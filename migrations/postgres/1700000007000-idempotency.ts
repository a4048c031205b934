import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Stored responses, which are given again to whoever sends the same Idempotency-Key. */
export class Idempotency1700000007000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...TABLE, CLAIM, COMPLETE]) await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION idempotency_complete, idempotency_claim')
    await runner.query('DROP TABLE idempotency_keys')
  }
}

const TABLE = [
  `CREATE TABLE idempotency_keys (
    -- a user's id; all zeros for the root key
    principal_id uuid NOT NULL,
    key_hash bytea NOT NULL CHECK (length(key_hash) = 32),
    -- of the request that the key came with
    fingerprint bytea NOT NULL CHECK (length(fingerprint) = 32),
    -- one execution of the request: whoever takes the key over from a dead process gets another id
    claim_id uuid NOT NULL,
    instance_id uuid NOT NULL,
    request_id text NOT NULL,
    -- the response; no status while the request runs
    status smallint,
    headers jsonb,
    body bytea,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (principal_id, key_hash)
  )`,
  // Compressed and encrypted already, so PostgreSQL need not try to compress it.
  'ALTER TABLE idempotency_keys ALTER COLUMN body SET STORAGE EXTERNAL',
  'CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at)',
]

/**
 * Takes a key for a request or says why not: claimed, running, mismatch (the key came with another request), or completed
 * (with the response).
 *
 * A request that runs inside a transaction (p_transaction) and dies leaves nothing behind. Others look at it through the
 * advisory lock, because waiting for its row would hold their connection for as long as it takes.
 *
 * A request outside of one leaves its row behind when its process dies. The row may be taken over when the process has
 * shown no sign of life for p_silent_seconds and its charge is gone (the credits' reconciler released it): so the dead
 * request has had no effect, and cannot have one any more, since idempotency_complete finds neither claim nor charge.
 */
const CLAIM = `
  CREATE FUNCTION idempotency_claim(p_principal uuid, p_key_hash bytea, p_fingerprint bytea, p_claim uuid,
      p_instance uuid, p_request text, p_transaction boolean, p_silent_seconds double precision,
      p_ttl_seconds double precision)
    RETURNS TABLE (outcome text, status smallint, headers jsonb, body bytea) LANGUAGE plpgsql VOLATILE AS $$
  #variable_conflict use_column
  DECLARE
    v_key record;
    v_dead boolean;
  BEGIN
    IF p_transaction
       AND NOT pg_try_advisory_xact_lock(hashtextextended(encode(p_key_hash, 'hex') || p_principal, 0)) THEN
      RETURN QUERY SELECT 'running', NULL::smallint, NULL::jsonb, NULL::bytea;
      RETURN;
    END IF;
    LOOP
      INSERT INTO idempotency_keys (principal_id, key_hash, fingerprint, claim_id, instance_id, request_id, expires_at)
      VALUES (p_principal, p_key_hash, p_fingerprint, p_claim, p_instance, p_request,
              clock_timestamp() + make_interval(secs => p_ttl_seconds))
      ON CONFLICT DO NOTHING;
      IF FOUND THEN EXIT; END IF;

      SELECT k.*, i.heartbeat_at INTO v_key
      FROM idempotency_keys k LEFT JOIN service_instances i ON i.id = k.instance_id
      WHERE k.principal_id = p_principal AND k.key_hash = p_key_hash FOR UPDATE OF k;
      -- It ended without a response between the two statements.
      CONTINUE WHEN NOT FOUND;

      IF v_key.expires_at > clock_timestamp() THEN
        IF v_key.fingerprint <> p_fingerprint THEN
          RETURN QUERY SELECT 'mismatch', NULL::smallint, NULL::jsonb, NULL::bytea;
          RETURN;
        ELSIF v_key.status IS NOT NULL THEN
          RETURN QUERY SELECT 'completed', v_key.status, v_key.headers, v_key.body;
          RETURN;
        END IF;
        v_dead := coalesce(v_key.heartbeat_at < clock_timestamp() - make_interval(secs => p_silent_seconds), true)
          AND NOT EXISTS (SELECT 1 FROM credit_reservations r WHERE r.request_id = v_key.request_id);
        IF NOT v_dead THEN
          RETURN QUERY SELECT 'running', NULL::smallint, NULL::jsonb, NULL::bytea;
          RETURN;
        END IF;
      END IF;
      UPDATE idempotency_keys k
      SET fingerprint = p_fingerprint, claim_id = p_claim, instance_id = p_instance, request_id = p_request,
          status = NULL, headers = NULL, body = NULL,
          expires_at = clock_timestamp() + make_interval(secs => p_ttl_seconds)
      WHERE k.principal_id = p_principal AND k.key_hash = p_key_hash;
      EXIT;
    END LOOP;
    RETURN QUERY SELECT 'claimed', NULL::smallint, NULL::jsonb, NULL::bytea;
  END $$`

/**
 * Stores the response of a request and makes its charges final, both or neither; false when the request has lost its key
 * or a charge was given back meanwhile, because the process was taken for dead.
 */
const COMPLETE = `
  CREATE FUNCTION idempotency_complete(p_principal uuid, p_key_hash bytea, p_claim uuid, p_status smallint,
      p_headers jsonb, p_body bytea, p_charges uuid[]) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
  DECLARE
    v_settled integer;
  BEGIN
    PERFORM 1 FROM idempotency_keys k
    WHERE k.principal_id = p_principal AND k.key_hash = p_key_hash AND k.claim_id = p_claim FOR UPDATE;
    IF NOT FOUND THEN RETURN false; END IF;
    PERFORM credits_lock_low_accounts(p_charges);
    PERFORM 1 FROM credit_reservations r WHERE r.id = ANY (p_charges) ORDER BY r.id FOR UPDATE;
    GET DIAGNOSTICS v_settled = ROW_COUNT;
    IF v_settled < cardinality(p_charges) THEN RETURN false; END IF;
    PERFORM credits_settle(p_charges);
    UPDATE idempotency_keys k SET status = p_status, headers = p_headers, body = p_body
    WHERE k.principal_id = p_principal AND k.key_hash = p_key_hash;
    RETURN true;
  END $$`
