import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Indexes of the lists and reports of the order side; test/shop.e2e-spec.ts shows which statement reads which. */
export class ShopIndexes1700000000085 implements MigrationInterface {
  name = 'ShopIndexes1700000000085'

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...ORDERS_BY_CUSTOMER, ...PRODUCT_FIGURES, PARTS_OF_NAMES, ...SPENT])
      await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TRIGGER orders_add_spent ON orders')
    await runner.query('DROP TRIGGER orders_take_spent ON orders')
    await runner.query('DROP FUNCTION customers_spent')
    await runner.query('ALTER TABLE customers DROP COLUMN spent, DROP COLUMN order_count')
    await runner.query('DROP INDEX IF EXISTS products_name_part, customers_name_part')
    await runner.query('DROP INDEX orders_customer, products_price, products_category_price')
    await runner.query('CREATE INDEX orders_customer ON orders (customer_id, created_at DESC) INCLUDE (total)')
    await runner.query('CREATE INDEX products_price ON products (price, id)')
    await runner.query(
      'CREATE INDEX products_category_price ON products (category_id, price, id) INCLUDE (stock_quantity)',
    )
  }
}

// Newest first is by id, which is made of the time.
const ORDERS_BY_CUSTOMER = [
  'DROP INDEX orders_customer',
  'CREATE INDEX orders_customer ON orders (customer_id, id DESC)',
]

// The report's sums over all products are read from the smallest index that holds price and stock.
const PRODUCT_FIGURES = [
  'DROP INDEX products_price, products_category_price',
  'CREATE INDEX products_price ON products (price, id) INCLUDE (stock_quantity)',
  'CREATE INDEX products_category_price ON products (category_id, price, id)',
]

// A server may lack the extension or not allow it; the search then reads all names.
const PARTS_OF_NAMES = `
  DO $$ BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX products_name_part ON products USING gin (name gin_trgm_ops);
    CREATE INDEX customers_name_part ON customers USING gin (name gin_trgm_ops);
  EXCEPTION WHEN insufficient_privilege OR feature_not_supported OR undefined_file OR undefined_object THEN
    RAISE NOTICE 'pg_trgm cannot be used: %', SQLERRM;
  END $$`

// What each customer has spent is kept with him, so that the top ones are the first entries of an index, however many
// orders there are. An order locks its products before its customer, as everything that locks both.
const SPENT = [
  `ALTER TABLE customers ADD COLUMN spent numeric(28, 4) NOT NULL DEFAULT 0,
     ADD COLUMN order_count bigint NOT NULL DEFAULT 0`,
  `UPDATE customers c SET spent = o.spent, order_count = o.orders
   FROM (SELECT customer_id, sum(total) AS spent, count(*) AS orders FROM orders GROUP BY customer_id) o
   WHERE o.customer_id = c.id`,
  'CREATE INDEX customers_spent ON customers (spent DESC, id) INCLUDE (name, order_count) WHERE order_count > 0',
  `CREATE FUNCTION customers_spent() RETURNS trigger LANGUAGE plpgsql AS $$
   DECLARE
     v_sign integer := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
   BEGIN
     UPDATE customers c SET spent = c.spent + v_sign * o.spent, order_count = c.order_count + v_sign * o.orders
     FROM (SELECT customer_id, sum(total) AS spent, count(*) AS orders FROM changed GROUP BY customer_id) o
     WHERE o.customer_id = c.id;
     RETURN NULL;
   END $$`,
  `CREATE TRIGGER orders_add_spent AFTER INSERT ON orders REFERENCING NEW TABLE AS changed
   FOR EACH STATEMENT EXECUTE FUNCTION customers_spent()`,
  `CREATE TRIGGER orders_take_spent AFTER DELETE ON orders REFERENCING OLD TABLE AS changed
   FOR EACH STATEMENT EXECUTE FUNCTION customers_spent()`,
]
