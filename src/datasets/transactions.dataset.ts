import type { ColumnDefinition, DatasetDefinition } from './dataset-definition.js'

/**
 * `sum / count` in exact decimals: 8 digits, rounded half away from zero, NULL over no rows. Dividing at 9 digits cuts
 * the rest off, which cannot change that rounding. Four times as fast as divideDecimal over many groups.
 */
function average(sum: string): string {
  const quotient = `toDecimal256(${sum}, 9) / toInt256(greatest(count(), 1))`
  return `if(count() = 0, NULL, toDecimal128(round(${quotient}, 8), 8))`
}

/**
 * Orders records from old to new by (added_date, transaction_date, transaction_id); a record without an added date is older
 * than any with one. As one text, whose bytes are in that order: with a tuple, argMax takes five times as long.
 */
export const LATEST_ROW_ORDER =
  'concat(reverse(reinterpretAsFixedString(bitOr(' +
  'bitShiftLeft(toUInt64(toInt64(ifNull(toInt32(t.added_date), -2147483648)) + 2147483648), 32), ' +
  'toUInt64(toInt64(toInt32(t.transaction_date)) + 2147483648)))), t.transaction_id)'

/** Exact number of different values of a text column. The empty value is no value, so it is nobody and nothing. */
function distinct(column: string): string {
  return `uniqExactIf(${column}, ${column} != '')`
}

/** The stock that the newest record of the group tells. */
const LATEST_STOCK = `if(count() = 0, NULL, argMax(t.stock_quantity, ${LATEST_ROW_ORDER}))`

type Options = Pick<ColumnDefinition, 'nullable'> & { required?: boolean }
type ColumnMaker = (column: string, member: string, title: string, options?: Options) => ColumnDefinition

function columnsOf(type: ColumnDefinition['type'], storage: ColumnDefinition['storage']): ColumnMaker {
  return (column, member, title, { required = false, ...options } = {}) => {
    return { column, member, type, storage, title, required, ...options }
  }
}

const text = columnsOf('text', 'String')
const date = columnsOf('date', 'Date32')
const amount = columnsOf('decimal', 'Decimal(18, 4)')
const count = columnsOf('integer', 'Int32')

/** Sales transactions: one record is one line of an invoice; a negative quantity is a return. */
export const TRANSACTIONS: DatasetDefinition = {
  name: 'transactions',
  title: 'Transactions',
  description: 'Sales transactions, one record per product sold; a negative quantity is a return.',
  table: 'transactions',
  derivesAmounts: true,
  key: ['transaction_id'],
  timeDimension: 'transaction_date',
  columns: [
    text('TransactionId', 'transaction_id', 'Transaction', { required: true }),
    date('TransactionDate', 'transaction_date', 'Transaction date', { required: true }),
    text('UserId', 'user_id', 'User'),
    text('Country', 'country', 'Country', { required: true }),
    text('Region', 'region', 'Region'),
    text('ProductId', 'product_id', 'Product', { required: true }),
    text('ProductName', 'product_name', 'Product name'),
    text('Category', 'category', 'Category'),
    amount('Price', 'price', 'Price'),
    count('Quantity', 'quantity', 'Quantity', { required: true }),
    amount('TotalPrice', 'total_price', 'Total price'),
    count('StockQuantity', 'stock_quantity', 'Stock quantity'),
    date('AddedDate', 'added_date', 'Added date', { nullable: true }),
  ],
  measures: [
    { name: 'transactions', sql: 'count()', storage: 'UInt64', title: 'Transactions', additive: true },
    { name: 'revenue', sql: 'sum(t.total_price)', storage: 'Decimal(38, 4)', title: 'Revenue', additive: true },
    { name: 'items_sold', sql: 'sum(t.quantity)', storage: 'Int64', title: 'Items sold', additive: true },
    {
      name: 'average_price',
      sql: average('sum(t.price)'),
      storage: 'Decimal(38, 8)',
      title: 'Average price',
      nullable: true,
    },
    {
      name: 'average_order_value',
      sql: average('sum(t.total_price)'),
      storage: 'Decimal(38, 8)',
      title: 'Average order value',
      description: 'revenue / transactions',
      nullable: true,
    },
    {
      name: 'unique_users',
      sql: distinct('t.user_id'),
      storage: 'UInt64',
      title: 'Unique users',
      description: 'Exact number of different values of user_id; rows without a user are left out.',
    },
    {
      name: 'unique_products',
      sql: distinct('t.product_id'),
      storage: 'UInt64',
      title: 'Unique products',
      description: 'Exact number of different values of product_id; rows without a product are left out.',
    },
    {
      name: 'latest_stock',
      sql: LATEST_STOCK,
      storage: 'Int32',
      title: 'Latest stock',
      description: 'stock_quantity of the row with the greatest (added_date, transaction_date, transaction_id).',
      nullable: true,
    },
  ],
}
