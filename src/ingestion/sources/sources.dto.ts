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
import { INGESTION_STATUSES, type IngestionStatus } from '../ingestion.js'
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

export class Source {
  /** @example '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11' */
  id: string

  /** @example 'transactions' */
  dataset: string

  /** @example 'Shop exports' */
  name: string

  @ApiProperty({ enum: SOURCE_TYPES, example: 's3' })
  type: SourceType

  /** @example '0 5 * * *' */
  schedule: string

  /** @example true */
  isEnabled: boolean

  @ApiProperty({ ...FREE_OBJECT, example: { format: 'csv' } })
  options: Record<string, unknown>

  /**
   * folder
   * @example 'shop/exports'
   */
  path?: string

  /**
   * folder
   * @example '*.csv'
   */
  pattern?: string | null

  /**
   * http
   * @example ['https://example.com/export/sales.csv']
   */
  urls?: string[]

  /**
   * s3
   * @example 'https://minio.example.com'
   */
  endpoint?: string | null

  /**
   * s3
   * @example 'eu-central-1'
   */
  region?: string

  /**
   * s3
   * @example 'shop-exports'
   */
  bucket?: string

  /**
   * s3
   * @example 'sales/'
   */
  prefix?: string

  /**
   * s3
   * @example true
   */
  forcePathStyle?: boolean

  /**
   * Whether headers or access keys are set; they are never shown
   * @example true
   */
  hasSecrets: boolean

  /** @example '2026-01-31T12:00:00.000Z' */
  createdAt: Date

  /**
   * When the last look that has ended began
   * @example '2026-01-31T12:00:00.000Z'
   */
  lastRunAt: Date | null

  /**
   * Why the last look failed; null when it did not
   * @example null
   */
  lastError: string | null

  /**
   * Each of them doubles the wait until the next look, up to an hour
   * @example 0
   */
  consecutiveFailures: number

  /**
   * null while it is not enabled
   * @example '2026-01-31T12:05:00.000Z'
   */
  nextRunAt: Date | null

  /**
   * Whether it is being looked at, or will be at once
   * @example false
   */
  isRunning: boolean
}

export const OBJECT_STATES = ['waiting', ...INGESTION_STATUSES] as const

export class SourceObject {
  /**
   * Path below SOURCES_DIR, URL, or key in the bucket
   * @example 'sales/2026-01.csv'
   */
  location: string

  /** @example 2304566 */
  size: number | null

  /** @example '"9b2cf535f27731c974343645a3985328"' */
  etag: string | null

  /** @example '2026-01-31T11:58:00.000Z' */
  modifiedAt: Date | null

  /** @example '2026-01-31T12:00:00.000Z' */
  foundAt: Date

  /**
   * Since when it looks as it does
   * @example '2026-01-31T12:00:00.000Z'
   */
  changedAt: Date

  @ApiProperty({
    enum: OBJECT_STATES,
    description:
      'waiting: not read yet, or still being written; failed: it could not be read or its job failed; else that of its job',
    example: 'succeeded',
  })
  state: 'waiting' | IngestionStatus

  /** @example '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11' */
  ingestionId: string | null

  /**
   * The job had brought the same content before
   * @example false
   */
  duplicate: boolean

  /** @example null */
  error: string | null
}
