import { ApiExtraModels, ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsObject, IsString, MaxLength, ValidateBy } from 'class-validator'
import { MayBeAbsent } from '../common/decorators/may-be-absent.decorator.js'
import { isJsonObject } from '../common/json/json-object.js'
import { NamedKeys } from '../common/pipes/named-keys.js'

const VIEW_TYPES = ['table', 'line', 'bar', 'stackedBar', 'area', 'ring', 'figure', 'pivot'] as const
const FORMAT_KINDS = ['number', 'currency', 'percent', 'compact'] as const
/** As many as a query has columns of a kind. */
const MAX_NAMES = 50
const MAX_NAME = 256
const MAX_DECIMALS = 20
const FORMAT_FIELDS = ['kind', 'currency', 'decimals']

/** How the numbers of a column are written. */
export class ColumnFormat {
  @ApiProperty({ enum: FORMAT_KINDS, description: 'percent: 0.25 is 25%', example: 'currency' })
  kind: (typeof FORMAT_KINDS)[number]

  @ApiPropertyOptional({ pattern: '^[A-Z]{3}$', description: 'ISO 4217; USD when it is not given', example: 'EUR' })
  currency?: string

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    maximum: MAX_DECIMALS,
    description: 'digits behind the point; as many as there are when it is not given',
    example: 2,
  })
  decimals?: number
}

/** How the console shows a result; what is left out follows from the result. The server keeps it and does not use it. */
@ApiExtraModels(ColumnFormat)
export class ResultView {
  @ApiProperty({ enum: VIEW_TYPES, example: 'bar' })
  @IsIn(VIEW_TYPES)
  type: (typeof VIEW_TYPES)[number]

  /**
   * The measures to show
   * @example ['revenue']
   */
  @AreColumns()
  measures?: string[]

  /**
   * Those of them that a chart measures by its right axis
   * @example []
   */
  @AreColumns()
  right?: string[]

  /**
   * The groups that a pivot has across its columns; the others are its rows
   * @example []
   */
  @AreColumns()
  across?: string[]

  /**
   * Of a pivot
   * @example true
   */
  @MayBeAbsent()
  @IsBoolean()
  totals?: boolean

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { $ref: '#/components/schemas/ColumnFormat' },
    description: 'by the names of columns',
    example: { revenue: { kind: 'currency', currency: 'EUR', decimals: 2 } },
  })
  @MayBeAbsent()
  @NamedKeys()
  @IsObject()
  @AreFormats()
  formats?: Record<string, ColumnFormat>
}

function AreColumns(): PropertyDecorator {
  const rules = [
    MayBeAbsent(),
    IsArray(),
    ArrayMaxSize(MAX_NAMES),
    IsString({ each: true }),
    MaxLength(MAX_NAME, { each: true }),
  ]
  return (target, name) => rules.forEach((rule) => rule(target, name))
}

/** The dictionary by names goes past the validator, so each format is checked here. */
function AreFormats(): PropertyDecorator {
  return ValidateBy({
    name: 'areFormats',
    validator: {
      validate: (formats) => isJsonObject(formats) && areFormats(Object.entries(formats)),
      defaultMessage: () =>
        `must have at most ${MAX_NAMES} columns, each with {"kind" (${FORMAT_KINDS.join(', ')}),"currency" (EUR),"decimals" (0 to ${MAX_DECIMALS})}`,
    },
  })
}

function areFormats(formats: [string, unknown][]): boolean {
  return formats.length <= MAX_NAMES && formats.every(([name, format]) => name.length <= MAX_NAME && isFormat(format))
}

function isFormat(format: unknown): boolean {
  if (!isJsonObject(format) || Object.keys(format).some((field) => !FORMAT_FIELDS.includes(field))) return false
  const { kind, currency, decimals } = format
  return (
    FORMAT_KINDS.some((each) => each === kind) &&
    (currency === undefined || (typeof currency === 'string' && /^[A-Z]{3}$/.test(currency))) &&
    (decimals === undefined || isDecimals(decimals))
  )
}

function isDecimals(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_DECIMALS
}
