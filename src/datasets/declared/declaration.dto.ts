import { ApiProperty, ApiPropertyOptional, OmitType, PartialType } from '@nestjs/swagger'
import { Type } from 'class-transformer'
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator'
import { IsCleanText } from '../../common/decorators/clean-text.decorator.js'
import { MayBeAbsent } from '../../common/decorators/may-be-absent.decorator.js'
import { DatasetInfo } from '../datasets.dto.js'
import type { FileOptions } from '../file-options.js'
import { DatasetColumn, NAME_PATTERN, NAME_RULE } from './dataset-column.dto.js'
import { MAX_COLUMNS } from './declaration.js'
import { DatasetMeasure } from './dataset-measure.dto.js'

const MAX_KEY = 4
const MAX_MEASURES = 200
const MAX_CREDITS = 1_000_000

/** What a query costs, in whole credits; QUERY_COST_CREDITS where it is left out. */
export class DatasetPriceBody {
  /** @example 1 */
  @MayBeAbsent()
  @IsInt()
  @Min(0)
  @Max(MAX_CREDITS)
  query?: number

  /** @example 5 */
  @MayBeAbsent()
  @IsInt()
  @Min(0)
  @Max(MAX_CREDITS)
  export?: number

  /** @example 0 */
  @MayBeAbsent()
  @IsInt()
  @Min(0)
  @Max(MAX_CREDITS)
  perMillionRows?: number
}

export class CreateDatasetBody {
  /** @example 'orders' */
  @Matches(NAME_PATTERN, NAME_RULE)
  name: string

  /** @example 'Orders' */
  @MayBeAbsent()
  @IsCleanText(255)
  title?: string

  /** @example 'Lines of the orders of our shops' */
  @MayBeAbsent()
  @IsCleanText(2000, 0)
  description?: string

  @ApiProperty({ type: [DatasetColumn], minItems: 1, maxItems: MAX_COLUMNS })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_COLUMNS)
  @ValidateNested({ each: true })
  @Type(() => DatasetColumn)
  columns: DatasetColumn[]

  @ApiPropertyOptional({
    type: [String],
    maxItems: MAX_KEY,
    description:
      'required columns that identify a row: one that is sent again replaces the older one; none: every row counts',
    example: ['row_id'],
  })
  @MayBeAbsent()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_KEY)
  @IsString({ each: true })
  @ArrayUnique({ message: 'must not name a column twice' })
  key?: string[]

  /**
   * The date or timestamp that periods are of; the only one where it is left out, none for null
   * @example 'order_date'
   */
  @IsOptional()
  @IsString()
  @MaxLength(64)
  timeDimension?: string | null

  @ApiPropertyOptional({ type: [DatasetMeasure], maxItems: MAX_MEASURES, description: '`rows` is always there' })
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(MAX_MEASURES)
  @ValidateNested({ each: true })
  @Type(() => DatasetMeasure)
  measures?: DatasetMeasure[]

  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => DatasetPriceBody)
  price?: DatasetPriceBody | null

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    description: 'how its files are written where an upload does not say otherwise',
    example: { decimalSeparator: ',', thousandsSeparator: '.' },
  })
  @MayBeAbsent()
  @IsObject()
  fileOptions?: FileOptions
}

/** What is left out stays as it is. */
export class UpdateDatasetBody extends PartialType(OmitType(CreateDatasetBody, ['name', 'columns', 'key'] as const), {
  skipNullProperties: false,
}) {
  @ApiPropertyOptional({ type: [DatasetColumn], maxItems: MAX_COLUMNS, description: 'null in the rows from before' })
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(MAX_COLUMNS)
  @ValidateNested({ each: true })
  @Type(() => DatasetColumn)
  addColumns?: DatasetColumn[]

  @ApiPropertyOptional({
    type: 'array',
    items: { type: 'object', additionalProperties: true },
    description: 'the columns cannot change: 409 when they differ. Add others with `addColumns`',
  })
  @IsOptional()
  columns?: unknown

  @ApiPropertyOptional({ type: [String], description: 'the key cannot change: 409 when it differs' })
  @IsOptional()
  key?: unknown
}

/** A declared dataset, and how much is in it. */
export class DeclaredDataset extends DatasetInfo {
  @ApiProperty({ format: 'uuid', example: '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11' }) id: string
  @ApiProperty({ type: [DatasetColumn] }) columns: DatasetColumn[]
  @ApiProperty({ type: [DatasetMeasure], description: 'as declared' }) measures: DatasetMeasure[]
  @ApiProperty({ type: DatasetPriceBody, nullable: true }) price: DatasetPriceBody | null
  @ApiProperty({ type: 'object', additionalProperties: true, example: { decimalSeparator: ',' } })
  fileOptions: FileOptions
  @ApiProperty({ description: 'counts the changes', example: 1 }) revision: number
  @ApiProperty({ format: 'date-time', example: '2026-01-15T09:30:00.000Z' }) createdAt: string
  @ApiProperty({ format: 'date-time', example: '2026-01-15T09:30:00.000Z' }) updatedAt: string
}

export class DropDatasetQuery {
  /**
   * The dataset's name again
   * @example 'orders'
   */
  @MayBeAbsent()
  @IsString()
  @MaxLength(64)
  confirm?: string
}
