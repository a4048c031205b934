import { Injectable } from '@nestjs/common'
import { Database } from '../infrastructure/database/database.js'
import type { UsageDay, UsageOfDataset, UsageOfKey } from './usage.dto.js'

export interface DayRow extends UsageDay {
  durations: number[]
}

export interface EndpointRow {
  method: string
  endpoint: string
  requests: number
  errors: number
  durations: number[]
}

/** Reads the daily sums; they are written with the request log itself. `days` counts back from today, in UTC. */
@Injectable()
export class UsageRepository {
  constructor(private readonly database: Database) {}

  /** One row a day, oldest first, zeros where nothing happened. */
  dailyOf(userId: string | null, days: number): Promise<UsageDay[]> {
    return this.database.query(
      `SELECT to_char(d.day, 'YYYY-MM-DD') AS date, ${SUMS}
       FROM ${DAYS} LEFT JOIN usage_daily u ON u.day = d.day AND u.user_id = $2::uuid GROUP BY d.day ORDER BY d.day`,
      [days, userId],
    )
  }

  /** Of all these days together, most credits first; with the names of keys, which outlive them as revoked ones. */
  byKey(userId: string | null, days: number): Promise<UsageOfKey[]> {
    return this.database.query(
      `SELECT u.key_id AS "keyId", k.name, k.prefix, ${SUMS}
       FROM usage_daily u LEFT JOIN api_keys k ON k.id = u.key_id
       WHERE u.user_id = $2::uuid AND ${IS_RECENT}
       GROUP BY u.key_id, k.name, k.prefix ORDER BY sum(u.credits_used) DESC, sum(u.requests) DESC, u.key_id`,
      [days, userId],
    )
  }

  byDataset(userId: string | null, days: number): Promise<UsageOfDataset[]> {
    return this.database.query(
      `SELECT u.dataset, ${SUMS} FROM usage_daily u WHERE u.user_id = $2::uuid AND ${IS_RECENT}
       GROUP BY u.dataset ORDER BY sum(u.credits_used) DESC, sum(u.requests) DESC, u.dataset`,
      [days, userId],
    )
  }

  daily(days: number): Promise<DayRow[]> {
    return this.database.query(
      `SELECT to_char(d.day, 'YYYY-MM-DD') AS date, coalesce(sum(e.requests), 0)::float8 AS requests,
              coalesce(sum(e.credits_used), 0)::float8 AS "creditsUsed", coalesce(sum(e.errors), 0)::float8 AS errors,
              coalesce(sum_arrays(e.durations), '{}')::float8[] AS durations
       FROM ${DAYS} LEFT JOIN endpoint_daily e ON e.day = d.day GROUP BY d.day ORDER BY d.day`,
      [days],
    )
  }

  /** The busiest first. */
  endpoints(days: number, limit: number): Promise<EndpointRow[]> {
    return this.database.query(
      `SELECT method, endpoint, sum(requests)::float8 AS requests, sum(errors)::float8 AS errors,
              sum_arrays(durations)::float8[] AS durations
       FROM endpoint_daily WHERE ${IS_RECENT}
       GROUP BY method, endpoint ORDER BY sum(requests) DESC, method, endpoint LIMIT $2`,
      [days, limit],
    )
  }

  async totals(): Promise<{ requests: number; creditsUsed: number }> {
    const [row] = await this.database.query<{ requests: number; creditsUsed: number }>(
      `SELECT coalesce(sum(requests), 0)::float8 AS requests, coalesce(sum(credits_used), 0)::float8 AS "creditsUsed"
       FROM endpoint_daily`,
    )
    return row!
  }

  /** How many users sent a request in the last `days` days. */
  async activeUsers(days: number): Promise<number> {
    const [row] = await this.database.query<{ count: number }>(
      `SELECT count(DISTINCT user_id)::int AS count FROM usage_daily WHERE ${IS_RECENT}`,
      [days],
    )
    return row!.count
  }
}

const DAYS = `(SELECT (now() AT TIME ZONE 'UTC')::date - n AS day FROM generate_series(0, $1::int - 1) n) d`

const IS_RECENT = `day > (now() AT TIME ZONE 'UTC')::date - $1::int`

const SUMS = `coalesce(sum(u.requests), 0)::float8 AS requests,
  coalesce(sum(u.credits_used), 0)::float8 AS "creditsUsed", coalesce(sum(u.errors), 0)::float8 AS errors`
