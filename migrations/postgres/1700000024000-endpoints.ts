import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Named queries: each with a URL, parameters, a cost and a cache time. */
export class Endpoints1700000024000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [ENDPOINTS, NOTIFY, TRIGGER]) await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE endpoints')
    await runner.query('DROP FUNCTION notify_endpoint_change')
  }
}

const ENDPOINTS = `
  CREATE TABLE endpoints (
    id             uuid PRIMARY KEY,
    name           text NOT NULL CONSTRAINT endpoints_name UNIQUE CHECK (name ~ '^[a-z][a-z0-9_-]{0,62}$'),
    title          text NOT NULL,
    description    text NOT NULL,
    -- json and not jsonb: it is shown as it was written
    query          json NOT NULL,
    parameters     json NOT NULL,
    cost_credits   integer CHECK (cost_credits >= 0),
    cache_seconds  integer CHECK (cache_seconds >= 0),
    -- counts the changes
    revision       integer NOT NULL DEFAULT 1,
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now()
  )`

const NOTIFY = `
  CREATE FUNCTION notify_endpoint_change() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM pg_notify('countinghouse_endpoints', coalesce(NEW.name, OLD.name));
    RETURN NULL;
  END $$`

const TRIGGER = `
  CREATE TRIGGER endpoints_notify AFTER INSERT OR UPDATE OR DELETE ON endpoints
  FOR EACH ROW EXECUTE FUNCTION notify_endpoint_change()`
