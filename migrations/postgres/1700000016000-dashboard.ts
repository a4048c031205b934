import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Rollups pulled from ClickHouse, and the materialized views that the reports read. */
export class Dashboard1700000016000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...ROLLUPS, ...VIEWS, ...STATE]) await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE view_refreshes, rollup_state')
    await runner.query(
      'DROP MATERIALIZED VIEW mv_country_product_revenue, mv_top_product, mv_monthly_sales, mv_region_revenue',
    )
    await runner.query('DROP TABLE rollup_country_products, rollup_products, rollup_months, rollup_regions')
  }
}

// Unlogged: they are written anew with every refresh, and only the refresh reads them.
const ROLLUPS = [
  `CREATE UNLOGGED TABLE rollup_country_products (
    country text NOT NULL, product_id text NOT NULL, product_name text NOT NULL,
    revenue numeric NOT NULL, transactions bigint NOT NULL
  )`,
  `CREATE UNLOGGED TABLE rollup_products (
    product_id text NOT NULL, product_name text NOT NULL, items_sold bigint NOT NULL, stock_quantity bigint NOT NULL
  )`,
  `CREATE UNLOGGED TABLE rollup_months (
    month date NOT NULL, transactions bigint NOT NULL, items_sold bigint NOT NULL, revenue numeric NOT NULL
  )`,
  `CREATE UNLOGGED TABLE rollup_regions (
    region text NOT NULL, revenue numeric NOT NULL, items_sold bigint NOT NULL
  )`,
]

// Text is ordered by its bytes everywhere, as ClickHouse does, so that a page never depends on a server's locale.
// A refresh beside readers (CONCURRENTLY) needs a unique index on plain columns.
const VIEWS = [
  `CREATE MATERIALIZED VIEW mv_country_product_revenue AS
   SELECT country COLLATE "C" AS country, product_id COLLATE "C" AS product_id, product_name,
     revenue AS total_revenue, transactions
   FROM rollup_country_products`,
  'CREATE UNIQUE INDEX mv_country_product_revenue_key ON mv_country_product_revenue (country, product_id)',
  'CREATE INDEX mv_country_product_revenue_order ON mv_country_product_revenue (country, total_revenue DESC, product_id)',

  `CREATE MATERIALIZED VIEW mv_top_product AS
   SELECT product_id COLLATE "C" AS product_id, product_name, items_sold AS purchase_count, stock_quantity
   FROM rollup_products ORDER BY items_sold DESC, product_id COLLATE "C" LIMIT 20`,
  'CREATE UNIQUE INDEX mv_top_product_key ON mv_top_product (product_id)',

  `CREATE MATERIALIZED VIEW mv_monthly_sales AS SELECT month, transactions, items_sold, revenue FROM rollup_months`,
  'CREATE UNIQUE INDEX mv_monthly_sales_key ON mv_monthly_sales (month)',

  `CREATE MATERIALIZED VIEW mv_region_revenue AS
   SELECT region COLLATE "C" AS region, revenue AS total_revenue, items_sold FROM rollup_regions`,
  'CREATE UNIQUE INDEX mv_region_revenue_key ON mv_region_revenue (region)',
]

const STATE = [
  // What the views show: the version of the dataset that was read, and which refresh it was.
  `CREATE TABLE rollup_state (
    id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    refresh bigint NOT NULL DEFAULT 0,
    dataset_version bigint NOT NULL DEFAULT 0,
    refreshed_at timestamptz,
    last_error text,
    last_error_at timestamptz
  )`,
  'INSERT INTO rollup_state DEFAULT VALUES',
  `CREATE TABLE view_refreshes (
    view text PRIMARY KEY, rows bigint NOT NULL, duration_ms integer NOT NULL, refreshed_at timestamptz NOT NULL
  )`,
]
