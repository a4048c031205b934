import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Tickets know the session that asked for them; items of customers without a country have one in the dataset, which requires it. */
export class ContractEdges1700000000093 implements MigrationInterface {
  name = 'ContractEdges1700000000093'

  async up(runner: QueryRunner): Promise<void> {
    // No reference: a session may end between its question and the ticket, which is found out when that is redeemed.
    await runner.query('ALTER TABLE access_tickets ADD COLUMN session_hash bytea')
    await runner.query(announcingItems(`coalesce(nullif(btrim(c.country), ''), 'Unknown')`))
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(announcingItems(`coalesce(c.country, '')`))
    await runner.query('ALTER TABLE access_tickets DROP COLUMN session_hash')
  }
}

function announcingItems(country: string): string {
  return `CREATE OR REPLACE FUNCTION order_item_announce(p_item uuid, p_deleted boolean) RETURNS void LANGUAGE sql VOLATILE AS $$
    INSERT INTO outbox (item)
    SELECT json_build_object(
      'transaction_id', i.id, 'transaction_date', (o.created_at AT TIME ZONE 'UTC')::date,
      'user_id', c.id, 'country', ${country}, 'region', coalesce(c.region, ''),
      'product_id', p.id, 'product_name', p.name, 'category', g.name,
      'price', i.price::text, 'quantity', i.quantity, 'total_price', i.total_price::text,
      'stock_quantity', p.stock_quantity, 'added_date', (p.created_at AT TIME ZONE 'UTC')::date,
      '_deleted', p_deleted::integer)
    FROM order_items i JOIN orders o ON o.id = i.order_id JOIN customers c ON c.id = o.customer_id
      JOIN products p ON p.id = i.product_id JOIN categories g ON g.id = p.category_id
    WHERE i.id = p_item
  $$`
}
