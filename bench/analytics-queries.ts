/** A query, and the same for PostgreSQL over a table of the same columns. */
export interface BenchQuery {
  title: string
  query: Record<string, unknown>
  postgres: string
}

const YEAR = ['2024-01-01', '2024-12-31']
const IN_YEAR = `transaction_date BETWEEN '2024-01-01' AND '2024-12-31'`

/** From the dashboard's reports to wide groups and the largest of many with filters. */
export const QUERIES: BenchQuery[] = [
  {
    title: 'everything in one row',
    query: { measures: ['transactions', 'revenue', 'items_sold', 'average_price'] },
    postgres: 'SELECT count(*), sum(total_price), sum(quantity), avg(price) FROM bench_sales',
  },
  {
    title: 'revenue by country and product (report)',
    query: {
      measures: ['revenue', 'transactions'],
      dimensions: ['country', 'product_id'],
      order: [
        ['country', 'asc'],
        ['revenue', 'desc'],
      ],
      limit: 50,
    },
    postgres: `SELECT country, product_id, sum(total_price), count(*) FROM bench_sales
      GROUP BY 1, 2 ORDER BY 1, 3 DESC LIMIT 50`,
  },
  {
    title: '20 products by items sold (report)',
    query: { measures: ['items_sold'], dimensions: ['product_id'], order: [['items_sold', 'desc']], limit: 20 },
    postgres: 'SELECT product_id, sum(quantity) FROM bench_sales GROUP BY 1 ORDER BY 2 DESC LIMIT 20',
  },
  {
    title: 'sales by month (report)',
    query: {
      measures: ['transactions', 'items_sold', 'revenue'],
      timeDimension: { dimension: 'transaction_date', granularity: 'month' },
    },
    postgres: `SELECT date_trunc('month', transaction_date), count(*), sum(quantity), sum(total_price)
      FROM bench_sales GROUP BY 1 ORDER BY 1`,
  },
  {
    title: '30 regions by revenue (report)',
    query: {
      measures: ['revenue', 'items_sold'],
      dimensions: ['region'],
      order: [['revenue', 'desc']],
      limit: 30,
    },
    postgres: 'SELECT region, sum(total_price), sum(quantity) FROM bench_sales GROUP BY 1 ORDER BY 2 DESC LIMIT 30',
  },
  {
    title: 'product report: by category, average price',
    query: { measures: ['average_price', 'unique_products', 'revenue'], dimensions: ['category'] },
    postgres: `SELECT category, avg(price), count(DISTINCT nullif(product_id, '')), sum(total_price) FROM bench_sales
      GROUP BY 1 ORDER BY 1`,
  },
  {
    title: 'top 10 customers (report)',
    query: {
      measures: ['revenue', 'transactions'],
      dimensions: ['user_id'],
      order: [['revenue', 'desc']],
      limit: 10,
    },
    postgres: 'SELECT user_id, sum(total_price), count(*) FROM bench_sales GROUP BY 1 ORDER BY 2 DESC LIMIT 10',
  },
  {
    title: 'unique users by country in a year',
    query: {
      measures: ['unique_users'],
      dimensions: ['country'],
      timeDimension: { dimension: 'transaction_date', dateRange: YEAR },
    },
    postgres: `SELECT country, count(DISTINCT nullif(user_id, '')) FROM bench_sales WHERE ${IN_YEAR} GROUP BY 1 ORDER BY 1`,
  },
  {
    title: 'one day, one category',
    query: {
      measures: ['revenue', 'transactions'],
      dimensions: ['country'],
      timeDimension: { dimension: 'transaction_date', dateRange: ['2024-06-15'] },
      filters: [{ member: 'category', operator: 'equals', values: ['Toys'] }],
    },
    postgres: `SELECT country, sum(total_price), count(*) FROM bench_sales
      WHERE transaction_date = '2024-06-15' AND category = 'Toys' GROUP BY 1 ORDER BY 1`,
  },
  {
    title: 'wide groups: country, category, product, month',
    query: {
      measures: ['revenue', 'transactions'],
      dimensions: ['country', 'category', 'product_id'],
      timeDimension: { dimension: 'transaction_date', granularity: 'month', dateRange: YEAR },
      order: [['revenue', 'desc']],
      limit: 100,
    },
    postgres: `SELECT country, category, product_id, date_trunc('month', transaction_date), sum(total_price), count(*)
      FROM bench_sales WHERE ${IN_YEAR} GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC LIMIT 100`,
  },
  {
    title: 'text filter, large groups only',
    query: {
      measures: ['revenue', 'transactions'],
      dimensions: ['product_name'],
      filters: [
        { member: 'product_name', operator: 'contains', values: ['robot'] },
        { member: 'transactions', operator: 'gt', values: ['5000'] },
      ],
      order: [['revenue', 'desc']],
      limit: 20,
    },
    postgres: `SELECT product_name, sum(total_price), count(*) FROM bench_sales WHERE product_name ILIKE '%robot%'
      GROUP BY 1 HAVING count(*) > 5000 ORDER BY 2 DESC LIMIT 20`,
  },
  {
    title: '100 largest rows of a country',
    query: {
      select: ['transaction_id', 'transaction_date', 'product_name', 'total_price'],
      filters: [{ member: 'country', operator: 'equals', values: ['Germany'] }],
      order: [['total_price', 'desc']],
      limit: 100,
    },
    postgres: `SELECT transaction_id, transaction_date, product_name, total_price FROM bench_sales
      WHERE country = 'Germany' ORDER BY total_price DESC LIMIT 100`,
  },
]

/** The row queries above, made as wide as a file: in the order of the key, which the engine reads in order. */
export const EXPORT = {
  select: [
    ...['transaction_id', 'transaction_date', 'user_id', 'country', 'region', 'product_id', 'product_name'],
    ...['category', 'price', 'quantity', 'total_price', 'stock_quantity', 'added_date'],
  ],
}

export const REPORTS = [
  ...['/api/revenue/countries', '/api/products/top', '/api/sales/monthly', '/api/revenue/regions'],
  ...['/v1/dashboard/overview', '/v1/dashboard/products', '/v1/dashboard/top-customers'],
]
