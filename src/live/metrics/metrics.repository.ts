import { Injectable } from '@nestjs/common'
import { ClickHouse } from '../../infrastructure/clickhouse/clickhouse.js'
import { ReplicaGuard } from '../../infrastructure/clickhouse/replica-guard.js'
import { DIMENSIONS, MAX_NAMES, MAX_REGION_BYTES, OTHER, type CountRow, type Dimension } from './metrics-counts.js'
import { SERIES_POINTS } from './metrics-delta.js'
import type { StoredEvent } from '../../events/stored-event.js'

/** Of so many types the last points are read. */
const SERIES_TYPES = 64
/** They are looked for among the newest events: at least so many, */
const LOOKED_AT_EVENTS = 20_000
/** unless that would be more than so many; a table of years is not sorted for a chart. */
const MAX_LOOKED_AT_EVENTS = 1_000_000
const LOOK_BACK_SECONDS = [60, 3_600, 86_400, 30 * 86_400]

const NAME: Record<Dimension, string> = {
  type: 'type',
  source: 'source',
  region: `if(length(texts['region']) > ${MAX_REGION_BYTES}, '${OTHER}', texts['region'])`,
}
const HAS_REGION = `texts['region'] != ''`

interface Row {
  dimension: CountRow[0]
  name: string
  events: string
  amount: number
}

interface StoredRow {
  uuid: string
  type: string
  source: string
  values: string
  timestampMs: string
}

/** What ClickHouse knows of events, in the bounded form that the live metrics need. */
@Injectable()
export class MetricsRepository {
  constructor(
    private readonly clickhouse: ClickHouse,
    private readonly guard: ReplicaGuard,
  ) {}

  /**
   * Counts the events that were received from the second `from` to before the second `until`. Of each dimension it gives
   * the names that are `counted` already and the most frequent others; the rest is one row.
   */
  async count(from: number, until: number, counted: (dimension: Dimension) => string[]): Promise<CountRow[]> {
    const selects = DIMENSIONS.map(
      (dimension) => `
        SELECT '${dimension}' AS dimension, ${NAME[dimension]} AS name, count() AS events,
          ${dimension === 'region' ? `toFloat64(sum(numbers['amount']))` : 'toFloat64(0)'} AS amount
        FROM events WHERE ${RECEIVED} ${dimension === 'region' ? `AND ${HAS_REGION}` : ''}
        GROUP BY name ORDER BY has({${dimension}:Array(String)}, name) DESC, events DESC, name LIMIT ${2 * MAX_NAMES}`,
    )
    const total = `SELECT 'all' AS dimension, '' AS name, count() AS events, toFloat64(0) AS amount FROM events WHERE ${RECEIVED}`
    const rows = await this.query<Row>(
      [total, ...selects].map((select) => `SELECT * FROM (${select})`).join('\nUNION ALL\n'),
      {
        from: from * 1000,
        until: until * 1000,
        ...Object.fromEntries(DIMENSIONS.map((dimension) => [dimension, counted(dimension)])),
      },
    )
    return withRest(
      rows.map(({ dimension, name, events, amount }) => [dimension, name, Number(events), Number(amount)]),
    )
  }

  /** The last events of the types that came last, oldest first. ClickHouse compares UUIDs by their second half, texts by all. */
  async lastEvents(): Promise<StoredEvent[]> {
    const rows = await this.query<StoredRow>(
      `SELECT toString(id) AS uuid, type, source, values, toUnixTimestamp64Milli(timestamp) AS timestampMs
       FROM (
         SELECT id, type, source, values, timestamp, received_at FROM events
         WHERE received_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
         ORDER BY received_at DESC, toString(id) DESC LIMIT ${SERIES_POINTS} BY type
         LIMIT ${SERIES_TYPES * SERIES_POINTS}
       ) ORDER BY received_at, uuid`,
      { since: await this.lookBackTo() },
    )
    return rows.map(({ uuid, timestampMs, values, ...row }) => ({
      ...row,
      id: uuid,
      timestamp: new Date(Number(timestampMs)).toISOString(),
      values: JSON.parse(values) as StoredEvent['values'],
    }))
  }

  private query<Found>(sql: string, params?: Record<string, unknown>): Promise<Found[]> {
    return this.guard.read('events', (settings) => this.clickhouse.query<Found>(sql, { params, settings }))
  }

  /** Unix milliseconds */
  private async lookBackTo(): Promise<number> {
    const windows = LOOK_BACK_SECONDS.map((seconds) => `countIf(received_at >= newest - ${seconds})`)
    const [row] = await this.query<{ newestMs: string; counts: string[] }>(
      `WITH (SELECT max(received_at) FROM events) AS newest
       SELECT toUnixTimestamp64Milli(newest) AS newestMs, [${windows.join(', ')}] AS counts
       FROM events WHERE received_at >= newest - ${LOOK_BACK_SECONDS.at(-1)}`,
    )
    const counts = row!.counts.map(Number)
    const enough = counts.findIndex((count) => count >= LOOKED_AT_EVENTS)
    const widest = enough === -1 ? counts.length - 1 : enough
    const chosen = counts[widest]! > MAX_LOOKED_AT_EVENTS ? Math.max(widest - 1, 0) : widest
    return Number(row!.newestMs) - LOOK_BACK_SECONDS[chosen]! * 1000
  }
}

const RECEIVED = `received_at >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND received_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')`

/** Every event has a type and a source, so what is missing there had a name that was left out. */
function withRest(rows: CountRow[]): CountRow[] {
  const total = rows.find(([dimension]) => dimension === 'all')![2]
  const rest = (['type', 'source'] as const).map((dimension): CountRow => {
    const named = rows.filter((row) => row[0] === dimension).reduce((sum, [, , events]) => sum + events, 0)
    return [dimension, OTHER, total - named, 0]
  })
  return [...rows, ...rest.filter(([, , events]) => events > 0)]
}
