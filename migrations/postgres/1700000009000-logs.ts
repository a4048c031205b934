import type { MigrationInterface, QueryRunner } from 'typeorm'

/** The request log, in monthly partitions, and the daily sums that statistics are read from. */
export class Logs1700000009000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...REQUEST_LOG, ...DAILY_SUMS, ...ARRAY_SUM]) await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP AGGREGATE sum_arrays(bigint[])')
    await runner.query('DROP FUNCTION add_arrays')
    await runner.query('DROP TABLE endpoint_daily, usage_daily, request_logs')
  }
}

// Partitions are made by the application, ahead of time (src/logs/log-partitions.service.ts).
const REQUEST_LOG = [
  `CREATE TABLE request_logs (
    id uuid NOT NULL,
    request_id text NOT NULL,
    user_id uuid,
    method text NOT NULL,
    endpoint text NOT NULL,
    status smallint NOT NULL,
    duration_ms real NOT NULL,
    credits_charged bigint NOT NULL,
    ip text NOT NULL,
    "timestamp" timestamptz NOT NULL,
    PRIMARY KEY ("timestamp", id)
  ) PARTITION BY RANGE ("timestamp")`,
  'CREATE INDEX request_logs_user ON request_logs (user_id, "timestamp", id)',
]

// Every batch of the log adds to them: a fillfactor that keeps the updates in the page. Days are UTC.
const DAILY_SUMS = [
  // Requests without a user (refused ones, the root key) share the row of user NULL.
  `CREATE TABLE usage_daily (
    day date NOT NULL,
    user_id uuid,
    requests bigint NOT NULL,
    errors bigint NOT NULL,
    credits_used bigint NOT NULL,
    UNIQUE NULLS NOT DISTINCT (day, user_id)
  ) WITH (fillfactor = 70)`,
  'CREATE INDEX usage_daily_user ON usage_daily (user_id, day)',

  // "durations" is a histogram: src/logs/duration-histogram.ts says which bucket is what.
  `CREATE TABLE endpoint_daily (
    day date NOT NULL,
    method text NOT NULL,
    endpoint text NOT NULL,
    requests bigint NOT NULL,
    errors bigint NOT NULL,
    credits_used bigint NOT NULL,
    durations bigint[] NOT NULL,
    PRIMARY KEY (day, method, endpoint)
  ) WITH (fillfactor = 70)`,
]

// Adds histograms bucket by bucket; a missing bucket counts as 0.
const ARRAY_SUM = [
  `CREATE FUNCTION add_arrays(a bigint[], b bigint[]) RETURNS bigint[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_agg(coalesce(x, 0) + coalesce(y, 0) ORDER BY n)
    FROM unnest(a, b) WITH ORDINALITY AS t (x, y, n)
  $$`,
  `CREATE AGGREGATE sum_arrays(bigint[]) (SFUNC = add_arrays, STYPE = bigint[], INITCOND = '{}')`,
]
