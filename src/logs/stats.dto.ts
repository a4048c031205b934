import { ApiProperty } from '@nestjs/swagger'
import { UsageDay } from './usage.dto.js'

export class StatsDay extends UsageDay {
  /**
   * 95 of 100 requests were answered within this many milliseconds (to within a fifth); null on a day without any
   * @example 45.3
   */
  @ApiProperty({ format: 'double' })
  p95Ms: number | null
}

export class EndpointStats {
  /** @example 'POST' */
  method: string

  /** @example '/v1/query' */
  endpoint: string

  /** @example 1200 */
  requests: number

  /** @example 12 */
  errors: number

  /** @example 45.3 */
  @ApiProperty({ format: 'double' })
  p95Ms: number | null
}

export class IngestionStats {
  /** @example 0 */
  queued: number
  /** @example 1 */
  running: number
  /** @example 12 */
  succeeded: number
  /** @example 0 */
  failed: number
  /** @example 0 */
  canceled: number
  /** @example 1000000 */
  rowsAccepted: number
  /** @example 806 */
  rowsRejected: number
}

export class DatasetStats {
  /** @example 'transactions' */
  name: string
  /** @example 1000000 */
  rowCount: number
  /** @example '2026-01-31T12:00:00.000Z' */
  lastIngestionAt: string | null
}

export class Stats {
  /**
   * Accounts that are not deleted
   * @example 120
   */
  users: number

  /**
   * Users with a request in the last 30 days
   * @example 80
   */
  activeUsers: number

  /**
   * Created since midnight UTC
   * @example 3
   */
  newUsersToday: number

  /**
   * Active members with fewer than 10 credits
   * @example 5
   */
  lowCreditUsers: number

  /**
   * All requests ever, refused ones included
   * @example 48000
   */
  requests: number

  /** @example 1600 */
  requestsToday: number

  /**
   * Answered with 400 or above since midnight UTC
   * @example 20
   */
  errorsToday: number

  /**
   * Credits charged and not given back
   * @example 41000
   */
  creditsUsed: number

  /** @example 1200 */
  creditsUsedToday: number

  /** The last 30 days, oldest first, every day present */
  dailyUsage: StatsDay[]

  /** The ten that were asked most in the last 30 days */
  topEndpoints: EndpointStats[]

  ingestions: IngestionStats

  datasets: DatasetStats[]
}
