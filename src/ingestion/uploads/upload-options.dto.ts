import { applyDecorators } from '@nestjs/common'
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger'
import { Transform } from 'class-transformer'
import { IsIn, IsOptional, IsString, MaxLength, ValidateBy } from 'class-validator'
import { ENCODINGS, NUMBER_STYLES, QUOTES, SCALES, type FileOptions } from '../../datasets/file-options.js'
import {
  DECIMAL_SEPARATORS,
  THOUSANDS_ADVICE,
  THOUSANDS_SEPARATORS,
  thousandsSeparatorOf,
} from '../../datasets/number-separators.js'
import { FORMATS, type Format } from '../ingestion.js'
import { isMaxRejected, MAX_REJECTED_RULE } from '../loading/max-rejected.js'

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

/** The form of a multipart upload, for the documentation. */
export class UploadForm extends UploadOptions {
  @ApiProperty({ type: 'string', format: 'binary', description: 'the file; the last field of the form' })
  file: unknown
}
