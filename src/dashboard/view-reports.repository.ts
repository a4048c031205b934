import { Injectable } from '@nestjs/common'
import { Database } from '../infrastructure/database/database.js'
import type { RawJson } from '../common/decorators/raw-json-response.decorator.js'
import { jsonObject, pageText } from '../infrastructure/database/json-sql.js'
import type { CountryRevenueQuery } from './reports.dto.js'

const COUNTRY_REVENUE = jsonObject({
  country: 't.country',
  productId: 't.product_id',
  productName: 't.product_name',
  totalRevenue: 'trim_scale(t.total_revenue)',
  transactions: 't.transactions',
})
const TOP_PRODUCT = jsonObject({
  productId: 't.product_id',
  productName: 't.product_name',
  purchaseCount: 't.purchase_count',
  stockQuantity: 't.stock_quantity',
})
const MONTHLY_SALES = jsonObject({
  month: `to_char(t.month, 'YYYY-MM')`,
  transactions: 't.transactions',
  itemsSold: 't.items_sold',
  revenue: 'trim_scale(t.revenue)',
})
const REGION_REVENUE = jsonObject({
  region: 't.region',
  totalRevenue: 'trim_scale(t.total_revenue)',
  itemsSold: 't.items_sold',
})

/** The reports on the materialized views, each a JSON object without `refreshedAt`. */
@Injectable()
export class ViewReportsRepository {
  constructor(private readonly database: Database) {}

  async countryRevenue({ country, limit, offset }: CountryRevenueQuery): Promise<RawJson> {
    const from = 'FROM mv_country_product_revenue t WHERE $1::text IS NULL OR t.country = $1'
    const [row] = await this.database.query<{ data: RawJson; total: string }>(
      `SELECT (SELECT count(*) ${from}) AS total, coalesce(json_agg(${COUNTRY_REVENUE}), '[]')::text AS data
       FROM (SELECT * ${from} ORDER BY t.country, t.total_revenue DESC, t.product_id LIMIT $2 OFFSET $3) t`,
      [country ?? null, limit, offset],
    )
    return pageText(row!.data, { limit, offset }, Number(row!.total))
  }

  topProducts(): Promise<RawJson> {
    return this.list(TOP_PRODUCT, 'mv_top_product t', 't.purchase_count DESC, t.product_id')
  }

  monthlySales(year?: number): Promise<RawJson> {
    const from = 'mv_monthly_sales t WHERE $1::int IS NULL OR extract(year FROM t.month) = $1'
    return this.list(MONTHLY_SALES, from, 't.month', [year ?? null])
  }

  regionRevenue(): Promise<RawJson> {
    const from = '(SELECT * FROM mv_region_revenue ORDER BY total_revenue DESC, region LIMIT 30) t'
    return this.list(REGION_REVENUE, from, 't.total_revenue DESC, t.region')
  }

  private async list(json: string, from: string, order: string, values: unknown[] = []): Promise<RawJson> {
    const [row] = await this.database.query<{ data: RawJson }>(
      `SELECT coalesce(json_agg(${json} ORDER BY ${order}), '[]')::text AS data FROM ${from}`,
      values,
    )
    return `{"data":${row!.data}}`
  }
}
