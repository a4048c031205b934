import { ApiProperty } from '@nestjs/swagger'
import { IsBoolean, IsIn, IsInt, Matches, Max, Min } from 'class-validator'
import { IsCleanText } from '../../common/decorators/clean-text.decorator.js'
import { MayBeAbsent } from '../../common/decorators/may-be-absent.decorator.js'
import { COLUMN_TYPES, type ColumnType } from '../dataset-definition.js'

/** Of datasets, columns and measures. */
export const NAME_PATTERN = /^[a-z][a-z0-9_]{0,62}$/
export const NAME_RULE = {
  message: 'must begin with a letter a to z, then letters a to z, digits and _, at most 63 characters',
}
const MAX_SCALE = 18

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
