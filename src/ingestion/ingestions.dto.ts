import { applyDecorators } from '@nestjs/common'
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { Transform } from 'class-transformer'
import { IsIn, IsOptional, IsString, MaxLength, ValidateBy } from 'class-validator'
import { IsCleanText } from '../common/decorators/clean-text.decorator.js'
import { PageQuery } from '../common/pagination.dto.js'
import { COLUMN_TYPES, type ColumnType } from '../datasets/dataset-definition.js'
import { ENCODINGS, NUMBER_STYLES, QUOTES, SCALES, type FileOptions } from '../datasets/file-options.js'
import {
  DECIMAL_SEPARATORS,
  THOUSANDS_ADVICE,
  THOUSANDS_SEPARATORS,
  thousandsSeparatorOf,
} from '../datasets/number-separators.js'
import { isMaxRejected, MAX_REJECTED_RULE } from './loading/max-rejected.js'
import { WARNING_CODES, type WarningCode } from './warning.js'
import { FORMATS, INGESTION_STATUSES, type Format, type IngestionStatus } from './ingestion.js'

/** A form also sends the fields that were left empty; they count as left out. `values` are those to choose from. */
const MayBeEmpty = (values?: readonly string[]): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional(values ? { enum: values } : { example: '' }),
    Transform(({ value }: { value: unknown }) => (value === '' ? undefined : value)),
  )

/**
 * Options of an upload, as form fields before `file` or as query parameters. The explicit decorators keep their order in
 * the documentation: Swagger UI sends a form as it is listed, and the file must be the last.
 */
export class UploadOptions {
  /** Dataset that the rows go into. */
  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  @MaxLength(64)
  dataset: string = 'transactions'

  /** Format of the file; detected from the content type, the file name or the content when left out. */
  @MayBeEmpty(FORMATS)
  @IsOptional()
  @IsIn(FORMATS)
  format?: Format

  /**
   * Encoding of a text file: a byte order mark decides; without one it is what XML declares, else
   * the charset of the content type, else UTF-8.
   */
  @MayBeEmpty(ENCODINGS)
  @IsOptional()
  @IsIn(ENCODINGS)
  encoding?: FileOptions['encoding']

  /** Name to show for the file. */
  @MayBeEmpty()
  @IsOptional()
  @IsString()
  @MaxLength(255)
  fileName?: string

  /**
   * JSON: dataset column to source header, constant or template, such as
   * `{"TransactionId":"Row ID","TransactionDate":{"from":"Order Date","format":"M/D/YYYY"},"TotalPrice":"Sales"}`.
   * Without it headers match by name. A template's `{#row}` counts the records of the file that is sent.
   */
  @MayBeEmpty()
  @IsOptional()
  @IsString()
  @MaxLength(100_000)
  mapping?: string

  /** What stands before the decimals of the file's numbers: `.` or `,`. A column's mapping may set its own. */
  @MayBeEmpty(DECIMAL_SEPARATORS)
  @IsOptional()
  @IsIn(DECIMAL_SEPARATORS)
  decimalSeparator?: FileOptions['decimalSeparator']

  /**
   * What stands between groups of three digits of the file's numbers: `.`, `,`, `'` or a blank (a no-break space too);
   * none when left out. `1.234` is 1.234 unless `thousandsSeparator` is `.`.
   */
  @ApiPropertyOptional({ enum: THOUSANDS_SEPARATORS, example: '' })
  @Transform(({ value }: { value: unknown }) =>
    value === '' ? undefined : typeof value === 'string' ? (thousandsSeparatorOf(value) ?? value) : value,
  )
  @IsOptional()
  @IsIn(THOUSANDS_SEPARATORS, { message: `thousandsSeparator ${THOUSANDS_ADVICE}` })
  thousandsSeparator?: FileOptions['thousandsSeparator']

  /**
   * Texts that stand for no value besides the empty one, as a JSON list: `["NA","n/a","-"]`. Blanks around a value do not
   * count; case does.
   */
  @MayBeEmpty()
  @IsOptional()
  @IsString()
  @MaxLength(20_000)
  nullValues?: string

  /** How dates and timestamps are written, such as `M/D/YYYY` or `DD.MM.YYYY`, where they are not ISO. A column's mapping may set its own. */
  @MayBeEmpty()
  @IsOptional()
  @IsString()
  dateFormat?: string

  /** Time zone of timestamps that are written without one, such as `Europe/Berlin`; UTC when left out. */
  @MayBeEmpty()
  @IsOptional()
  @IsString()
  timezone?: string

  /** `accounting` reads `$1,234.50` and `(45.00)`, which is negative; otherwise such numbers are rejected. */
  @MayBeEmpty(NUMBER_STYLES)
  @IsOptional()
  @IsIn(NUMBER_STYLES)
  numberStyle?: FileOptions['numberStyle']

  /** Numbers with more decimals than their column has: rejected (`exact`), or rounded half away from zero (`round`). */
  @MayBeEmpty(SCALES)
  @IsOptional()
  @IsIn(SCALES)
  scale?: FileOptions['scale']

  /**
   * What stands between the values of CSV and TSV: one ASCII character, or `tab`. It goes before a first line such as `sep=;`;
   * when left out, that line or the header tells it.
   */
  @MayBeEmpty()
  @IsOptional()
  @IsString()
  delimiter?: string

  /** What quotes values of CSV and TSV; with `none`, quotes are text like any other and no value spans lines. */
  @MayBeEmpty(QUOTES)
  @IsOptional()
  @IsIn(QUOTES)
  quote?: FileOptions['quote']

  /**
   * Lines of CSV, TSV or NDJSON before the table that are no part of it, 0 to 1000. They may hold anything; line numbers of
   * rejected rows count them.
   */
  @MayBeEmpty()
  @IsOptional()
  @IsString()
  skipLines?: string

  /** Name of the XML element that is a record, wherever it stands; found by itself when left out. */
  @MayBeEmpty()
  @IsOptional()
  @IsString()
  recordElement?: string

  /** What one bad row does: it is set aside, or nothing of the file becomes visible. */
  @ApiPropertyOptional()
  @IsOptional()
  @IsIn(['quarantine', 'abort'])
  onError: 'quarantine' | 'abort' = 'quarantine'

  /**
   * Rejected rows that the load may have, as a number or as a percentage of its rows (`5%`); with more it fails, and nothing
   * of the file becomes visible.
   */
  @MayBeEmpty()
  @IsOptional()
  @ValidateBy({
    name: 'isMaxRejected',
    validator: { validate: isMaxRejected, defaultMessage: () => MAX_REJECTED_RULE },
  })
  maxRejected?: string

  /** Load a file whose content is loaded already. */
  @ApiPropertyOptional()
  @IsOptional()
  @IsIn(['true', 'false'])
  force: string = 'false'

  /** Answer when the job has ended (200; 422 when it failed) instead of at once (202). */
  @ApiPropertyOptional()
  @IsOptional()
  @IsIn(['true', 'false'])
  wait: string = 'false'
}

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

/** The form of a multipart upload, for the documentation. */
export class UploadForm extends UploadOptions {
  @ApiProperty({ type: 'string', format: 'binary', description: 'the file; the last field of the form' })
  file: unknown
}
