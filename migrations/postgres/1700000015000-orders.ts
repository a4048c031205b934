import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Customers, orders with their items, and the outbox by which items reach ClickHouse. */
export class Orders1700000015000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...CUSTOMERS, ...ORDERS, ...SPENDING, ...NOTIFICATIONS, ...OUTBOX, CREATE, DELETE])
      await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION orders_delete, orders_create, order_items_enqueue')
    await runner.query('DROP TABLE outbox, order_items, orders, customers')
    await runner.query('DROP FUNCTION update_customer_spending')
  }
}

const CUSTOMERS = [
  `CREATE TABLE customers (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    email text NOT NULL,
    country text,
    region text,
    -- kept by triggers on orders, so that the top customers are the first entries of an index, however many orders there are
    spent numeric(28, 4) NOT NULL DEFAULT 0,
    order_count bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
  )`,
  'CREATE UNIQUE INDEX customers_email_unique ON customers (lower(email))',
  'CREATE INDEX customers_spent ON customers (spent DESC, id) INCLUDE (name, order_count) WHERE order_count > 0',
  // As for the names of products.
  `DO $$ BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX customers_name_trgm ON customers USING gin (name gin_trgm_ops);
  EXCEPTION WHEN insufficient_privilege OR feature_not_supported OR undefined_file OR undefined_object THEN
    RAISE NOTICE 'pg_trgm cannot be used: %', SQLERRM;
  END $$`,
]

const ORDERS = [
  `CREATE TABLE orders (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers (id),
    total numeric(22, 4) NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  // Newest first is by id, which is made of the time.
  'CREATE INDEX orders_customer ON orders (customer_id, id DESC)',

  `CREATE TABLE order_items (
    id uuid PRIMARY KEY,
    order_id uuid NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    line integer NOT NULL,
    product_id uuid NOT NULL REFERENCES products (id),
    quantity integer NOT NULL CHECK (quantity > 0),
    -- of the time of the order
    price numeric(18, 4) NOT NULL,
    total_price numeric(18, 4) NOT NULL,
    UNIQUE (order_id, line)
  )`,
  'CREATE INDEX order_items_product ON order_items (product_id)',
]

// An order locks its products before its customer, as everything that locks both.
const SPENDING = [
  `CREATE FUNCTION update_customer_spending() RETURNS trigger LANGUAGE plpgsql AS $$
   DECLARE
     v_sign integer := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
   BEGIN
     UPDATE customers c SET spent = c.spent + v_sign * o.spent, order_count = c.order_count + v_sign * o.orders
     FROM (SELECT customer_id, sum(total) AS spent, count(*) AS orders FROM changed GROUP BY customer_id) o
     WHERE o.customer_id = c.id;
     RETURN NULL;
   END $$`,
  `CREATE TRIGGER orders_add_spending AFTER INSERT ON orders REFERENCING NEW TABLE AS changed
   FOR EACH STATEMENT EXECUTE FUNCTION update_customer_spending()`,
  `CREATE TRIGGER orders_subtract_spending AFTER DELETE ON orders REFERENCING OLD TABLE AS changed
   FOR EACH STATEMENT EXECUTE FUNCTION update_customer_spending()`,
]

const NOTIFICATIONS = ['customers', 'orders'].map(
  (table) => `CREATE TRIGGER ${table}_notify AFTER INSERT OR UPDATE OR DELETE ON ${table}
    FOR EACH STATEMENT EXECUTE FUNCTION notify_catalog_change()`,
)

const OUTBOX = [
  // Written in the transaction that changes an order, sent to ClickHouse afterwards, in any order: seq is the row's
  // version there, so that the later of two changes wins.
  `CREATE TABLE outbox (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    item jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
  )`,

  // An item as a row of the dataset "transactions", or a tombstone of it. The dataset requires a country.
  `CREATE FUNCTION order_items_enqueue(p_item uuid, p_deleted boolean) RETURNS void LANGUAGE sql VOLATILE AS $$
    INSERT INTO outbox (item)
    SELECT json_build_object(
      'transaction_id', i.id, 'transaction_date', (o.created_at AT TIME ZONE 'UTC')::date,
      'user_id', c.id, 'country', coalesce(nullif(btrim(c.country), ''), 'Unknown'), 'region', coalesce(c.region, ''),
      'product_id', p.id, 'product_name', p.name, 'category', g.name,
      'price', i.price::text, 'quantity', i.quantity, 'total_price', i.total_price::text,
      'stock_quantity', p.stock_quantity, 'added_date', (p.created_at AT TIME ZONE 'UTC')::date,
      '_deleted', p_deleted::integer)
    FROM order_items i JOIN orders o ON o.id = i.order_id JOIN customers c ON c.id = o.customer_id
      JOIN products p ON p.id = i.product_id JOIN categories g ON g.id = p.category_id
    WHERE i.id = p_item
  $$`,
]

/**
 * Checks and takes the stock, writes the order and its outbox rows, all in one round trip. Items that name one product
 * twice count together. The products are locked in the order of their ids, so that two orders never wait for each other.
 * Gives NULL when the order was made, else what is wrong: {"code": ..., "line": ..., ...}.
 *
 * Ids of items are made while their products are locked, so that they tell in which order stock was taken: the dataset's
 * latest_stock decides by them between the sales of one day. Each item is a microsecond older than the next and all are
 * younger than what was sold of their products before, also when the clock was set back. The order's time is the clock's
 * all the same: a clock that was once a year ahead must not date sales for a year.
 */
const CREATE = `
  CREATE FUNCTION orders_create(p_order uuid, p_customer uuid, p_products uuid[], p_quantities integer[])
    RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
  DECLARE
    v_problem jsonb;
    v_now timestamptz;
    v_micros bigint;
  BEGIN
    PERFORM 1 FROM customers WHERE id = p_customer FOR KEY SHARE;
    IF NOT FOUND THEN RETURN jsonb_build_object('code', 'NO_CUSTOMER'); END IF;
    PERFORM 1 FROM products WHERE id = ANY (p_products) ORDER BY id FOR UPDATE;

    SELECT jsonb_build_object('code', CASE WHEN p.id IS NULL THEN 'NO_PRODUCT' ELSE 'INACTIVE' END, 'line', i.line)
    INTO v_problem
    FROM unnest(p_products) WITH ORDINALITY AS i (product_id, line) LEFT JOIN products p ON p.id = i.product_id
    WHERE p.id IS NULL OR NOT p.is_active ORDER BY i.line LIMIT 1;
    IF v_problem IS NOT NULL THEN RETURN v_problem; END IF;

    SELECT jsonb_build_object('code', 'OUT_OF_STOCK', 'line', i.line, 'product', p.name, 'wanted', i.wanted,
      'available', p.stock_quantity)
    INTO v_problem
    FROM (SELECT product_id, min(line) AS line, sum(quantity) AS wanted
          FROM unnest(p_products, p_quantities) WITH ORDINALITY AS u (product_id, quantity, line)
          GROUP BY product_id) i JOIN products p ON p.id = i.product_id
    WHERE i.wanted > p.stock_quantity ORDER BY i.line LIMIT 1;
    IF v_problem IS NOT NULL THEN RETURN v_problem; END IF;

    -- A decimal(18,4) holds 14 digits before the point.
    SELECT jsonb_build_object('code', 'TOO_LARGE', 'line', i.line) INTO v_problem
    FROM unnest(p_products, p_quantities) WITH ORDINALITY AS i (product_id, quantity, line)
      JOIN products p ON p.id = i.product_id
    WHERE p.price * i.quantity >= 1e14 ORDER BY i.line LIMIT 1;
    IF v_problem IS NOT NULL THEN RETURN v_problem; END IF;

    v_now := clock_timestamp();
    SELECT greatest((extract(epoch FROM v_now) * 1000000)::bigint, max(last_item_micros)) INTO v_micros
    FROM products WHERE id = ANY (p_products);

    UPDATE products p SET stock_quantity = stock_quantity - i.wanted, sold = sold + i.wanted,
      last_item_micros = v_micros + cardinality(p_products)
    FROM (SELECT product_id, sum(quantity) AS wanted FROM unnest(p_products, p_quantities) AS u (product_id, quantity)
          GROUP BY product_id) i WHERE p.id = i.product_id;
    INSERT INTO orders (id, customer_id, total, created_at)
    SELECT p_order, p_customer, sum(p.price * i.quantity), v_now
    FROM unnest(p_products, p_quantities) AS i (product_id, quantity) JOIN products p ON p.id = i.product_id;
    INSERT INTO order_items (id, order_id, line, product_id, quantity, price, total_price)
    SELECT uuid_v7_at(v_micros + i.line), p_order, i.line, i.product_id, i.quantity, p.price, p.price * i.quantity
    FROM unnest(p_products, p_quantities) WITH ORDINALITY AS i (product_id, quantity, line)
      JOIN products p ON p.id = i.product_id;
    PERFORM order_items_enqueue(id, false) FROM order_items WHERE order_id = p_order ORDER BY line;
    RETURN NULL;
  END $$`

/**
 * Puts the stock back; false when there is no such order. The lock on the order makes a second deletion wait and then
 * find nothing.
 */
const DELETE = `
  CREATE FUNCTION orders_delete(p_order uuid) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
  BEGIN
    PERFORM 1 FROM orders WHERE id = p_order FOR UPDATE;
    IF NOT FOUND THEN RETURN false; END IF;
    PERFORM 1 FROM products WHERE id IN (SELECT product_id FROM order_items WHERE order_id = p_order)
      ORDER BY id FOR UPDATE;
    UPDATE products p SET stock_quantity = stock_quantity + i.quantity, sold = sold - i.quantity
    FROM (SELECT product_id, sum(quantity) AS quantity FROM order_items WHERE order_id = p_order GROUP BY product_id) i
    WHERE p.id = i.product_id;
    PERFORM order_items_enqueue(id, true) FROM order_items WHERE order_id = p_order;
    DELETE FROM orders WHERE id = p_order;
    RETURN true;
  END $$`
