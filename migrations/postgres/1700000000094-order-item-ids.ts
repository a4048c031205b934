import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * Ids of order items are made while their products are locked, so that they tell in which order stock was taken: the
 * dataset's `latest_stock` decides by them between the sales of one day.
 */
export class OrderItemIds1700000000094 implements MigrationInterface {
  name = 'OrderItemIds1700000000094'

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...PRODUCT_CLOCKS, UUID_V7_AT, 'DROP FUNCTION orders_create', ORDERS_CREATE])
      await runner.query(statement)
  }

  async down(): Promise<void> {
    throw new Error('There is no way back: the application leaves the ids of order items to the database')
  }
}

// The time in the newest item's id of each product, in microseconds since 1970. Beside the stock, so that it is locked
// and written with it; ids made before tell whole milliseconds.
const PRODUCT_CLOCKS = [
  'ALTER TABLE products ADD COLUMN last_item_micros bigint NOT NULL DEFAULT 0',
  `UPDATE products p SET last_item_micros = (i.ms + 1) * 1000
   FROM (SELECT product_id, max(('x0000' || replace(left(id::text, 13), '-', ''))::bit(64)::bigint) AS ms
         FROM order_items GROUP BY product_id) i
   WHERE p.id = i.product_id`,
]

/** A UUIDv7 of a given time: milliseconds, then the microsecond in the 12 bits behind the version, then random bits. */
const UUID_V7_AT = `
  CREATE FUNCTION uuid_v7_at(p_micros bigint) RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT encode(overlay(uuid_send(gen_random_uuid())
      PLACING substring(int8send(p_micros / 1000) FROM 3)
        || int2send((x'7000'::integer + p_micros % 1000 * 4096 / 1000)::smallint) FROM 1 FOR 8), 'hex')::uuid
  $$`

/**
 * As in 1700000000040, where the rules are, but for the ids and the order's time, which are of after the locks. Each item is a
 * microsecond older than the next and all are younger than what was sold of their products before, also when the clock
 * was set back. The order's time is the clock's all the same: a clock that was once a year ahead must not date sales for
 * a year.
 */
const ORDERS_CREATE = `
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
    PERFORM order_item_announce(id, false) FROM order_items WHERE order_id = p_order ORDER BY line;
    RETURN NULL;
  END $$`
