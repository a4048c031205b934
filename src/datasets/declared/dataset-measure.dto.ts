import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { ArrayMaxSize, IsArray, IsIn, IsNumber, IsString, Matches, Max, MaxLength, Min } from 'class-validator'
import { IsCleanText } from '../../common/decorators/clean-text.decorator.js'
import { MayBeAbsent } from '../../common/decorators/may-be-absent.decorator.js'
import { MEASURE_TYPES, type MeasureType } from './declaration.js'
import { NAME_PATTERN, NAME_RULE } from './dataset-column.dto.js'

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
