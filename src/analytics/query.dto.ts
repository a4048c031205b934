import { ApiExtraModels, ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger'
import { COLUMN_TYPES } from '../datasets/dataset-definition.js'
import type { SqlParamValues } from '../datasets/filters/sql-params.js'
import { MAX_VALUES, OPERATOR_NAMES } from '../datasets/filters/operators.js'
import { GRANULARITIES } from './parsing/parsed-query.js'
import { RELATIVE_RANGES } from '../datasets/filters/relative-range.js'
import { DEFAULT_LIMIT, MAX_LIMIT } from './parsing/query-parser.js'

// The classes of the request describe it for people; QueryParser checks it, because it can name everything that
// is wrong at once, and because a body may be nested deeper than a recursive validator survives.

export class QueryCondition {
  @ApiProperty({ description: 'a dimension or a measure', example: 'category' }) member: string
  @ApiProperty({ enum: OPERATOR_NAMES, example: 'equals' }) operator: string

  @ApiPropertyOptional({
    description:
      `any of them (up to ${MAX_VALUES}); exactly one for gt, gte, lt, lte, beforeDate and afterDate; left out for set and ` +
      'notSet; [from, to], [day] or ["last 7 days"] for the date ranges',
    type: 'array',
    items: { oneOf: [{ type: 'string' }, { type: 'number', format: 'double' }, { type: 'boolean' }] },
    example: ['Toys'],
  })
  values?: (string | number | boolean)[]
}

const FILTERS = {
  type: 'array' as const,
  items: {
    oneOf: [
      { $ref: getSchemaPath(QueryCondition) },
      { $ref: '#/components/schemas/QueryAnyOf' },
      { $ref: '#/components/schemas/QueryAllOf' },
    ],
  },
}

export class QueryAnyOf {
  @ApiProperty({ ...FILTERS, description: 'at least one of them holds; measures and dimensions are not mixed' })
  or: unknown[]
}

export class QueryAllOf {
  @ApiProperty({ ...FILTERS, description: 'all of them hold' })
  and: unknown[]
}

const RANGE = {
  oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: 2 }],
}

export class QueryTimeDimension {
  @ApiProperty({ example: 'transaction_date' }) dimension: string

  @ApiPropertyOptional({
    enum: GRANULARITIES,
    description:
      'groups by period; the column is named by the dimension and holds the first day (weeks: Monday); minute and hour are ' +
      'for timestamps, and hold the time at which it begins',
    example: 'month',
  })
  granularity?: string

  @ApiPropertyOptional({
    ...RANGE,
    description:
      "[from, to], both included; one day; or a range relative to today in the query's `timezone`: " +
      `${RELATIVE_RANGES}. Weeks begin on Monday; "this month" is the whole month; "last 7 days" are the seven before ` +
      'today, and "last 2 months" the two whole ones before this one. For timestamps also date-times with their offset.',
    example: ['2024-01-01', '2024-12-31'],
  })
  dateRange?: string | string[]

  @ApiPropertyOptional({
    type: 'array',
    items: RANGE,
    minItems: 2,
    maxItems: 4,
    description:
      'in place of dateRange: the result for each of these ranges, with the column ' +
      '`compareDateRange` ("2024-01-01 - 2024-12-31"; timestamps as responses write them). The ranges come in this order, one ' +
      'after the other, unless `order` names that column; limit, offset and total are of all of them together.',
    example: ['this month', ['2024-01-01', '2024-01-31']],
  })
  compareDateRange?: (string | string[])[]
}

@ApiExtraModels(QueryCondition, QueryAnyOf, QueryAllOf)
export class QueryRequest {
  @ApiProperty({ example: 'transactions' }) dataset: string
  @ApiPropertyOptional({ type: [String], example: ['revenue', 'transactions'] }) measures?: string[]
  @ApiPropertyOptional({ type: [String], example: ['country'] }) dimensions?: string[]

  @ApiPropertyOptional({
    type: [String],
    description: 'rows instead of groups, in place of measures and dimensions',
    example: ['transaction_id', 'country', 'total_price'],
  })
  select?: string[]

  @ApiPropertyOptional() timeDimension?: QueryTimeDimension

  @ApiPropertyOptional({ ...FILTERS, description: 'all of them hold; and/or nest to depth 4' })
  filters?: unknown[]

  @ApiPropertyOptional({
    type: 'array',
    items: { type: 'array', items: { type: 'string' }, minItems: 2, maxItems: 2 },
    description: 'columns of the query; ties are ordered by the dimensions, ascending; null last',
    example: [['revenue', 'desc']],
  })
  order?: [string, 'asc' | 'desc'][]

  @ApiPropertyOptional({
    minimum: 1,
    maximum: MAX_LIMIT,
    default: DEFAULT_LIMIT,
    description: 'exports: no maximum, and none unless it is given',
  })
  limit?: number

  @ApiPropertyOptional({ minimum: 0, default: 0 }) offset?: number
  @ApiPropertyOptional({
    default: false,
    description: 'count all groups or rows into page.total, which reads them once more; not in exports',
  })
  total?: boolean

  @ApiPropertyOptional({
    default: 'UTC',
    description: 'IANA time zone used for "today" and to group timestamps by hour or day; dates have no time zone',
    example: 'UTC',
  })
  timezone?: string

  @ApiPropertyOptional({
    default: false,
    description: 'adds query.explain: how the result was made (JSON only)',
  })
  explain?: boolean

  @ApiPropertyOptional({
    minimum: 0,
    description: 'whole credits: a query that costs more is refused, and nothing is charged',
    example: 10,
  })
  maxCostCredits?: number
}

export class QueryColumn {
  @ApiProperty({ example: 'revenue' }) name: string
  @ApiProperty({ enum: COLUMN_TYPES, example: 'decimal' }) type: string
}

export class QueryPage {
  @ApiProperty({ example: 100 }) limit: number
  @ApiProperty({ example: 0 }) offset: number
  @ApiProperty({ example: 3 }) returned: number

  @ApiProperty({ type: 'integer', nullable: true, description: 'null unless the query has "total": true', example: 3 })
  total: number | null
}

/**
 * A query as it is sent to ClickHouse, but for FINAL, which is left out where that is proven to change nothing. Empty for a
 * caller with an access policy.
 */
export class CompiledStatement {
  @ApiPropertyOptional({
    description: 'not there where an access policy applies to the key or its user',
    example: 'SELECT\n  count() AS `transactions`\nFROM `transactions` AS t FINAL\nLIMIT 100 OFFSET 0',
  })
  sql?: string

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
    description: 'bound to {name:Type}',
    example: { p0: 'Toys' },
  })
  params?: SqlParamValues
}

export class QueryExplanation extends CompiledStatement {
  @ApiProperty({ description: 'rows that ClickHouse read for this result', example: 9994 })
  rowsRead: number

  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: 'how long it has been in the cache; null when it comes from ClickHouse',
    example: 1250,
  })
  cacheAgeMs: number | null
}

export class QueryFacts {
  @ApiProperty({ example: '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11' }) id: string
  @ApiProperty({ example: 'transactions' }) dataset: string
  @ApiProperty({ description: 'whether the result comes from the cache' }) cached: boolean
  @ApiProperty({ format: 'double', example: 4.2 }) elapsedMs: number
  @ApiProperty({ description: 'rows that ClickHouse read; 0 when cached', example: 9994 }) rowsRead: number
  @ApiPropertyOptional({ description: 'with "explain": true' }) explain?: QueryExplanation
}

export class QueryCredits {
  @ApiProperty({ description: '0 for the root key, which has no account', example: 1 }) charged: number
  @ApiProperty({ description: 'left on the account; 0 for the root key', example: 99 }) remaining: number
}

/** Of text, dates and timestamps; of decimals and integers. */
const RESULT_VALUES = [
  { type: 'string' as const, nullable: true },
  { type: 'number' as const, format: 'decimal' },
]

export class QueryResponse {
  @ApiProperty({
    type: 'array',
    items: { type: 'object', additionalProperties: { oneOf: RESULT_VALUES } },
    description: 'of each row the value of each column',
    example: [{ country: 'Germany', revenue: 12345.6789, transactions: 42 }],
  })
  data: Record<string, string | number | null>[]

  @ApiProperty({ type: [QueryColumn] }) columns: QueryColumn[]
  @ApiProperty() page: QueryPage
  @ApiProperty() query: QueryFacts
  @ApiProperty() credits: QueryCredits
}

export class DryRunResponse extends CompiledStatement {
  @ApiProperty({
    description: 'what an account pays in the format that Accept names; the root key has no account and pays nothing',
    example: 1,
  })
  costCredits: number
  @ApiProperty({ description: 'rows that ClickHouse expects to read', example: 9994 }) estimatedRows: number
}
