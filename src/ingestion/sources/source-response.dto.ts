import { ApiProperty } from '@nestjs/swagger'
import { INGESTION_STATUSES, type IngestionStatus } from '../ingestion.js'
import { SOURCE_TYPES, type SourceType } from './source.js'

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

  @ApiProperty({ type: 'object', additionalProperties: true, example: { format: 'csv' } })
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
