import { Injectable } from '@nestjs/common'
import type { PageQuery } from '../common/pagination.dto.js'
import { Database } from '../infrastructure/database/database.js'
import type { RawJson } from '../common/decorators/raw-json-response.decorator.js'
import { isoTime, jsonObject, pageText } from '../infrastructure/database/json-sql.js'

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

const ORDER = jsonObject({
  id: 't.id',
  customerId: 't.customer_id',
  customerName: '(SELECT c.name FROM customers c WHERE c.id = t.customer_id)',
  items: `(SELECT json_agg(${ITEM} ORDER BY i.line) FROM order_items i JOIN products p ON p.id = i.product_id
           WHERE i.order_id = t.id)`,
  total: 'trim_scale(t.total)',
  createdAt: isoTime('t.created_at'),
})

/** Customers count their orders, which is sooner read than all orders. */
const COUNT_ALL = 'SELECT coalesce(sum(c.order_count), 0) FROM customers c'
const COUNT_OF_CUSTOMER = 'SELECT count(*) FROM orders t WHERE t.customer_id = $3'

/** Orders with their items, as JSON in one round trip: PostgreSQL aggregates the items of each. */
@Injectable()
export class OrdersRepository {
  constructor(private readonly database: Database) {}

  /** All in one statement, see `orders_create`; undefined when the order stands. */
  async create({ id, customerId, items }: NewOrder): Promise<OrderProblem | undefined> {
    const [row] = await this.database.query<{ problem: OrderProblem | null }>(
      'SELECT orders_create($1, $2, $3::uuid[], $4::integer[]) AS problem',
      [id, customerId, items.map(({ productId }) => productId), items.map(({ quantity }) => quantity)],
      'orders-create',
    )
    return row!.problem ?? undefined
  }

  async find(id: string): Promise<RawJson | undefined> {
    const text = `SELECT ${ORDER}::text AS json FROM orders t WHERE t.id = $1`
    const [row] = await this.database.query<{ json: RawJson }>(text, [id], 'orders-find')
    return row?.json
  }

  /** One page. Newest first: ids are made of the time. */
  async list({ limit, offset }: PageQuery, customerId?: string): Promise<RawJson> {
    const isOfCustomer = customerId !== undefined
    const [row] = await this.database.query<{ data: RawJson; total: string }>(
      `SELECT (${isOfCustomer ? COUNT_OF_CUSTOMER : COUNT_ALL}) AS total, coalesce(json_agg(p.json), '[]')::text AS data
       FROM (SELECT ${ORDER} AS json FROM orders t ${isOfCustomer ? 'WHERE t.customer_id = $3' : ''}
             ORDER BY t.id DESC LIMIT $1 OFFSET $2) p`,
      isOfCustomer ? [limit, offset, customerId] : [limit, offset],
    )
    return pageText(row!.data, { limit, offset }, Number(row!.total))
  }

  /** False when there is no such order. */
  async remove(id: string): Promise<boolean> {
    const [row] = await this.database.query<{ removed: boolean }>('SELECT orders_delete($1) AS removed', [id])
    return row!.removed
  }
}
