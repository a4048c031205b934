import { ApiProperty, ApiPropertyOptional, OmitType, PartialType } from '@nestjs/swagger'
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Matches,
  MaxLength,
} from 'class-validator'
import { IsCleanText } from '../../common/decorators/clean-text.decorator.js'
import { MayBeAbsent } from '../../common/decorators/may-be-absent.decorator.js'
import { SOURCE_TYPES, type SourceType } from './source.js'

const PRINTABLE = /^[\x21-\x7e]+$/
const FREE_OBJECT = { type: 'object', additionalProperties: true } as const

/** Where a source reads: the fields of its type. */
export class SourceFields {
  /**
   * folder: path below SOURCES_DIR, without folders in it; empty for SOURCES_DIR itself
   * @example 'shop/exports'
   */
  @MayBeAbsent()
  @IsCleanText(1024, 0)
  path?: string

  /**
   * folder: which names of files, with `*` and `?`; null for all
   * @example '*.csv'
   */
  @IsOptional()
  @IsCleanText(255, 0)
  pattern?: string | null

  /**
   * http: files to read, each as an object of its own. URLs are shown; what is secret belongs into `headers`
   * @example ['https://example.com/export/sales.csv']
   */
  @MayBeAbsent()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @IsString({ each: true })
  @MaxLength(2048, { each: true })
  urls?: string[]

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string' },
    nullable: true,
    description: 'http: headers of the requests, such as Authorization; secret; null takes them away',
    example: { Authorization: 'Bearer TOKEN' },
  })
  @IsOptional()
  @IsObject()
  headers?: Record<string, unknown> | null

  /**
   * s3: URL of the server; null or left out for Amazon's
   * @example 'https://minio.example.com'
   */
  @IsOptional()
  @IsString()
  @MaxLength(2048)
  endpoint?: string | null

  /**
   * s3
   * @example 'eu-central-1'
   */
  @MayBeAbsent()
  @Matches(/^[a-z0-9][a-z0-9-]{0,62}$/, { message: 'must be the name of a region, such as eu-central-1' })
  region?: string

  /**
   * s3
   * @example 'shop-exports'
   */
  @MayBeAbsent()
  @Matches(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, {
    message: 'must be the name of a bucket: 3 to 63 lower-case letters, digits, points and hyphens',
  })
  bucket?: string

  /**
   * s3: only keys that begin with it
   * @example 'sales/'
   */
  @MayBeAbsent()
  @IsCleanText(1024, 0)
  prefix?: string

  /**
   * s3; secret
   * @example 'AKIAIOSFODNN7EXAMPLE'
   */
  @MayBeAbsent()
  @IsString()
  @Length(1, 200)
  @Matches(PRINTABLE, { message: 'must be printable ASCII characters without blanks' })
  accessKeyId?: string

  /**
   * s3; secret
   * @example 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
   */
  @MayBeAbsent()
  @IsString()
  @Length(1, 200)
  @Matches(PRINTABLE, { message: 'must be printable ASCII characters without blanks' })
  secretAccessKey?: string

  /**
   * s3: the bucket in the path and not in the name of the host; true where there is an `endpoint`, unless it is given
   * @example true
   */
  @MayBeAbsent()
  @IsBoolean()
  forcePathStyle?: boolean
}

export class CreateSourceBody extends SourceFields {
  /**
   * Another one for each source of the dataset; told by where it reads when left out
   * @example 'Shop exports'
   */
  @MayBeAbsent()
  @IsCleanText(100)
  name?: string

  @ApiProperty({ enum: SOURCE_TYPES, example: 'http' })
  @IsIn(SOURCE_TYPES)
  type: SourceType

  /**
   * When it is looked at: a cron expression of five fields (six with seconds), in UTC
   * @example '0 5 * * *'
   */
  @IsString()
  @MaxLength(100)
  schedule: string

  /**
   * Whether the schedule holds
   * @example true
   */
  @MayBeAbsent()
  @IsBoolean()
  isEnabled?: boolean

  @ApiPropertyOptional({
    ...FREE_OBJECT,
    description: 'those of an upload, but dataset, fileName, force and wait; `mapping` as an object or as text',
    example: { format: 'csv', onError: 'abort' },
  })
  @MayBeAbsent()
  @IsObject()
  options?: Record<string, unknown>
}

/** What is left out stays. The type of a source cannot change. */
export class UpdateSourceBody extends PartialType(OmitType(CreateSourceBody, ['type'] as const), {
  skipNullProperties: false,
}) {}

export class RunSourceBody {
  /**
   * Also what could not be read, and what has a failed job, though it has not changed
   * @example true
   */
  @MayBeAbsent()
  @IsBoolean()
  retryFailed?: boolean
}
