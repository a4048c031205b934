import { LATEST_ROW_ORDER, TRANSACTIONS } from '../datasets/transactions.dataset.js'

/** One rollup: pulled from ClickHouse into a table, on which one materialized view stands. */
export interface Rollup {
  view: string
  table: string
  /** columns of the table, in the order of the query's */
  columns: string[]
  /** over ClickHouse's table `t`; its FROM is the caller's */
  select: string
  groupBy: string
}

const measure = (name: string): string => TRANSACTIONS.measures.find((each) => each.name === name)!.sql

/** PostgreSQL holds no NUL in a text. */
const text = (column: string): string => `replaceAll(t.${column}, '\\0', '')`

/** The name that the product's newest record gives it, newest as in the measure latest_stock. */
const LATEST_NAME = `replaceAll(argMax(t.product_name, ${LATEST_ROW_ORDER}), '\\0', '')`

export const ROLLUPS: readonly Rollup[] = [
  {
    view: 'mv_country_product_revenue',
    table: 'rollup_country_products',
    columns: ['country', 'product_id', 'product_name', 'revenue', 'transactions'],
    select: `SELECT ${text('country')}, ${text('product_id')}, ${LATEST_NAME}, ${measure('revenue')}, ${measure('transactions')}`,
    groupBy: '1, 2',
  },
  {
    view: 'mv_top_product',
    table: 'rollup_products',
    columns: ['product_id', 'product_name', 'items_sold', 'stock_quantity'],
    select: `SELECT ${text('product_id')}, ${LATEST_NAME}, ${measure('items_sold')}, ${measure('latest_stock')}`,
    groupBy: '1',
  },
  {
    view: 'mv_monthly_sales',
    table: 'rollup_months',
    columns: ['month', 'transactions', 'items_sold', 'revenue'],
    select: `SELECT toStartOfMonth(t.transaction_date), ${measure('transactions')}, ${measure('items_sold')}, ${measure('revenue')}`,
    groupBy: '1',
  },
  {
    view: 'mv_region_revenue',
    table: 'rollup_regions',
    columns: ['region', 'revenue', 'items_sold'],
    select: `SELECT ${text('region')}, ${measure('revenue')}, ${measure('items_sold')}`,
    groupBy: '1',
  },
]
