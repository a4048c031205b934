import { ApiExtraModels, ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger'
import { MAX_VALUES, OPERATOR_NAMES } from './operators.js'
import { GRANULARITIES } from './question.js'
import { RELATIVE_RANGES } from './relative-range.js'
import { DEFAULT_LIMIT, MAX_LIMIT } from './question-reader.js'

// The classes of the request describe it for people; the question reader checks it, because it can name everything that
// is wrong at once, and because a body may be nested deeper than a recursive validator survives.

export class QueryCondition {
  @ApiProperty({ description: 'a dimension or a measure', example: 'category' }) member: string
  @ApiProperty({ enum: OPERATOR_NAMES, example: 'equals' }) operator: string

  @ApiPropertyOptional({
    description: `any of them (up to ${MAX_VALUES}); left out for set and notSet; [from, to], [day] or ["last 7 days"] for the date ranges`,
    type: 'array',
    items: { oneOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }] },
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
      'for timestamps, and hold the moment at which it begins',
    example: 'month',
  })
  granularity?: string

  @ApiPropertyOptional({
    ...RANGE,
    description:
      "[from, to], both included; one day; or a range from today in the question's `timezone`: " +
      `${RELATIVE_RANGES}. Weeks begin on Monday; "this month" is the whole month; "last 7 days" are the seven before ` +
      'today, and "last 2 months" the two whole ones before this one. For timestamps also moments with their offset.',
    examples: [['2024-01-01', '2024-12-31'], 'last 30 days', '2024-01-01'],
  })
  dateRange?: string | string[]

  @ApiPropertyOptional({
    type: 'array',
    items: RANGE,
    minItems: 2,
    maxItems: 4,
    description:
      'in place of dateRange: what the question gives for each of these ranges, told apart by the column ' +
      '`compareDateRange` ("2024-01-01 - 2024-12-31"; moments as answers write them). The ranges come in this order, one ' +
      'after the other, unless `order` names that column; limit, offset and total are of all of them together.',
    examples: [['this month', ['2024-01-01', '2024-01-31']]],
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
    description: 'of columns of the question; ties end with the dimensions ascending; null comes last',
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
  @ApiPropertyOptional({ default: false, description: 'count all groups or rows into page.total' }) total?: boolean

  @ApiPropertyOptional({
    default: 'UTC',
    description:
      'name of a time zone: where today is looked up, and in which timestamps are cut into days and hours; dates have none',
    example: 'UTC',
  })
  timezone?: string

  @ApiPropertyOptional({
    default: false,
    description: 'adds query.explain: how the answer came about (JSON answers only)',
  })
  explain?: boolean
}

export class QueryColumn {
  @ApiProperty({ example: 'revenue' }) name: string
  @ApiProperty({ enum: ['text', 'date', 'timestamp', 'decimal', 'integer'], example: 'decimal' }) type: string
}

export class QueryPage {
  @ApiProperty({ example: 100 }) limit: number
  @ApiProperty({ example: 0 }) offset: number
  @ApiProperty({ example: 3 }) returned: number

  @ApiProperty({ type: 'integer', nullable: true, description: 'null unless "total": true asked for it', example: 3 })
  total: number | null
}

/** A question as the engine gets it. */
class CompiledStatement {
  @ApiProperty({ example: 'SELECT\n  count() AS `transactions`\nFROM `transactions` AS t FINAL\nLIMIT 100 OFFSET 0' })
  sql: string

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'bound to {name:Type}',
    example: { p0: 'Toys' },
  })
  params: Record<string, unknown>
}

export class QueryExplanation extends CompiledStatement {
  @ApiProperty({ description: 'rows that the engine looked at when it made this answer', example: 9994 })
  rowsRead: number

  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: 'how long the cache has had it; null when it comes from the engine',
    example: 1250,
  })
  cacheAgeMs: number | null
}

export class QueryFacts {
  @ApiProperty({ example: '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11' }) id: string
  @ApiProperty({ example: 'transactions' }) dataset: string
  @ApiProperty({ description: 'answered without asking the engine' }) cached: boolean
  @ApiProperty({ example: 4.2 }) elapsedMs: number
  @ApiProperty({ description: 'rows that the engine looked at; 0 when cached', example: 9994 }) rowsRead: number
  @ApiPropertyOptional({ description: 'with "explain": true' }) explain?: QueryExplanation
}

export class QueryCredits {
  @ApiProperty({ example: 1 }) charged: number
  @ApiProperty({ example: 99 }) remaining: number
}

export class QueryAnswer {
  @ApiProperty({
    type: 'array',
    items: { type: 'object', additionalProperties: true },
    example: [{ country: 'Germany', revenue: 12345.6789, transactions: 42 }],
  })
  data: Record<string, unknown>[]

  @ApiProperty({ type: [QueryColumn] }) columns: QueryColumn[]
  @ApiProperty() page: QueryPage
  @ApiProperty() query: QueryFacts
  @ApiProperty() credits: QueryCredits
}

export class DryRunAnswer extends CompiledStatement {
  @ApiProperty({ example: 1 }) costCredits: number
  @ApiProperty({ description: 'rows that the engine expects to look at', example: 9994 }) estimatedRows: number
}
