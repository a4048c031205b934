import type { Dataset } from './datasets'
import { columnsOf, isCondition, type Question } from './question'

export interface Example {
  title: string
  question: Question
}

const EXAMPLES: readonly Example[] = [
  {
    title: 'Revenue by category',
    question: {
      dataset: 'transactions',
      measures: ['revenue', 'transactions'],
      dimensions: ['category'],
      order: [['revenue', 'desc']],
    },
  },
  {
    title: 'Revenue by month',
    question: {
      dataset: 'transactions',
      measures: ['revenue'],
      timeDimension: { dimension: 'transaction_date', granularity: 'month' },
      order: [['transaction_date', 'asc']],
      limit: 500,
    },
  },
  {
    title: 'The ten products that bring in most',
    question: {
      dataset: 'transactions',
      measures: ['revenue', 'items_sold'],
      dimensions: ['product_name'],
      order: [['revenue', 'desc']],
      limit: 10,
    },
  },
  {
    title: 'Revenue by quarter and category',
    question: {
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
    question: {
      dataset: 'transactions',
      measures: ['transactions', 'unique_users', 'average_order_value'],
      dimensions: ['country'],
      filters: [{ member: 'transactions', operator: 'gt', values: ['100'] }],
      order: [['transactions', 'desc']],
    },
  },
  {
    title: 'The largest sales, row by row',
    question: {
      dataset: 'transactions',
      select: ['transaction_id', 'transaction_date', 'country', 'product_name', 'quantity', 'total_price'],
      order: [['total_price', 'desc']],
      limit: 20,
    },
  },
  {
    title: 'Events by type',
    question: { dataset: 'events', measures: ['events'], dimensions: ['type'], order: [['events', 'desc']] },
  },
  {
    title: 'Events by hour and source',
    question: {
      dataset: 'events',
      measures: ['events'],
      dimensions: ['source'],
      timeDimension: { dimension: 'timestamp', granularity: 'hour' },
      order: [['timestamp', 'asc']],
      limit: 1000,
    },
  },
]

/** Those that this server's datasets can answer. */
export function examplesFor(datasets: readonly Dataset[]): Example[] {
  return EXAMPLES.filter(({ question }) => {
    const known = datasets.find(({ name }) => name === question.dataset)?.members.map(({ name }) => name)
    return namesIn(question).every((name) => known?.includes(name))
  })
}

function namesIn(question: Question): string[] {
  return [...columnsOf(question), ...(question.filters ?? []).filter(isCondition).map(({ member }) => member)]
}
