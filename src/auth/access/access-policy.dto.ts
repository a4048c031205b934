import { applyDecorators } from '@nestjs/common'
import { ApiExtraModels, ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { Type } from 'class-transformer'
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsObject,
  IsOptional,
  IsString,
  MaxLength,
  ValidateIf,
  ValidateNested,
} from 'class-validator'
import { MayBeAbsent } from '../../common/decorators/may-be-absent.decorator.js'
import { HasNamedKeys, NamedKeys } from '../../common/pipes/named-keys.js'
import type { DatasetPolicy, PolicyFilter } from './access-policy.js'

const MAX_ENDPOINTS = 1_000

/** What of a dataset exists for the caller. */
export class DatasetAccess {
  @ApiPropertyOptional({
    type: [String],
    nullable: true,
    description:
      'dimensions and measures; null or absent: all, those to come included; an empty list: the dataset does not exist. ' +
      'A measure is a member of its own: it may be computed from columns that are not named',
    example: ['country', 'transaction_date', 'revenue'],
  })
  members?: string[] | null

  @ApiPropertyOptional({
    type: 'array',
    items: { type: 'object', additionalProperties: true },
    description: "the rows that exist, as a query's filters on dimensions; their days are those of UTC",
    example: [{ member: 'country', operator: 'equals', values: ['Germany'] }],
  })
  filters?: PolicyFilter[]
}

const DATASETS = {
  type: 'object' as const,
  additionalProperties: { $ref: '#/components/schemas/DatasetAccess' },
  example: {
    transactions: {
      members: ['country', 'transaction_date', 'revenue'],
      filters: [{ member: 'country', operator: 'equals', values: ['Germany'] }],
    },
  },
}

const ENDPOINTS = {
  oneOf: [
    { type: 'array', items: { type: 'string' } },
    { type: 'string', enum: ['*'] },
  ],
  example: ['sales-by-country'],
}

/** What is not named does not exist for the caller: the same errors as for an unknown name, and in no list. */
@ApiExtraModels(DatasetAccess)
export class AccessPolicyBody {
  @ApiPropertyOptional({ ...DATASETS, description: 'by name; none when absent' })
  @MayBeAbsent()
  @NamedKeys()
  @IsObject()
  datasets?: Record<string, Partial<DatasetPolicy>>

  @ApiPropertyOptional({
    ...ENDPOINTS,
    description: 'names of endpoints, "*" for all; none when absent. Filters of their datasets hold for them too',
  })
  @ValidateIf((_body, endpoints) => endpoints !== '*' && endpoints !== undefined)
  @IsArray({ message: 'must be a list of names, or "*" for all' })
  @ArrayMaxSize(MAX_ENDPOINTS)
  @IsString({ each: true })
  @MaxLength(255, { each: true })
  endpoints?: string[] | '*'

  /**
   * The dashboards, the metrics and the live streams, which show all rows; false when absent
   * @example false
   */
  @MayBeAbsent()
  @IsBoolean()
  dashboards?: boolean
}

/** The field of a body that sets a policy; null takes it away. AccessPoliciesService checks what it names. */
export function IsAccessPolicy(description: string): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ type: AccessPolicyBody, nullable: true, description }),
    IsOptional(),
    IsObject(),
    HasNamedKeys('datasets'),
    ValidateNested(),
    Type(() => AccessPolicyBody),
  )
}

/** As it is stored: complete. */
@ApiExtraModels(DatasetAccess)
export class AccessPolicyInfo {
  @ApiProperty(DATASETS)
  datasets: Record<string, DatasetPolicy>

  @ApiProperty(ENDPOINTS)
  endpoints: string[] | '*'

  /** @example false */
  dashboards: boolean
}
