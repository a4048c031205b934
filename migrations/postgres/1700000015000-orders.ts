import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Categories, products, customers, orders with their items, and the outbox by which items reach the warehouse. */
export class Catalog1700000000040 implements MigrationInterface {
  name = 'Catalog1700000000040'

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...CATALOG, ...ORDERS, ...FUNCTIONS]) await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION orders_create, orders_delete, order_item_announce')
    await runner.query('DROP TABLE outbox, order_items, orders, customers, products, categories')
  }
}

const CATALOG = [
  `CREATE TABLE categories (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    description text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
  )`,
  'CREATE UNIQUE INDEX categories_name_unique ON categories (lower(name))',

  `CREATE TABLE products (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    price numeric(18, 4) NOT NULL CHECK (price >= 0),
    category_id uuid NOT NULL REFERENCES categories (id),
    stock_quantity integer NOT NULL CHECK (stock_quantity >= 0),
    description text,
    is_active boolean NOT NULL DEFAULT true,
    -- pieces in orders that stand
    sold bigint NOT NULL DEFAULT 0 CHECK (sold >= 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
  )`,
  // One index for each order in which lists are read; the id makes the order total. The last two also find the products
  // of a category in the order of their price, and count them, without reading the table.
  'CREATE INDEX products_name ON products (name, id)',
  'CREATE INDEX products_price ON products (price, id)',
  'CREATE INDEX products_sold ON products (sold DESC, id)',
  'CREATE INDEX products_created_at ON products (created_at DESC, id)',
  'CREATE INDEX products_category_price ON products (category_id, price, id) INCLUDE (stock_quantity)',
]

const ORDERS = [
  `CREATE TABLE customers (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    email text NOT NULL,
    country text,
    region text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
  )`,
  'CREATE UNIQUE INDEX customers_email_unique ON customers (lower(email))',

  `CREATE TABLE orders (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers (id),
    total numeric(22, 4) NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  // Covering: what each customer has spent is read from the index alone.
  'CREATE INDEX orders_customer ON orders (customer_id, created_at DESC) INCLUDE (total)',

  `CREATE TABLE order_items (
    id uuid PRIMARY KEY,
    order_id uuid NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    line integer NOT NULL,
    product_id uuid NOT NULL REFERENCES products (id),
    quantity integer NOT NULL CHECK (quantity > 0),
    price numeric(18, 4) NOT NULL,
    total_price numeric(18, 4) NOT NULL,
    UNIQUE (order_id, line)
  )`,
  'CREATE INDEX order_items_product ON order_items (product_id)',

  // Written in the transaction that changes an order, sent to the warehouse afterwards, in any order: seq is the row's
  // version there, so that the later of two changes stands.
  `CREATE TABLE outbox (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    item jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
]

const FUNCTIONS = [
  // An item as a row of the dataset "transactions"; a deleted one takes itself out there.
  `CREATE FUNCTION order_item_announce(p_item uuid, p_deleted boolean) RETURNS void LANGUAGE sql VOLATILE AS $$
    INSERT INTO outbox (item)
    SELECT json_build_object(
      'transaction_id', i.id, 'transaction_date', (o.created_at AT TIME ZONE 'UTC')::date,
      'user_id', c.id, 'country', coalesce(c.country, ''), 'region', coalesce(c.region, ''),
      'product_id', p.id, 'product_name', p.name, 'category', g.name,
      'price', i.price::text, 'quantity', i.quantity, 'total_price', i.total_price::text,
      'stock_quantity', p.stock_quantity, 'added_date', (p.created_at AT TIME ZONE 'UTC')::date,
      '_deleted', p_deleted::integer)
    FROM order_items i JOIN orders o ON o.id = i.order_id JOIN customers c ON c.id = o.customer_id
      JOIN products p ON p.id = i.product_id JOIN categories g ON g.id = p.category_id
    WHERE i.id = p_item
  $$`,

  // Checks and takes the stock, writes the order and its outbox rows, all in one round trip. Items that name one product
  // twice count together. The products are locked in the order of their ids, so that two orders never wait for each
  // other. Gives NULL when the order stands, else what is wrong: {"code": ..., "line": ..., ...}.
  `CREATE FUNCTION orders_create(p_order uuid, p_customer uuid, p_items uuid[], p_products uuid[], p_quantities integer[])
    RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
  DECLARE
    v_problem jsonb;
    v_item uuid;
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

    UPDATE products p SET stock_quantity = stock_quantity - i.wanted, sold = sold + i.wanted
    FROM (SELECT product_id, sum(quantity) AS wanted FROM unnest(p_products, p_quantities) AS u (product_id, quantity)
          GROUP BY product_id) i WHERE p.id = i.product_id;
    INSERT INTO orders (id, customer_id, total)
    SELECT p_order, p_customer, sum(p.price * i.quantity)
    FROM unnest(p_products, p_quantities) AS i (product_id, quantity) JOIN products p ON p.id = i.product_id;
    INSERT INTO order_items (id, order_id, line, product_id, quantity, price, total_price)
    SELECT i.id, p_order, i.line, i.product_id, i.quantity, p.price, p.price * i.quantity
    FROM unnest(p_items, p_products, p_quantities) WITH ORDINALITY AS i (id, product_id, quantity, line)
      JOIN products p ON p.id = i.product_id;
    FOREACH v_item IN ARRAY p_items LOOP PERFORM order_item_announce(v_item, false); END LOOP;
    RETURN NULL;
  END $$`,

  // Puts the stock back; false when there is no such order. The lock on the order makes a second deletion wait and then
  // find nothing.
  `CREATE FUNCTION orders_delete(p_order uuid) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
  BEGIN
    PERFORM 1 FROM orders WHERE id = p_order FOR UPDATE;
    IF NOT FOUND THEN RETURN false; END IF;
    PERFORM 1 FROM products WHERE id IN (SELECT product_id FROM order_items WHERE order_id = p_order)
      ORDER BY id FOR UPDATE;
    UPDATE products p SET stock_quantity = stock_quantity + i.quantity, sold = sold - i.quantity
    FROM (SELECT product_id, sum(quantity) AS quantity FROM order_items WHERE order_id = p_order GROUP BY product_id) i
    WHERE p.id = i.product_id;
    PERFORM order_item_announce(id, true) FROM order_items WHERE order_id = p_order;
    DELETE FROM orders WHERE id = p_order;
    RETURN true;
  END $$`,
]
