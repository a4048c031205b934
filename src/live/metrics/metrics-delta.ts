import { Counts, CountedNames, type CountRow } from './metrics-counts.js'
import type { StoredEvent } from '../../events/stored-event.js'

/** Points of a type that a time series shows. */
export const SERIES_POINTS = 100
/** So many of the newest events are passed on whatever their type, besides those that a time series needs. */
const NEWEST_EVENTS = 1_000
const MAX_EVENTS = 4_000

/** What happened within a moment, as it goes from the instance that stored it to all of them. Bounded. */
export interface MetricsDelta {
  /** counts by the second in which the events were received (Unix seconds) */
  seconds: [second: number, rows: CountRow[]][]
  /** the newest, oldest first */
  events: StoredEvent[]
  /** events that were left out of `events` */
  omitted: number
}

/** Unix milliseconds at which the id was made, which ClickHouse knows as `received_at`. */
export function receivedAtMs({ id }: StoredEvent): number {
  return parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
}

/** Gathers stored events until somebody takes them. */
export class MetricsDeltaBuilder {
  private names = new CountedNames()
  private seconds = new Map<number, Counts>()
  private events: StoredEvent[] = []
  private omitted = 0

  get isEmpty(): boolean {
    return this.seconds.size === 0
  }

  add(events: readonly StoredEvent[]): void {
    for (const event of events) {
      this.countsOf(Math.floor(receivedAtMs(event) / 1000)).addEvent(event)
      this.events.push(event)
      if (this.events.length > 2 * MAX_EVENTS) this.thin()
    }
  }

  take(): MetricsDelta {
    this.thin()
    const { seconds, events, omitted } = this
    this.names = new CountedNames()
    this.seconds = new Map()
    this.events = []
    this.omitted = 0
    return { seconds: [...seconds].map(([second, counts]) => [second, counts.rows()]), events, omitted }
  }

  private countsOf(second: number): Counts {
    let counts = this.seconds.get(second)
    if (!counts) this.seconds.set(second, (counts = new Counts(this.names)))
    return counts
  }

  /** Keeps the newest of all and the newest of each type. */
  private thin(): void {
    if (this.events.length <= NEWEST_EVENTS) return
    const ofType = new Map<string, number>()
    const kept: StoredEvent[] = []
    for (let index = this.events.length - 1; index >= 0 && kept.length < MAX_EVENTS; index--) {
      const event = this.events[index]!
      const newer = ofType.get(event.type) ?? 0
      if (kept.length >= NEWEST_EVENTS && newer >= SERIES_POINTS) continue
      ofType.set(event.type, newer + 1)
      kept.push(event)
    }
    this.omitted += this.events.length - kept.length
    this.events = kept.reverse()
  }
}
