import { Injectable } from '@nestjs/common'
import { Database } from '../infrastructure/database/database.js'
import type { RawJson } from '../common/decorators/raw-json-response.decorator.js'
import { isoTime, jsonObject } from '../infrastructure/database/json-sql.js'

const RECENT_PRODUCTS = 10

const RECENT_PRODUCT = jsonObject({
  id: 't.id',
  name: 't.name',
  price: 'trim_scale(t.price)',
  stockQuantity: 't.stock_quantity',
  createdAt: isoTime('t.created_at'),
})
const TOP_CUSTOMER = jsonObject({
  id: 't.id',
  name: 't.name',
  totalSpent: 'trim_scale(t.spent)',
  totalOrders: 't.order_count',
})

/** The reports on products and orders, straight from their tables, as JSON. */
@Injectable()
export class OrderReportsRepository {
  constructor(private readonly database: Database) {}

  /** An object with the figures and the newest products; the two queries run side by side. */
  async productReport(): Promise<RawJson> {
    const [figures, recent] = await Promise.all([
      this.json(
        `SELECT json_build_object('totalProducts', count(*), 'totalStock', coalesce(sum(t.stock_quantity), 0),
           'averagePrice', trim_scale(round(avg(t.price), 4)))::text AS json FROM products t`,
      ),
      this.json(
        `SELECT coalesce(json_agg(${RECENT_PRODUCT} ORDER BY t.created_at DESC, t.id), '[]')::text AS json
         FROM (SELECT * FROM products ORDER BY created_at DESC, id LIMIT ${RECENT_PRODUCTS}) t`,
      ),
    ])
    return `${figures.slice(0, -1)},"recentProducts":${recent}}`
  }

  /** An array: who spent most, of those who have orders. Read from a covering index, which orders keep up to date. */
  async topCustomers(limit: number): Promise<RawJson> {
    return this.json(
      `SELECT coalesce(json_agg(${TOP_CUSTOMER} ORDER BY t.spent DESC, t.id), '[]')::text AS json
       FROM (SELECT id, name, spent, order_count FROM customers WHERE order_count > 0
             ORDER BY spent DESC, id LIMIT $1) t`,
      [limit],
    )
  }

  private async json(sql: string, values: unknown[] = []): Promise<RawJson> {
    const [row] = await this.database.query<{ json: RawJson }>(sql, values)
    return row!.json
  }
}
