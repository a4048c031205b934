import { ApiProperty, ApiPropertyOptional, OmitType, PartialType } from '@nestjs/swagger'
import { Type } from 'class-transformer'
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
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
import { COLUMN_TYPES, type ColumnType } from '../dataset-definition.js'
import { DatasetInfo } from '../datasets.dto.js'
import type { FileOptions } from '../file-options.js'
import { MEASURE_TYPES, type MeasureType } from './declaration.js'

export const NAME_PATTERN = /^[a-z][a-z0-9_]{0,62}$/
const NAME_RULE = {
  message: 'must begin with a letter a to z, then letters a to z, digits and _, at most 63 characters',
}
const MAX_COLUMNS = 200
const MAX_KEY = 4
const MAX_MEASURES = 200
export const MAX_SCALE = 18
const MAX_CREDITS = 1_000_000

/** A column of the files and of the table. */
export class DatasetColumn {
  /** @example 'order_date' */
  @Matches(NAME_PATTERN, NAME_RULE)
  name: string

  /**
   * Its header in files, matched ignoring case, spaces, _ and -; the name where it is left out
   * @example 'Order Date'
   */
  @MayBeAbsent()
  @IsCleanText(1024)
  source?: string

  /** @example 'Order date' */
  @MayBeAbsent()
  @IsCleanText(255)
  title?: string

  /** @example 'The day on which the order was placed' */
  @MayBeAbsent()
  @IsCleanText(2000, 0)
  description?: string

  @ApiProperty({
    enum: COLUMN_TYPES,
    description:
      'integer: 64 bits; decimal: 38 digits, exact; number: a double; boolean: true/false, t/f, yes/no, y/n, 1/0; timestamp: ' +
      'milliseconds. An empty value is null in every type but text, where it is empty.',
    example: 'date',
  })
  @IsIn(COLUMN_TYPES)
  type: ColumnType

  /** A record without a value is rejected */
  @MayBeAbsent()
  @IsBoolean()
  required?: boolean = false

  /**
   * Of decimals: digits behind the point; 4 where it is left out
   * @example 2
   */
  @MayBeAbsent()
  @IsInt()
  @Min(0)
  @Max(MAX_SCALE)
  scale?: number

  /**
   * Of dates and timestamps in files, where they are not ISO
   * @example 'M/D/YYYY'
   */
  @MayBeAbsent()
  @IsCleanText(64)
  format?: string

  /**
   * Of timestamps that are written without one; UTC where it is left out
   * @example 'Europe/Berlin'
   */
  @MayBeAbsent()
  @IsCleanText(64)
  timezone?: string

  /** Of texts: a few values that repeat, which are then stored by number */
  @MayBeAbsent()
  @IsBoolean()
  lowCardinality?: boolean
}

/** A figure over a group of rows. */
export class DatasetMeasure {
  /** @example 'total_sales' */
  @Matches(NAME_PATTERN, NAME_RULE)
  name: string

  /** @example 'Sales' */
  @MayBeAbsent()
  @IsCleanText(255)
  title?: string

  /** @example 'Without returns' */
  @MayBeAbsent()
  @IsCleanText(2000, 0)
  description?: string

  @ApiProperty({
    enum: MEASURE_TYPES,
    description:
      'sums and averages of integers and decimals are exact; quantile is a value of the data; latest is the value of the row ' +
      'with the greatest `by`; ratio is of two other measures, null where the denominator is 0',
    example: 'sum',
  })
  @IsIn(MEASURE_TYPES)
  type: MeasureType

  /**
   * The column that it is of; of a count: the rows in which the column has a value
   * @example 'sales'
   */
  @MayBeAbsent()
  @IsString()
  @MaxLength(64)
  column?: string

  /**
   * Of a quantile: 0 to 1
   * @example 0.95
   */
  @MayBeAbsent()
  @IsNumber()
  @Min(0)
  @Max(1)
  level?: number

  /**
   * Of the latest value: the column that orders the rows
   * @example 'order_date'
   */
  @MayBeAbsent()
  @IsString()
  @MaxLength(64)
  by?: string

  /**
   * Of a ratio: a measure
   * @example 'total_sales'
   */
  @MayBeAbsent()
  @IsString()
  @MaxLength(64)
  numerator?: string

  /**
   * Of a ratio: a measure
   * @example 'rows'
   */
  @MayBeAbsent()
  @IsString()
  @MaxLength(64)
  denominator?: string

  @ApiPropertyOptional({
    type: 'array',
    items: { type: 'object', additionalProperties: true },
    description: "the rows that it counts, as a query's filters on dimensions",
    example: [{ member: 'segment', operator: 'equals', values: ['Consumer'] }],
  })
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(100)
  filters?: unknown[]
}

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
  @IsString()
  @MaxLength(64)
  confirm: string
}
