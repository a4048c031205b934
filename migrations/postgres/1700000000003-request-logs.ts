import type { MigrationInterface, QueryRunner } from 'typeorm'

/** The request log, in monthly partitions, and the daily sums that statistics are read from. */
export class RequestLogs1700000000003 implements MigrationInterface {
  name = 'RequestLogs1700000000003'

  async up(runner: QueryRunner): Promise<void> {
    // Partitions are made by the application, ahead of time (src/logs/log-partitions.service.ts).
    await runner.query(`
      CREATE TABLE request_logs (
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
      ) PARTITION BY RANGE ("timestamp")`)
    await runner.query('CREATE INDEX request_logs_user ON request_logs (user_id, "timestamp", id)')

    // Days are UTC. Requests without a user (refused ones, the root key) share the row of user NULL.
    await runner.query(`
      CREATE TABLE usage_daily (
        day date NOT NULL,
        user_id uuid,
        requests bigint NOT NULL,
        errors bigint NOT NULL,
        credits_used bigint NOT NULL,
        UNIQUE NULLS NOT DISTINCT (day, user_id)
      ) WITH (fillfactor = 70)`)
    await runner.query('CREATE INDEX usage_daily_user ON usage_daily (user_id, day)')

    // "durations" counts requests by duration: src/logs/duration-histogram.ts says which bucket is what.
    await runner.query(`
      CREATE TABLE endpoint_daily (
        day date NOT NULL,
        method text NOT NULL,
        endpoint text NOT NULL,
        requests bigint NOT NULL,
        errors bigint NOT NULL,
        credits_used bigint NOT NULL,
        durations bigint[] NOT NULL,
        PRIMARY KEY (day, method, endpoint)
      ) WITH (fillfactor = 70)`)

    await runner.query(`
      CREATE FUNCTION add_arrays(a bigint[], b bigint[]) RETURNS bigint[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT array_agg(coalesce(x, 0) + coalesce(y, 0) ORDER BY n)
        FROM unnest(a, b) WITH ORDINALITY AS t (x, y, n)
      $$`)
    await runner.query(`
      CREATE AGGREGATE sum_arrays(bigint[]) (SFUNC = add_arrays, STYPE = bigint[], INITCOND = '{}')`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP AGGREGATE sum_arrays(bigint[])')
    await runner.query('DROP FUNCTION add_arrays')
    await runner.query('DROP TABLE endpoint_daily, usage_daily, request_logs')
  }
}
