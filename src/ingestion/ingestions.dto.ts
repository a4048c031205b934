import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { IsIn, IsOptional } from 'class-validator'
import { IsCleanText } from '../common/decorators/clean-text.decorator.js'
import { PageQuery } from '../common/pagination.dto.js'
import { COLUMN_TYPES, type ColumnType } from '../datasets/dataset-definition.js'
import { WARNING_CODES, type WarningCode } from './warning.js'
import { FORMATS, INGESTION_STATUSES, type Format, type IngestionStatus } from './ingestion.js'

export class IngestionListQuery extends PageQuery {
  @IsOptional()
  @IsIn(INGESTION_STATUSES)
  status?: IngestionStatus

  @IsOptional()
  @IsCleanText(64, 0)
  dataset?: string
}

export class RejectsQuery extends PageQuery {
  /** The reasons, and how many rows each has rejected, instead of the rows. Only as JSON. */
  @ApiPropertyOptional({ enum: ['true', 'false'] })
  @IsOptional()
  @IsIn(['true', 'false'])
  summary: string = 'false'
}

/** What looks wrong in a load that succeeded. */
export class IngestionWarningResponse {
  @ApiProperty({ enum: WARNING_CODES, example: 'DECIMAL_COMMA' }) code: WarningCode
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'of the dataset; null: none in particular',
    example: 'TotalPrice',
  })
  column: string | null
  @ApiProperty({
    example:
      'TotalPrice: values with a comma were rejected, while 1.234 was read as a decimal number, with a point. If the comma stands before the decimals, delete this load and load the file again with decimalSeparator="," and thousandsSeparator="." (options of the API and the command line: --decimal-separator, --thousands-separator).',
  })
  message: string
  @ApiProperty({ type: [String], description: 'values, or names of headers', example: ['1.234,50', '0,99', '1.234'] })
  examples: string[]
}

export class IngestionResponse {
  @ApiProperty({ format: 'uuid', example: '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11' }) id: string
  @ApiProperty({ example: 'transactions' }) dataset: string
  @ApiProperty({ enum: FORMATS, example: 'csv' }) format: Format
  @ApiProperty({ type: String, nullable: true, example: 'superstore.csv' }) fileName: string | null
  @ApiProperty({ enum: INGESTION_STATUSES, example: 'succeeded' }) status: IngestionStatus
  @ApiProperty({ description: 'size of the upload', example: 2304566 }) bytesTotal: number
  @ApiProperty({ description: 'bytes of the upload, as it was sent, that were read', example: 2304566 })
  bytesDone: number
  @ApiProperty({ description: 'always rowsAccepted + rowsRejected', example: 10800 }) rowsRead: number
  @ApiProperty({ example: 9994 }) rowsAccepted: number
  @ApiProperty({ example: 806 }) rowsRejected: number
  @ApiProperty({ format: 'date-time', example: '2026-01-31T12:00:00.000Z' }) createdAt: string
  @ApiProperty({ type: String, nullable: true, format: 'date-time', example: '2026-01-31T12:00:00.100Z' })
  startedAt: string | null
  @ApiProperty({ type: String, nullable: true, format: 'date-time', example: '2026-01-31T12:00:01.400Z' })
  finishedAt: string | null
  @ApiProperty({ type: String, nullable: true, description: 'why a job failed', example: null }) error: string | null
  @ApiProperty({
    description: 'SHA-256 of the upload, in hex',
    example: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  })
  sha256: string
  @ApiProperty({ description: 'true: this content was loaded before, this is that job', example: false })
  duplicate: boolean
  @ApiProperty({
    type: String,
    nullable: true,
    format: 'date-time',
    description: 'when its rows were taken out again (DELETE)',
    example: null,
  })
  deletedAt: string | null
  @ApiProperty({ type: [IngestionWarningResponse], description: 'of a job that succeeded' })
  warnings: IngestionWarningResponse[]
  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'of a running job; null: unknown yet, or ended',
    example: null,
  })
  rowsPerSecond: number | null
  @ApiProperty({ type: Number, nullable: true, description: 'about; null: unknown yet, or ended', example: null })
  secondsRemaining: number | null
}

export class IngestionDeletedResponse extends IngestionResponse {
  @ApiProperty({ description: 'rows of the dataset that were this job’s and are gone', example: 9994 })
  rowsDeleted: number
  @ApiProperty({
    example:
      '9994 rows of this job were taken out. Rows that a later job had replaced stay as they are; rows that this job had replaced do not come back.',
  })
  message: string
}

export class RejectResponse {
  @ApiProperty({ description: 'record number, from 1, without the header', example: 9995 }) row: number
  @ApiProperty({ description: 'line of the file on which the record starts', example: 9996 }) line: number
  @ApiProperty({ type: String, nullable: true, example: 'Quantity' }) column: string | null
  @ApiProperty({ example: 'Quantity: "two" is not an integer' }) reason: string
  @ApiProperty({ example: 'two' }) value: string
  @ApiProperty({
    description: 'the record as it was sent; of one over 1 MiB the beginning, marked as cut off',
    example: 'T9,2024-03-05,France,P1,two,10.50',
  })
  raw: string
}

/** Rejected rows that have the same reason but for their value. */
export class RejectSummaryResponse {
  @ApiProperty({
    description: '`{value}` stands where each row has its own value',
    example: 'Quantity: {value} is not an integer',
  })
  reason: string
  @ApiProperty({ type: String, nullable: true, example: 'Quantity' }) column: string | null
  @ApiProperty({ description: 'rows that were rejected for it', example: 798 }) count: number
  @ApiProperty({
    type: [String],
    maxItems: 3,
    description: 'up to three different values, of which the first 100 characters are shown',
    example: ['1.5', 'two', 'three'],
  })
  examples: string[]
}

export class FileColumn {
  @ApiProperty({ description: 'its name in files and in `mapping`', example: 'TransactionId' }) column: string
  @ApiProperty({ description: 'its header in files', example: 'TransactionId' }) source: string
  @ApiProperty({ example: 'Transaction' }) title: string
  @ApiProperty({ enum: COLUMN_TYPES, example: 'text' }) type: ColumnType
  @ApiProperty({ description: 'a record without a value is rejected', example: true }) required: boolean
  @ApiProperty({ description: 'the key: a record sent again replaces the earlier one', example: true }) key: boolean
}

export class FileDataset {
  @ApiProperty({ example: 'transactions' }) name: string
  @ApiProperty({ example: 'Transactions' }) title: string
  @ApiProperty({ example: 'Sales transactions, one record per product sold.' }) description: string
  @ApiProperty({ type: [FileColumn] }) columns: FileColumn[]

  @ApiProperty({
    type: 'array',
    items: { type: 'array', items: { type: 'string' } },
    description: 'groups of columns; a record needs a value in at least one column of each',
    example: [['Price', 'TotalPrice']],
  })
  alternatives: string[][]
}
