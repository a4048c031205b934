import { conditionsOf } from '../../filters/filter'
import type { Dataset } from './datasets'
import { examplesOfDataset } from './dataset-examples'
import { columnsOf, type Example, type ExploreQuery } from './query'

const EXAMPLES: readonly Example[] = [
  {
    title: 'Revenue by category',
    query: {
      dataset: 'transactions',
      measures: ['revenue', 'transactions'],
      dimensions: ['category'],
      order: [['revenue', 'desc']],
    },
  },
  {
    title: 'Revenue by month',
    query: {
      dataset: 'transactions',
      measures: ['revenue'],
      timeDimension: { dimension: 'transaction_date', granularity: 'month' },
      order: [['transaction_date', 'asc']],
      limit: 500,
    },
  },
  {
    title: 'The ten products that bring in most',
    query: {
      dataset: 'transactions',
      measures: ['revenue', 'items_sold'],
      dimensions: ['product_name'],
      order: [['revenue', 'desc']],
      limit: 10,
    },
  },
  {
    title: 'Revenue by quarter and category',
    query: {
      dataset: 'transactions',
      measures: ['revenue'],
      dimensions: ['category'],
      timeDimension: { dimension: 'transaction_date', granularity: 'quarter' },
      order: [['transaction_date', 'asc']],
      limit: 1000,
    },
  },
  {
    title: 'Countries with more than 100 transactions',
    query: {
      dataset: 'transactions',
      measures: ['transactions', 'unique_users', 'average_order_value'],
      dimensions: ['country'],
      filters: [{ member: 'transactions', operator: 'gt', values: ['100'] }],
      order: [['transactions', 'desc']],
    },
  },
  {
    title: 'The largest sales, row by row',
    query: {
      dataset: 'transactions',
      select: ['transaction_id', 'transaction_date', 'country', 'product_name', 'quantity', 'total_price'],
      order: [['total_price', 'desc']],
      limit: 20,
    },
  },
  {
    title: 'Events by type',
    query: { dataset: 'events', measures: ['events'], dimensions: ['type'], order: [['events', 'desc']] },
  },
  {
    title: 'Events by hour and source',
    query: {
      dataset: 'events',
      measures: ['events'],
      dimensions: ['source'],
      timeDimension: { dimension: 'timestamp', granularity: 'hour' },
      order: [['timestamp', 'asc']],
      limit: 1000,
    },
  },
]

/** The examples that fit the datasets of this server; those of the chosen one come first. */
export function examplesFor(datasets: readonly Dataset[], chosen: Dataset): Example[] {
  const isWritten = EXAMPLES.some(({ query }) => query.dataset === chosen.name)
  if (!isWritten) return examplesOfDataset(chosen)
  return EXAMPLES.filter(({ query }) => {
    const known = datasets.find(({ name }) => name === query.dataset)?.members.map(({ name }) => name)
    return namesIn(query).every((name) => known?.includes(name))
  })
}

function namesIn(query: ExploreQuery): string[] {
  return [...columnsOf(query), ...conditionsOf(query.filters ?? []).map(({ member }) => member)]
}
