import { BoundedMap } from './metrics-bounded-map.js'
import { SERIES_POINTS } from './metrics-delta.js'
import type { StoredEvent } from '../../events/stored-event.js'

export interface Point {
  timestamp: string
  values: StoredEvent['values']
}

interface Series {
  points: Point[]
  sizes: number[]
}

/** The types and values that got nothing for longest are forgotten first. */
const SERIES_LIMITS = { maxEntries: 64, maxBytes: 1024 * 1024 }
const VALUE_LIMITS = { maxEntries: 512, maxBytes: 128 * 1024 }
/** What a point takes besides its values */
const POINT_BYTES = 50

/** The last points of each type, and the last value of each `type.key`. Bounded in entries and bytes. */
export class RecentEvents {
  private readonly series = new BoundedMap<Series>(SERIES_LIMITS)
  private readonly values = new BoundedMap<string | number | boolean>(VALUE_LIMITS)

  /** Oldest first. */
  add(events: readonly StoredEvent[]): void {
    const byType = new Map<string, StoredEvent[]>()
    for (const event of events) {
      const known = byType.get(event.type)
      if (known) known.push(event)
      else byType.set(event.type, [event])
    }
    for (const [type, ofType] of byType) this.addTo(type, ofType.slice(-SERIES_POINTS))
  }

  timeSeries(): Record<string, Point[]> {
    return Object.fromEntries([...this.series].map(([type, { points }]) => [type, points]))
  }

  recentValues(): Record<string, string | number | boolean> {
    return Object.fromEntries(this.values)
  }

  private addTo(type: string, events: StoredEvent[]): void {
    const { points, sizes } = this.series.get(type) ?? { points: [], sizes: [] }
    for (const { timestamp, values } of events) {
      points.push({ timestamp, values })
      sizes.push(POINT_BYTES + JSON.stringify(values).length)
      for (const [key, value] of Object.entries(values)) this.setValue(`${type}.${key}`, value)
    }
    const surplus = Math.max(points.length - SERIES_POINTS, 0)
    points.splice(0, surplus)
    sizes.splice(0, surplus)
    const bytes = sizes.reduce((sum, size) => sum + size, type.length)
    this.series.set(type, { points, sizes }, bytes)
  }

  private setValue(name: string, value: string | number | boolean): void {
    this.values.set(name, value, name.length + (typeof value === 'string' ? value.length : 8))
  }
}
