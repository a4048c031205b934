import { Counts, CountedNames, type Count, type CountRow, type Dimension } from './metrics-counts.js'
import type { MetricsDelta } from './metrics-delta.js'
import { RecentEvents, type Point } from './metrics-recent.js'
import type { StoredEvent } from '../../events/stored-event.js'

/** Over so many seconds `eventsPerSecond` is taken. */
const RATE_SECONDS = 10
const MAX_LIVE_SECONDS = 120
const MAX_SINCE_READ = 10_000

/** The answer of GET /api/metrics. */
export interface Metrics {
  totalEvents: number
  eventsByType: Record<string, number>
  eventsBySource: Record<string, number>
  eventsPerSecond: number
  recentValues: Record<string, string | number | boolean>
  timeSeries: Record<string, Point[]>
  regions: Record<string, Count>
  at: string
}

/** What ClickHouse counted: rows before `base`, and from there to before `until` (Unix seconds). */
export interface Settlement {
  base: number
  until: number
  /** all rows before `base`, or, with `isMore`, those since the last settlement's base */
  baseRows: CountRow[]
  isMore: boolean
  /** those from `base` to `until` */
  openRows: CountRow[]
}

/**
 * Counts that are right without a token for each event: time is cut at `until`. What was received before that is what the
 * engine counted, and what was received later is what instances told of. So an event is in one of the two, and one
 * whose announcement was lost, or that took long to be stored, is found by the next look at ClickHouse.
 * The part since `base` is counted anew each time, because a slow insert may still bring something there.
 */
export class MetricsState {
  private names = new CountedNames()
  private base = new Counts(this.names)
  private open = new Counts(this.names)
  private live = new Map<number, Counts>()
  private readonly rate = new Map<number, number>()
  private recent = new RecentEvents()
  /** those that came since ClickHouse was asked for the last ones; undefined while it is not asked */
  private sinceRead?: StoredEvent[]
  /** events that were received before `untilSecond` and told of after it: ClickHouse's next count has them */
  private lateEvents = 0
  /** Unix seconds */
  baseSecond = 0
  untilSecond = 0

  /** Whether all of it was received after the cut; else the next look at ClickHouse counts the rest. */
  add({ seconds, events }: MetricsDelta): { isBehind: boolean; isBeforeBase: boolean } {
    this.recent.add(events)
    if (this.sinceRead) this.sinceRead = [...this.sinceRead, ...events].slice(-MAX_SINCE_READ)
    for (const [second, rows] of seconds) {
      this.rate.set(second, (this.rate.get(second) ?? 0) + eventsOf(rows))
      if (second < this.untilSecond) {
        this.lateEvents += eventsOf(rows)
        // ClickHouse counts them; their names came now, before those that are still to come.
        new Counts(this.names).addRows(rows)
        continue
      }
      const counts = this.live.get(second) ?? new Counts(this.names)
      this.live.set(second, counts.addRows(rows))
    }
    this.foldOldSeconds()
    return {
      isBehind: seconds.some(([second]) => second < this.untilSecond),
      isBeforeBase: seconds.some(([second]) => second < this.baseSecond),
    }
  }

  /** Before ClickHouse is asked for the last events. */
  expectLastEvents(): void {
    this.sinceRead = []
  }

  /** The last events that ClickHouse has, oldest first, in place of those that this process was told of. */
  setLastEvents(events: readonly StoredEvent[]): void {
    const known = new Set(events.map(({ id }) => id))
    this.recent = new RecentEvents()
    this.recent.add(events)
    this.recent.add((this.sinceRead ?? []).filter(({ id }) => !known.has(id)))
    this.sinceRead = undefined
  }

  /** Whether ClickHouse knows of events that nobody told of. */
  settle({ base, until, baseRows, isMore, openRows }: Settlement): boolean {
    const expected = this.eventsBefore(until) + this.lateEvents
    const later = [...this.live].filter(([second]) => second >= until)
    // A count of everything decides anew which names are counted apart.
    if (!isMore) this.names = new CountedNames()
    this.base = (isMore ? this.base : new Counts(this.names)).addRows(baseRows)
    this.open = new Counts(this.names).addRows(openRows)
    this.live = new Map(later.map(([second, counts]) => [second, new Counts(this.names).addAll(counts)]))
    this.baseSecond = base
    this.untilSecond = until
    this.lateEvents = 0
    return this.base.events + this.open.events > expected
  }

  countedNames(dimension: Dimension): string[] {
    return this.names.all(dimension)
  }

  snapshot(nowMs: number): Metrics {
    const all = new Counts(this.names).addAll(this.base).addAll(this.open)
    for (const counts of this.live.values()) all.addAll(counts)
    return {
      totalEvents: all.events,
      eventsByType: numbersOf(all.by.type),
      eventsBySource: numbersOf(all.by.source),
      eventsPerSecond: this.eventsPerSecond(nowMs),
      recentValues: this.recent.recentValues(),
      timeSeries: this.recent.timeSeries(),
      regions: Object.fromEntries([...all.by.region].map(([name, count]) => [name, rounded(count)])),
      at: new Date(nowMs).toISOString(),
    }
  }

  /** The mean of the last ten seconds, the one that runs included. */
  eventsPerSecond(nowMs: number): number {
    const first = Math.floor(nowMs / 1000) - RATE_SECONDS + 1
    let events = 0
    for (const [second, count] of this.rate) {
      if (second < first) this.rate.delete(second)
      else events += count
    }
    return events / RATE_SECONDS
  }

  private eventsBefore(second: number): number {
    let events = this.base.events + this.open.events
    for (const [liveSecond, counts] of this.live) if (liveSecond < second) events += counts.events
    return events
  }

  /** While ClickHouse cannot be asked. The next answer of ClickHouse takes the place of `open`, so nothing counts twice. */
  private foldOldSeconds(): void {
    if (this.live.size <= MAX_LIVE_SECONDS) return
    const [second, counts] = this.live.entries().next().value!
    this.live.delete(second)
    this.open.addAll(counts)
  }
}

function eventsOf(rows: CountRow[]): number {
  return rows.find(([dimension]) => dimension === 'all')?.[2] ?? 0
}

function numbersOf(counts: Map<string, Count>): Record<string, number> {
  return Object.fromEntries([...counts].map(([name, { events }]) => [name, events]))
}

/** Amounts are for a chart: a double, shown with four places. */
function rounded({ events, amount }: Count): Count {
  return { events, amount: Math.round(amount * 10_000) / 10_000 }
}
