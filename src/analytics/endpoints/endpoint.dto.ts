import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { Type } from 'class-transformer'
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsDefined,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator'
import { IsCleanText } from '../../common/decorators/clean-text.decorator.js'
import { MayBeAbsent } from '../../common/decorators/may-be-absent.decorator.js'
import type { FilterValue } from '../../datasets/filters/operators.js'
import { QueryColumn } from '../query.dto.js'
import { PARAMETER_TYPES, type ParameterType } from './endpoint.js'

export const NAME_PATTERN = /^[a-z][a-z0-9_-]{0,62}$/
const PARAMETER_NAME = /^[A-Za-z][A-Za-z0-9_]{0,62}$/
const MAX_PARAMETERS = 50
const MAX_ALLOWED_VALUES = 500
const MAX_CREDITS = 1_000_000
const MAX_CACHE_SECONDS = 86_400

const VALUE = [{ type: 'string' as const }, { type: 'number' as const, format: 'double' }, { type: 'boolean' as const }]

export class EndpointParameterBody {
  /** @example 'country' */
  @Matches(PARAMETER_NAME, {
    message: 'must begin with a letter, then letters, digits and _, at most 63 characters',
  })
  name: string

  @ApiProperty({
    enum: PARAMETER_TYPES,
    description: 'number is a decimal, taken with all of its digits; date is YYYY-MM-DD',
    example: 'text',
  })
  @IsIn(PARAMETER_TYPES)
  type: ParameterType

  @ApiPropertyOptional({
    description:
      'whether a request must have it; left out: it must unless it has a default. Where one that is neither required nor has ' +
      'a default is not given, the filter, date range or limit that it stands in is left out',
    example: true,
  })
  @MayBeAbsent()
  @IsBoolean()
  required?: boolean

  @ApiPropertyOptional({
    oneOf: [...VALUE, { type: 'array', items: { oneOf: VALUE } }],
    description: 'stands for it where a request does not give it; a list where it stands among the values of a filter',
    example: 'Germany',
  })
  @MayBeAbsent()
  @IsDefined()
  default?: FilterValue | FilterValue[]

  @ApiPropertyOptional({
    type: 'array',
    items: { oneOf: VALUE },
    description: 'the only values that it may have',
    example: ['Germany', 'France'],
  })
  @MayBeAbsent()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_ALLOWED_VALUES)
  values?: FilterValue[]

  /** @example 'Where it was sold' */
  @MayBeAbsent()
  @IsCleanText(500, 0)
  description?: string
}

export class EndpointBody {
  /** @example 'Revenue by category' */
  @IsCleanText(255)
  title: string

  /** @example 'Revenue and transactions of a country, by category' */
  @MayBeAbsent()
  @IsCleanText(2000, 0)
  description?: string

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description:
      'as the body of `POST /v1/query`; `{"param":"country"}` may stand where a value stands: in the values of filters, in ' +
      'dateRange and compareDateRange, as limit and offset',
    example: {
      dataset: 'transactions',
      measures: ['revenue', 'transactions'],
      dimensions: ['category'],
      filters: [{ member: 'country', operator: 'equals', values: [{ param: 'country' }] }],
      order: [['revenue', 'desc']],
    },
  })
  @IsObject()
  query: Record<string, unknown>

  @ApiPropertyOptional({ type: [EndpointParameterBody], maxItems: MAX_PARAMETERS })
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(MAX_PARAMETERS)
  @ValidateNested({ each: true })
  @Type(() => EndpointParameterBody)
  parameters?: EndpointParameterBody[]

  @ApiPropertyOptional({
    type: 'integer',
    nullable: true,
    minimum: 0,
    maximum: MAX_CREDITS,
    description: "what a request costs in any format; the dataset's price where it is left out",
    example: 2,
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MAX_CREDITS)
  costCredits?: number | null

  @ApiPropertyOptional({
    type: 'integer',
    nullable: true,
    minimum: 0,
    maximum: MAX_CACHE_SECONDS,
    description:
      'for how long a result may be reused although the data has changed (JSON); left out or 0: a change of the data is in the next response',
    example: 300,
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MAX_CACHE_SECONDS)
  cacheSeconds?: number | null
}

/** A named query as it is declared. */
export class EndpointResponse {
  @ApiProperty({ format: 'uuid', example: '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11' }) id: string
  @ApiProperty({ example: 'revenue-by-category' }) name: string
  @ApiProperty({ example: 'Revenue by category' }) title: string
  @ApiProperty({ example: 'Revenue and transactions of a country, by category' }) description: string
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    example: { dataset: 'transactions', measures: ['revenue'], dimensions: ['category'] },
  })
  query: Record<string, unknown>
  @ApiProperty({ type: [EndpointParameterBody] }) parameters: EndpointParameterBody[]
  @ApiProperty({ type: 'integer', nullable: true, description: "null: the dataset's price", example: 2 })
  costCredits: number | null
  @ApiProperty({ type: 'integer', nullable: true, example: 300 }) cacheSeconds: number | null
  @ApiProperty({ description: 'counts the changes', example: 1 }) revision: number
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'why it cannot be executed: its query does not fit the datasets any more; null when it can',
    example: null,
  })
  broken: string | null
  @ApiProperty({ format: 'date-time', example: '2026-01-15T09:30:00.000Z' }) createdAt: string
  @ApiProperty({ format: 'date-time', example: '2026-01-15T09:30:00.000Z' }) updatedAt: string
}

export class AvailableParameter extends EndpointParameterBody {
  @ApiProperty({ description: 'whether a request must have it', example: true }) declare required: boolean
  @ApiProperty({ description: 'whether it may be given several times: any of the values', example: true })
  repeatable: boolean
}

/** An endpoint as its callers see it. */
export class AvailableEndpoint {
  @ApiProperty({ example: 'revenue-by-category' }) name: string
  @ApiProperty({ example: 'Revenue by category' }) title: string
  @ApiProperty({ example: 'Revenue and transactions of a country, by category' }) description: string
  @ApiProperty({ example: '/v1/endpoints/revenue-by-category' }) path: string
  @ApiProperty({ type: [AvailableParameter] }) parameters: AvailableParameter[]
  @ApiProperty({ type: [QueryColumn], description: 'of its results' }) columns: QueryColumn[]
  @ApiProperty({ description: 'what a request costs in JSON, before perMillionRows', example: 2 }) costCredits: number
  @ApiProperty({ description: 'what it costs in another format, before perMillionRows', example: 2 })
  exportCostCredits: number
  @ApiProperty({
    type: 'integer',
    description:
      'credits on top for each begun million of the rows to be read; 0 where the endpoint has a cost of its own',
    example: 0,
  })
  perMillionRows: number
  @ApiProperty({ type: 'integer', nullable: true, example: 300 }) cacheSeconds: number | null
}

const PART = { type: 'object' as const, additionalProperties: true, example: {} }

/** OpenAPI 3.1 */
export class OpenApiDocument {
  @ApiProperty({ example: '3.1.0' }) openapi: string
  @ApiProperty(PART) info: object
  @ApiProperty({ type: 'array', items: PART, example: [{ url: '/' }] }) servers: object[]
  @ApiProperty({ type: 'array', items: PART, example: [{ apiKey: [] }] }) security: object[]
  @ApiProperty({ type: 'array', items: PART, example: [{ name: 'Endpoints' }] }) tags: object[]
  @ApiProperty({ ...PART, description: 'one for each endpoint' }) paths: object
  @ApiProperty(PART) components: object
}
