import { Injectable } from '@nestjs/common'
import { plainArray, textArray } from '../infrastructure/database/array-literal.js'
import { Database } from '../infrastructure/database/database.js'
import { bucketOf } from './duration-histogram.js'
import type { LogPosition } from './log-cursor.js'
import type { PageQuery } from '../common/pagination.dto.js'
import type { LogQuery } from './logs.dto.js'

export interface LogRow {
  /** UUIDv7 of the request; makes writing a row twice harmless */
  id: string
  userId: string | null
  keyId: string | null
  method: string
  /** the route's pattern, or the path where no route matched */
  endpoint: string
  /** false where no route matched: such paths are not summed up one by one */
  matched: boolean
  /** the dataset that a query went to */
  dataset: string | null
  status: number
  durationMs: number
  creditsCharged: number
  /** of the problem that was the response */
  errorCode: string | null
  errorDetail: string | null
  /** the console's own request, not a query that was run in it */
  fromConsole: boolean
  ip: string
  timestamp: Date
}

export type StoredLogRow = Omit<LogRow, 'matched'> & { requestId: string }

/** with its time to the microsecond, for cursors */
export type PositionedLogRow = StoredLogRow & { position: string }

export type LogFilters = Omit<LogQuery, keyof PageQuery | 'cursor'>

const MAX_COUNTED = 10_000

/** What the sums call requests that no route matched; a scanner would otherwise make a row a guess. */
const UNMATCHED = '(no route)'

const COLUMNS = `id, request_id AS "requestId", user_id AS "userId", key_id AS "keyId", method, endpoint, dataset, status,
  duration_ms AS "durationMs", credits_charged::float8 AS "creditsCharged",
  error_code AS "errorCode", error_detail AS "errorDetail", from_console AS "fromConsole", ip, "timestamp"`

@Injectable()
export class RequestLogRepository {
  constructor(private readonly database: Database) {}

  /**
   * One statement, so one transaction: the rows, and their sums by day. A row that is there already (the connection
   * broke after the commit, and the batch comes again) is neither stored nor summed a second time. The sums are
   * written in the order of their keys, so that two instances do not wait for each other. `mayBeThere` is false for rows
   * that were never sent: to look for each before it is inserted is a quarter of what it costs.
   */
  async insert(rows: LogRow[], { mayBeThere }: { mayBeThere: boolean }): Promise<void> {
    if (mayBeThere) await this.database.query(insertion('ON CONFLICT DO NOTHING'), columnsOf(rows), 'logs-insert-again')
    else await this.database.query(insertion(''), columnsOf(rows), 'logs-insert')
  }

  /** Newest first; with a position, what comes behind it. */
  async list(
    filters: LogFilters,
    { limit, offset = 0, behind }: { limit: number; offset?: number; behind?: LogPosition },
  ): Promise<PositionedLogRow[]> {
    const { where, values } = conditionsOf(filters)
    const parameters = [...values, limit, offset, ...(behind ? [behind.timestamp, behind.id] : [])]
    const at = (place: number): string => `$${values.length + place}`
    const keyset = `${where ? 'AND' : 'WHERE'} ("timestamp", id) < (${at(3)}::timestamptz, ${at(4)}::uuid)`
    return this.database.query<PositionedLogRow>(
      `SELECT ${COLUMNS}, to_char("timestamp" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS position
       FROM request_logs ${where} ${behind ? keyset : ''}
       ORDER BY "timestamp" DESC, id DESC LIMIT ${at(1)} OFFSET ${at(2)}`,
      parameters,
    )
  }

  /**
   * How many there are: counted up to MAX_COUNTED, so that it costs little however long the log is; above that it is
   * what PostgreSQL's planner expects from its statistics.
   */
  async count(filters: LogFilters): Promise<{ total: number; isExact: boolean }> {
    const { where, values } = conditionsOf(filters)
    const [counted] = await this.database.query<{ total: number }>(
      `SELECT count(*)::float8 AS total FROM (SELECT 1 FROM request_logs ${where} LIMIT ${MAX_COUNTED + 1}) AS first_ones`,
      values,
    )
    if (counted!.total <= MAX_COUNTED) return { total: counted!.total, isExact: true }
    const [plan] = await this.database.query<{ 'QUERY PLAN': [{ Plan: { 'Plan Rows': number } }] }>(
      `EXPLAIN (FORMAT JSON) SELECT 1 FROM request_logs ${where}`,
      values,
    )
    return { total: Math.max(counted!.total, plan!['QUERY PLAN'][0].Plan['Plan Rows']), isExact: false }
  }
}

const insertion = (onConflict: '' | 'ON CONFLICT DO NOTHING'): string => `
  WITH given AS (
    SELECT g.*, to_timestamp(at_ms / 1000) AS at
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::smallint[], $7::real[], $8::bigint[],
      $9::text[], $10::float8[], $11::integer[], $12::uuid[], $13::text[], $14::text[], $15::text[], $16::boolean[])
      AS g (id, user_id, method, endpoint, summed_as, status, duration_ms, credits, ip, at_ms, bucket, key_id, dataset,
            error_code, error_detail, from_console)
  ), stored AS (
    INSERT INTO request_logs
      (id, request_id, user_id, key_id, method, endpoint, dataset, status, duration_ms, credits_charged, error_code,
       error_detail, from_console, ip, "timestamp")
    SELECT id, id::text, user_id, key_id, method, endpoint, dataset, status, duration_ms, credits, error_code,
           error_detail, from_console, ip, at
    FROM given
    ${onConflict} RETURNING id
  ), fresh AS (
    SELECT (at AT TIME ZONE 'UTC')::date AS day, user_id, key_id, dataset, method, summed_as, (status >= 400)::int AS error, credits,
           bucket
    FROM given JOIN stored USING (id)
  ), users AS (
    INSERT INTO usage_daily AS u (day, user_id, key_id, dataset, requests, errors, credits_used)
    SELECT day, user_id, key_id, dataset, count(*), sum(error), sum(credits) FROM fresh
    GROUP BY day, user_id, key_id, dataset ORDER BY day, user_id, key_id, dataset
    ON CONFLICT (day, user_id, key_id, dataset) DO UPDATE SET requests = u.requests + excluded.requests,
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

function columnsOf(rows: LogRow[]): string[] {
  return [
    plainArray(rows, (row) => row.id),
    plainArray(rows, (row) => row.userId),
    textArray(rows, (row) => row.method),
    textArray(rows, (row) => row.endpoint),
    textArray(rows, (row) => (row.matched ? row.endpoint : UNMATCHED)),
    plainArray(rows, (row) => row.status),
    plainArray(rows, (row) => row.durationMs),
    plainArray(rows, (row) => row.creditsCharged),
    textArray(rows, (row) => row.ip),
    plainArray(rows, (row) => row.timestamp.getTime()),
    plainArray(rows, (row) => bucketOf(row.durationMs)),
    plainArray(rows, (row) => row.keyId),
    textArray(rows, (row) => row.dataset),
    textArray(rows, (row) => row.errorCode),
    textArray(rows, (row) => row.errorDetail),
    plainArray(rows, (row) => row.fromConsole),
  ]
}

/** `WHERE user_id = $1 AND ...` of the filters that have a value, and those values; the empty text when none has. */
function conditionsOf(filters: LogFilters): { where: string; values: unknown[] } {
  const { userId, keyId, endpoint, dataset, status, error, console, from, to } = filters
  const all: [condition: string, value: unknown][] = [
    ['user_id =', userId],
    ['key_id =', keyId],
    ['endpoint =', endpoint],
    ['dataset =', dataset],
    ['status =', status],
    ['(status >= 400) =', error],
    ['from_console =', console],
    ['"timestamp" >=', from],
    ['"timestamp" <', to],
  ]
  const used = all.filter(([, value]) => value !== undefined)
  const conditions = used.map(([condition], index) => `${condition} $${index + 1}`)
  // As the index of refusals has it.
  if (error) conditions.push('status >= 400')
  const where = conditions.join(' AND ')
  return { where: where && `WHERE ${where}`, values: used.map(([, value]) => value) }
}
