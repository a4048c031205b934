import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * Where requests are counted against rate limits, agreed on by all instances: in Redis, or here while one of them cannot
 * use Redis. Each change begins another generation of counts.
 */
export class RateLimits1700000010000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...GENERATION, INSTANCES, HITS]) await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE rate_limit_hits, rate_limit_instances, rate_limit_generation')
  }
}

// One row: the generation that holds now.
const GENERATION = [
  `CREATE TABLE rate_limit_generation (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    number integer NOT NULL,
    store text NOT NULL CHECK (store IN ('postgres', 'redis')),
    -- part of the counters' names in Redis, so that those of an earlier generation are not read
    token uuid NOT NULL
  )`,
  `INSERT INTO rate_limit_generation (number, store, token) VALUES (1, 'postgres', gen_random_uuid())`,
]

const INSTANCES = `
  CREATE TABLE rate_limit_instances (
    instance text PRIMARY KEY,
    -- it counts in no earlier one any more
    generation integer NOT NULL,
    reaches_redis boolean NOT NULL,
    seen_at timestamptz NOT NULL
  )`

const HITS = `
  CREATE TABLE rate_limit_hits (
    generation integer NOT NULL,
    bucket text NOT NULL,
    hits bigint NOT NULL,
    ends_at timestamptz NOT NULL,
    PRIMARY KEY (generation, bucket)
  )`
