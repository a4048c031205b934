import { ApiProperty, OmitType } from '@nestjs/swagger'
import { IsInt, IsOptional, IsUUID, Max, Min } from 'class-validator'
import { IsCleanText } from '../common/decorators/clean-text.decorator.js'
import { PageQuery, Pagination } from '../common/pagination.dto.js'
import { QueryBoolean } from '../common/decorators/query-boolean.decorator.js'
import { IsTimestamp } from '../common/decorators/timestamp.decorator.js'
import { WholeNumber } from '../common/decorators/whole-number.decorator.js'

/** Which requests; all when nothing is given. */
export class LogQuery extends PageQuery {
  /**
   * `pagination.nextCursor` of the page before: goes through the whole log without gaps, and as fast at its end as at
   * its start. Not together with offset
   * @example 'MjAyNi0wMS0zMVQxMjowMDowMC4wMDAwMDBaIDAxOWFhNGMyLTdhM2UtN2NjMS1iMGE1LTNmNmYzZjBmNWExMQ'
   */
  @IsOptional()
  @IsCleanText(200)
  cursor?: string

  /** @example '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11' */
  @IsOptional()
  @IsUUID()
  userId?: string

  /** @example '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a14' */
  @IsOptional()
  @IsUUID()
  keyId?: string

  /**
   * A route's pattern
   * @example '/v1/query'
   */
  @IsOptional()
  @IsCleanText(200)
  endpoint?: string

  /**
   * Only queries of this dataset
   * @example 'transactions'
   */
  @IsOptional()
  @IsCleanText(100)
  dataset?: string

  /** @example 402 */
  @IsOptional()
  @WholeNumber()
  @IsInt()
  @Min(100)
  @Max(599)
  status?: number

  /**
   * Only what was answered with 400 or above; with false, only what was not
   * @example 'true'
   */
  @IsOptional()
  @QueryBoolean()
  error?: boolean

  /**
   * With false, without what the console asks for by itself; with true, only that
   * @example 'false'
   */
  @IsOptional()
  @QueryBoolean()
  console?: boolean

  /**
   * From this time on
   * @example '2026-01-01T00:00:00Z'
   */
  @IsOptional()
  @IsTimestamp()
  from?: string

  /**
   * Before this time
   * @example '2026-02-01T00:00:00Z'
   */
  @IsOptional()
  @IsTimestamp()
  to?: string
}

/** Which of one's own requests; all when nothing is given. */
export class OwnLogQuery extends OmitType(LogQuery, ['userId']) {}

export class LogPagination extends Pagination {
  /**
   * `cursor` of the next page; null on the last one
   * @example null
   */
  nextCursor: string | null

  /**
   * False: there are more than 10,000 and `total` is the planner's estimate
   * @example true
   */
  totalIsExact: boolean
}

export class LogEntry {
  /** @example '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11' */
  id: string

  /**
   * `X-Request-Id` of the response; the same as `id`
   * @example '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11'
   */
  requestId: string

  /**
   * null: the root key, or an unknown caller
   * @example '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a13'
   */
  userId: string | null

  /** @example 'POST' */
  method: string

  /**
   * The route's pattern; the path where there is no such route
   * @example '/v1/query'
   */
  endpoint: string

  /**
   * 499: the client went away before the answer was whole
   * @example 200
   */
  status: number

  /**
   * Until the answer was out; of live streams until it began
   * @example 12.4
   */
  @ApiProperty({ format: 'double' })
  durationMs: number

  /** @example 1 */
  creditsCharged: number

  /** @example '192.0.2.7' */
  ip: string

  /**
   * When the request arrived
   * @example '2026-01-31T12:00:00.000Z'
   */
  timestamp: Date
}

/** of a file of requests */
export const LOG_COLUMNS = [
  'id',
  'requestId',
  'userId',
  'method',
  'endpoint',
  'status',
  'durationMs',
  'creditsCharged',
  'ip',
  'timestamp',
] satisfies (keyof LogEntry)[]

/** A request of one's own. */
export class OwnLogEntry extends LogEntry {
  /**
   * null: from before it was kept, or none that is known
   * @example '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a14'
   */
  keyId: string | null

  /**
   * The dataset that a query went to; null for every other request
   * @example 'transactions'
   */
  dataset: string | null

  /**
   * `code` of the problem that was the response; null for success, and for requests from before it was kept
   * @example null
   */
  errorCode: string | null
}

export const OWN_LOG_COLUMNS = [...LOG_COLUMNS, 'keyId', 'dataset', 'errorCode'] satisfies (keyof OwnLogEntry)[]

export class DetailedLogEntry extends OwnLogEntry {
  /**
   * `detail` of that problem, at most 500 characters
   * @example null
   */
  errorDetail: string | null

  /**
   * The console asked for it by itself: a page that an operator or a customer had open. Queries that were run in the
   * console are not among them
   * @example false
   */
  fromConsole: boolean
}

export const DETAILED_LOG_COLUMNS = [
  ...OWN_LOG_COLUMNS,
  'errorDetail',
  'fromConsole',
] satisfies (keyof DetailedLogEntry)[]
