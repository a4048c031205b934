/** A declared dataset of 25 columns of all types, as a shop's export has them. */
export const WIDE = {
  name: 'wide',
  columns: [
    { name: 'order_id', type: 'text', required: true },
    { name: 'line', type: 'integer', required: true },
    { name: 'ordered_at', type: 'timestamp' },
    { name: 'shipped_on', type: 'date' },
    ...['country', 'region', 'category', 'segment', 'channel'].map((name) => ({
      ...{ name, type: 'text', lowCardinality: true },
    })),
    { name: 'customer', type: 'text' },
    { name: 'product', type: 'text' },
    { name: 'product_name', type: 'text' },
    ...['price', 'discount', 'tax', 'shipping', 'cost', 'total'].map((name) => ({ name, type: 'decimal' })),
    ...['pieces', 'stock', 'points'].map((name) => ({ name, type: 'integer' })),
    ...['weight', 'rating'].map((name) => ({ name, type: 'number' })),
    ...['is_gift', 'is_returned'].map((name) => ({ name, type: 'boolean' })),
  ],
  key: ['order_id', 'line'],
  timeDimension: 'ordered_at',
  measures: [
    { name: 'revenue', type: 'sum', column: 'total' },
    { name: 'average_price', type: 'avg', column: 'price' },
    { name: 'customers', type: 'countDistinct', column: 'customer' },
    { name: 'returned', type: 'count', filters: [{ member: 'is_returned', operator: 'equals', values: [true] }] },
    { name: 'margin', type: 'sum', column: 'cost' },
    { name: 'share_of_cost', type: 'ratio', numerator: 'margin', denominator: 'revenue' },
  ],
}

const cents = (seed: number, most: number): string => `toDecimal64((cityHash64(number, ${seed}) % ${most}) / 100, 2)`
const one = (seed: number, of: string): string => `arrayElement(${of}, 1 + cityHash64(number, ${seed}) % length(${of}))`
const list = (...texts: string[]): string => `[${texts.map((text) => `'${text}'`).join(', ')}]`

/** Its rows, made by ClickHouse itself. */
export function wideRowsSql(rows: number): string {
  const columns = {
    order_id: `concat('O-', leftPad(toString(intDiv(number, 3)), 9, '0'))`,
    line: 'number % 3',
    ordered_at: `formatDateTime(toDateTime('2021-01-01 00:00:00', 'UTC') + intDiv(number * 126230400, ${rows}), '%Y-%m-%dT%H:%i:%SZ')`,
    shipped_on: `toDate('2021-01-03') + intDiv(number * 1461, ${rows})`,
    country: one(1, list('Germany', 'France', 'Italy', 'Norway', 'Spain', 'Japan', 'Brazil', 'Canada')),
    region: one(2, list('North', 'South', 'East', 'West', '')),
    category: one(3, list('Toys', 'Books', 'Garden', 'Kitchen', 'Sports', 'Office')),
    segment: one(4, list('Consumer', 'Corporate', 'Home office')),
    channel: one(5, list('web', 'shop', 'phone')),
    customer: `concat('C-', toString(cityHash64(number, 6) % 500000))`,
    product: `concat('P-', toString(cityHash64(number, 7) % 20000))`,
    product_name: `concat(${one(8, list('Red', 'Blue', 'Small', 'Large'))}, ' ', ${one(9, list('robot', 'lamp', 'chair', 'pen, black', 'ball'))})`,
    price: cents(10, 20_000),
    discount: cents(11, 500),
    tax: cents(12, 4_000),
    shipping: cents(13, 1_500),
    cost: cents(14, 12_000),
    total: cents(15, 60_000),
    pieces: '1 + cityHash64(number, 16) % 12',
    stock: 'cityHash64(number, 17) % 1000',
    points: 'toInt32(cityHash64(number, 18) % 2000) - 1000',
    weight: '(cityHash64(number, 19) % 100000) / 1000',
    rating: '1 + (cityHash64(number, 20) % 41) / 10',
    is_gift: `if(cityHash64(number, 21) % 10 = 0, 'true', 'false')`,
    is_returned: `if(cityHash64(number, 22) % 20 = 0, 'yes', 'no')`,
  }
  const select = Object.entries(columns).map(([name, sql]) => `${sql} AS ${name}`)
  return `SELECT ${select.join(', ')} FROM numbers(${rows})`
}

export const WIDE_QUERIES = [
  { title: 'everything in one row', query: { measures: ['rows', 'revenue', 'average_price', 'share_of_cost'] } },
  {
    title: 'revenue by month',
    query: { measures: ['revenue', 'returned'], timeDimension: { dimension: 'ordered_at', granularity: 'month' } },
  },
  {
    title: 'by country and category',
    query: { measures: ['revenue', 'average_price'], dimensions: ['country', 'category'] },
  },
  {
    title: 'customers by segment in a year',
    query: {
      measures: ['customers'],
      dimensions: ['segment'],
      timeDimension: { dimension: 'ordered_at', dateRange: ['2023-01-01', '2023-12-31'] },
    },
  },
  {
    title: 'one day, one category',
    query: {
      measures: ['rows', 'revenue'],
      dimensions: ['country'],
      timeDimension: { dimension: 'ordered_at', dateRange: ['2023-06-15'] },
      filters: [{ member: 'category', operator: 'equals', values: ['Toys'] }],
    },
  },
  {
    title: 'one order',
    query: {
      select: ['order_id', 'line', 'product_name', 'total'],
      filters: [{ member: 'order_id', operator: 'equals', values: ['O-000100000'] }],
    },
  },
  {
    title: '20 products by revenue',
    query: { measures: ['revenue'], dimensions: ['product'], order: [['revenue', 'desc']], limit: 20 },
  },
].map(({ title, query }) => ({ title, query: { dataset: 'wide', ...query } }))
