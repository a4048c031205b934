import { Injectable } from '@nestjs/common'
import type { PageQuery } from '../common/pagination.dto.js'
import { Database } from '../database/database.js'
import { isoTime, jsonObject, JsonTable, type JsonText } from '../database/json-table.js'

export interface NewOrder {
  id: string
  customerId: string
  items: { productId: string; quantity: number }[]
}

/** Why an order was not written; `line` counts its items from 1. */
export type OrderProblem =
  | { code: 'NO_CUSTOMER' }
  | { code: 'NO_PRODUCT' | 'INACTIVE' | 'TOO_LARGE'; line: number }
  | { code: 'OUT_OF_STOCK'; line: number; product: string; wanted: number; available: number }

const ITEM = jsonObject({
  id: 'i.id',
  productId: 'i.product_id',
  productName: 'p.name',
  quantity: 'i.quantity',
  price: 'trim_scale(i.price)',
  totalPrice: 'trim_scale(i.total_price)',
})

/** Orders with their items in one round trip: PostgreSQL aggregates the items of each. */
@Injectable()
export class OrdersRepository {
  private readonly orders: JsonTable

  constructor(private readonly database: Database) {
    this.orders = new JsonTable(database, {
      table: 'orders',
      fields: {
        id: 't.id',
        customerId: 't.customer_id',
        customerName: '(SELECT c.name FROM customers c WHERE c.id = t.customer_id)',
        items: `(SELECT json_agg(${ITEM} ORDER BY i.line) FROM order_items i JOIN products p ON p.id = i.product_id
                 WHERE i.order_id = t.id)`,
        total: 'trim_scale(t.total)',
        createdAt: isoTime('t.created_at'),
      },
      columns: {},
      countOfAll: 'SELECT coalesce(sum(c.order_count), 0) FROM customers c',
    })
  }

  /** All in one statement, see `orders_create`; undefined when the order stands. */
  async create({ id, customerId, items }: NewOrder): Promise<OrderProblem | undefined> {
    const [row] = await this.database.query<{ problem: OrderProblem | null }>(
      'SELECT orders_create($1, $2, $3::uuid[], $4::integer[]) AS problem',
      [id, customerId, items.map(({ productId }) => productId), items.map(({ quantity }) => quantity)],
      'orders-create',
    )
    return row!.problem ?? undefined
  }

  find(id: string): Promise<JsonText | undefined> {
    return this.orders.find(id)
  }

  /** Newest first: ids are made of the time. */
  list(page: PageQuery, customerId?: string): Promise<JsonText> {
    const conditions = customerId === undefined ? [] : [{ sql: 't.customer_id = ?', value: customerId }]
    return this.orders.list(page, 't.id DESC', conditions)
  }

  /** False when there is no such order. */
  async remove(id: string): Promise<boolean> {
    const [row] = await this.database.query<{ removed: boolean }>('SELECT orders_delete($1) AS removed', [id])
    return row!.removed
  }
}
