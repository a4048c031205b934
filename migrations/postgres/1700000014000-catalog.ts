import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Categories and products; test/e2e/shop.e2e-spec.ts shows which statement reads which index. */
export class Catalog1700000014000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...CATEGORIES, ...PRODUCTS, ...NOTIFICATIONS]) await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE products, categories')
    await runner.query('DROP FUNCTION notify_catalog_change')
  }
}

const CATEGORIES = [
  `CREATE TABLE categories (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    description text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
  )`,
  'CREATE UNIQUE INDEX categories_name_unique ON categories (lower(name))',
]

const PRODUCTS = [
  `CREATE TABLE products (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    price numeric(18, 4) NOT NULL CHECK (price >= 0),
    category_id uuid NOT NULL REFERENCES categories (id),
    stock_quantity integer NOT NULL CHECK (stock_quantity >= 0),
    description text,
    is_active boolean NOT NULL DEFAULT true,
    -- units in orders that were not deleted
    sold bigint NOT NULL DEFAULT 0 CHECK (sold >= 0),
    -- the time in the id of the product's newest order item, in microseconds since 1970: see orders_create. Beside the
    -- stock, so that it is locked and written with it.
    last_item_micros bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
  )`,
  // One index for each order in which lists are read; the id makes the order total. The dashboard's sums over all products
  // are read from the one by price, the smallest that holds price and stock; the last also finds and counts the products of
  // a category in the order of their price, without reading the table.
  'CREATE INDEX products_name ON products (name, id)',
  'CREATE INDEX products_price ON products (price, id) INCLUDE (stock_quantity)',
  'CREATE INDEX products_sold ON products (sold DESC, id)',
  'CREATE INDEX products_created_at ON products (created_at DESC, id)',
  'CREATE INDEX products_category_price ON products (category_id, price, id)',
  // Finds products by part of a name. A server may lack the extension or not allow it; the search then reads all names.
  `DO $$ BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX products_name_trgm ON products USING gin (name gin_trgm_ops);
  EXCEPTION WHEN insufficient_privilege OR feature_not_supported OR undefined_file OR undefined_object THEN
    RAISE NOTICE 'pg_trgm cannot be used: %', SQLERRM;
  END $$`,
]

// Tells every instance of a change of products, customers or orders, with the commit that makes it.
const NOTIFICATIONS = [
  `CREATE FUNCTION notify_catalog_change() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM pg_notify('countinghouse_catalog', '');
    RETURN NULL;
  END $$`,
  `CREATE TRIGGER products_notify AFTER INSERT OR UPDATE OR DELETE ON products
   FOR EACH STATEMENT EXECUTE FUNCTION notify_catalog_change()`,
]
