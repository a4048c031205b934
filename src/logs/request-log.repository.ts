import { Injectable } from '@nestjs/common'
import { conditionsOf } from '../database/conditions.js'
import { Database } from '../database/database.js'
import { bucketOf } from './duration-histogram.js'
import type { LogQuery } from './logs.dto.js'

export interface LogRow {
  /** UUIDv7; makes writing a row twice harmless */
  id: string
  requestId: string
  userId: string | null
  method: string
  /** the route's pattern, or the path where no route matched */
  endpoint: string
  /** false where no route matched: such paths are not summed up one by one */
  matched: boolean
  status: number
  durationMs: number
  creditsCharged: number
  ip: string
  timestamp: Date
}

export type StoredLogRow = Omit<LogRow, 'matched'>

/** What the sums call requests that no route matched; a scanner would otherwise make a row a guess. */
const UNMATCHED = '(no route)'

const COLUMNS = `id, request_id AS "requestId", user_id AS "userId", method, endpoint, status,
  duration_ms AS "durationMs", credits_charged::float8 AS "creditsCharged", ip, "timestamp"`

@Injectable()
export class RequestLogRepository {
  constructor(private readonly database: Database) {}

  /**
   * One statement, so one transaction: the rows, and their sums by day. A row that is there already (the connection
   * broke after the commit, and the batch comes again) is neither stored nor summed a second time. The sums are
   * written in the order of their keys, so that two instances do not wait for each other.
   */
  async insert(rows: LogRow[]): Promise<void> {
    await this.database.query(INSERT, columnsOf(rows), 'logs-insert')
  }

  /** Newest first. */
  async list(query: LogQuery): Promise<{ rows: StoredLogRow[]; total: number }> {
    const { where, values } = filtersOf(query)
    const [rows, [count]] = await Promise.all([
      this.database.query<StoredLogRow>(
        `SELECT ${COLUMNS} FROM request_logs ${where} ORDER BY "timestamp" DESC, id DESC
         LIMIT $${values.length + 1} OFFSET $${values.length + 2}`,
        [...values, query.limit, query.offset],
      ),
      this.database.query<{ total: number }>(`SELECT count(*)::float8 AS total FROM request_logs ${where}`, values),
    ])
    return { rows, total: count!.total }
  }
}

const INSERT = `
  WITH given AS (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::smallint[],
      $8::real[], $9::bigint[], $10::text[], $11::timestamptz[], $12::integer[])
      AS g (id, request_id, user_id, method, endpoint, summed_as, status, duration_ms, credits, ip, at, bucket)
  ), stored AS (
    INSERT INTO request_logs
      (id, request_id, user_id, method, endpoint, status, duration_ms, credits_charged, ip, "timestamp")
    SELECT id, request_id, user_id, method, endpoint, status, duration_ms, credits, ip, at FROM given
    ON CONFLICT DO NOTHING RETURNING id
  ), fresh AS (
    SELECT (at AT TIME ZONE 'UTC')::date AS day, user_id, method, summed_as, (status >= 400)::int AS error, credits,
           bucket
    FROM given JOIN stored USING (id)
  ), users AS (
    INSERT INTO usage_daily AS u (day, user_id, requests, errors, credits_used)
    SELECT day, user_id, count(*), sum(error), sum(credits) FROM fresh GROUP BY day, user_id ORDER BY day, user_id
    ON CONFLICT (day, user_id) DO UPDATE SET requests = u.requests + excluded.requests,
      errors = u.errors + excluded.errors, credits_used = u.credits_used + excluded.credits_used
  ), buckets AS (
    SELECT day, method, summed_as, bucket, count(*) AS requests, sum(error) AS errors, sum(credits) AS credits
    FROM fresh GROUP BY day, method, summed_as, bucket
  )
  INSERT INTO endpoint_daily AS e (day, method, endpoint, requests, errors, credits_used, durations)
  SELECT day, method, summed_as, sum(requests), sum(errors), sum(credits),
         sum_arrays(array_fill(0::bigint, ARRAY[bucket]) || requests)
  FROM buckets GROUP BY day, method, summed_as ORDER BY day, method, summed_as
  ON CONFLICT (day, method, endpoint) DO UPDATE SET requests = e.requests + excluded.requests,
    errors = e.errors + excluded.errors, credits_used = e.credits_used + excluded.credits_used,
    durations = add_arrays(e.durations, excluded.durations)`

function columnsOf(rows: LogRow[]): unknown[] {
  return [
    rows.map((row) => row.id),
    rows.map((row) => row.requestId),
    rows.map((row) => row.userId),
    rows.map((row) => row.method),
    rows.map((row) => row.endpoint),
    rows.map((row) => (row.matched ? row.endpoint : UNMATCHED)),
    rows.map((row) => row.status),
    rows.map((row) => row.durationMs),
    rows.map((row) => row.creditsCharged),
    rows.map((row) => row.ip),
    rows.map((row) => row.timestamp),
    rows.map((row) => bucketOf(row.durationMs)),
  ]
}

function filtersOf(query: LogQuery): { where: string; values: unknown[] } {
  return conditionsOf([
    ['user_id =', query.userId],
    ['endpoint =', query.endpoint],
    ['status =', query.status],
    ['"timestamp" >=', query.from],
    ['"timestamp" <', query.to],
  ])
}
