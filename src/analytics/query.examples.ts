import { getSchemaPath, type ApiBodyOptions, type ApiResponseNoStatusOptions } from '@nestjs/swagger'
import { MEDIA_TYPES } from './execution/response-formats.js'
import { QueryResponse } from './query.dto.js'

type Examples = Extract<ApiBodyOptions, { examples?: unknown }>['examples']

/** Queries to try out in Swagger UI. */
export const QUERY_EXAMPLES: Examples = {
  groups: {
    summary: 'Revenue by country and month',
    value: {
      dataset: 'transactions',
      measures: ['revenue', 'transactions'],
      dimensions: ['country'],
      timeDimension: {
        dimension: 'transaction_date',
        granularity: 'month',
        dateRange: ['2024-01-01', '2024-12-31'],
      },
      order: [['revenue', 'desc']],
      limit: 100,
      total: true,
    },
  },
  filters: {
    summary: 'Groups that are large enough',
    value: {
      dataset: 'transactions',
      measures: ['revenue', 'transactions'],
      dimensions: ['category'],
      filters: [
        { member: 'country', operator: 'notEquals', values: ['France'] },
        {
          or: [
            { member: 'revenue', operator: 'gt', values: ['1000'] },
            { member: 'transactions', operator: 'gte', values: ['5'] },
          ],
        },
      ],
    },
  },
  relative: {
    summary: 'The last 30 days, with an explanation',
    value: {
      dataset: 'transactions',
      measures: ['revenue', 'transactions'],
      timeDimension: { dimension: 'transaction_date', granularity: 'day', dateRange: 'last 30 days' },
      timezone: 'Europe/Berlin',
      explain: true,
    },
  },
  compare: {
    summary: 'Two years side by side',
    value: {
      dataset: 'transactions',
      measures: ['revenue'],
      dimensions: ['category'],
      timeDimension: {
        dimension: 'transaction_date',
        compareDateRange: [
          ['2024-01-01', '2024-12-31'],
          ['2023-01-01', '2023-12-31'],
        ],
      },
      order: [['revenue', 'desc']],
    },
  },
  events: {
    summary: 'Events of each hour in Berlin, with the sum of one of their values',
    value: {
      dataset: 'events',
      measures: ['events', 'sum(values.amount)'],
      dimensions: ['type', 'values.region'],
      timeDimension: { dimension: 'timestamp', granularity: 'hour', dateRange: ['2026-01-15', '2026-01-16'] },
      timezone: 'Europe/Berlin',
    },
  },
  rows: {
    summary: 'Rows',
    value: {
      dataset: 'transactions',
      select: ['transaction_id', 'transaction_date', 'country', 'total_price'],
      order: [['total_price', 'desc']],
      limit: 10,
    },
  },
}

const file = { schema: { type: 'string', format: 'binary' } } as const

/** JSON, or a file in one of the export formats. */
export const QUERY_RESPONSE_CONTENT: ApiResponseNoStatusOptions = {
  description: 'The result',
  headers: {
    'x-credits-charged': { description: 'credits that this query cost', schema: { type: 'integer' } },
    'x-credits-remaining': { description: 'credits that are left', schema: { type: 'integer' } },
  },
  content: Object.fromEntries(
    MEDIA_TYPES.map((mediaType) => [
      mediaType,
      mediaType === 'application/json' ? { schema: { $ref: getSchemaPath(QueryResponse) } } : file,
    ]),
  ),
}
