import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { COLUMN_TYPES, type MemberType } from './dataset-definition.js'

export class DatasetMember {
  @ApiProperty({ example: 'revenue' }) name: string
  @ApiProperty({ example: 'Revenue' }) title: string

  @ApiPropertyOptional({ description: 'how it is computed', example: 'revenue / transactions' })
  description?: string

  @ApiProperty({
    enum: COLUMN_TYPES,
    description:
      'text is "" when it is not set, the others are null; date is YYYY-MM-DD; timestamp is ISO-8601 UTC; decimal and integer are exact JSON numbers, number is a double',
    example: 'decimal',
  })
  type: MemberType

  @ApiProperty({
    enum: ['dimension', 'time', 'measure'],
    description: 'time is a dimension that can be cut into periods by `timeDimension`',
    example: 'measure',
  })
  kind: 'dimension' | 'time' | 'measure'

  @ApiPropertyOptional({
    description: 'of a measure: the values of groups add up to that of all of them, as those of a count or a sum do',
    example: true,
  })
  additive?: boolean
}

export class DatasetInfo {
  @ApiProperty({ example: 'transactions' }) name: string
  @ApiProperty({ example: 'Transactions' }) title: string
  @ApiProperty({ example: 'Sales transactions, one record per product sold.' }) description: string
  @ApiProperty({
    type: [String],
    description: 'the members that identify a row; none: every row counts',
    example: ['transaction_id'],
  })
  key: string[]

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'the time that periods are of',
    example: 'transaction_date',
  })
  timeDimension: string | null

  @ApiProperty({ type: [DatasetMember] }) members: DatasetMember[]
  @ApiProperty({ example: 9994 }) rowCount: number

  @ApiProperty({
    type: 'string',
    format: 'date-time',
    nullable: true,
    description: 'when rows last became visible',
    example: '2026-01-15T09:30:00.000Z',
  })
  lastIngestion: string | null
}
