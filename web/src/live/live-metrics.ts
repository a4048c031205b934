import type { ChangedMetrics, Frame, Metrics, Region, StoredEvent, Value } from './frames'

export interface Point {
  timestamp: string
  value: number
}

/** What the page knows of the events. It is replaced when it changes, never changed itself. */
export interface LiveFigures {
  totalEvents: number
  eventsPerSecond: number
  eventsByType: ReadonlyMap<string, number>
  eventsBySource: ReadonlyMap<string, number>
  recentValues: ReadonlyMap<string, Value>
  regions: ReadonlyMap<string, Region>
  /** by `type.key`, oldest first; numbers only */
  series: ReadonlyMap<string, readonly Point[]>
  /** newest first */
  latestEvents: readonly StoredEvent[]
}

const SERIES_POINTS = 100
const MAX_SERIES = 256
const MAX_NAMES = 1_000
const LATEST_EVENTS = 50

/** The figures after a frame; undefined until the first snapshot. Whatever comes, they stay bounded. */
export function afterFrame(figures: LiveFigures | undefined, frame: Frame): LiveFigures | undefined {
  if (frame.type === 'snapshot') return ofSnapshot(frame.data.metrics, figures)
  if (!figures) return undefined
  if (frame.type === 'metrics') return withChanges(figures, frame.data)
  if (frame.type === 'event') return withEvents(figures, frame.data.events)
  return figures
}

function ofSnapshot(metrics: Metrics, before: LiveFigures | undefined): LiveFigures {
  const events = Object.entries(metrics.timeSeries).flatMap(([type, points]) =>
    points.map(({ timestamp, values }) => ({ type, timestamp, values })),
  )
  return {
    totalEvents: metrics.totalEvents,
    eventsPerSecond: metrics.eventsPerSecond,
    eventsByType: changed(new Map<string, number>(), metrics.eventsByType),
    eventsBySource: changed(new Map<string, number>(), metrics.eventsBySource),
    recentValues: changed(new Map<string, Value>(), metrics.recentValues),
    regions: changed(new Map<string, Region>(), metrics.regions),
    series: extended(new Map(), events),
    latestEvents: before?.latestEvents ?? [],
  }
}

function withChanges(figures: LiveFigures, metrics: ChangedMetrics): LiveFigures {
  return {
    ...figures,
    totalEvents: metrics.totalEvents,
    eventsPerSecond: metrics.eventsPerSecond,
    eventsByType: changed(figures.eventsByType, metrics.eventsByType),
    eventsBySource: changed(figures.eventsBySource, metrics.eventsBySource),
    recentValues: changed(figures.recentValues, metrics.recentValues),
    regions: changed(figures.regions, metrics.regions),
  }
}

function withEvents(figures: LiveFigures, events: readonly StoredEvent[]): LiveFigures {
  return {
    ...figures,
    series: extended(figures.series, events),
    latestEvents: [...events.slice(-LATEST_EVENTS).reverse(), ...figures.latestEvents].slice(0, LATEST_EVENTS),
  }
}

/** A Map, because names are anybody's: one may be `__proto__`. */
function changed<T>(before: ReadonlyMap<string, T>, changes: Record<string, T | null>): ReadonlyMap<string, T> {
  const entries = Object.entries(changes)
  if (entries.length === 0) return before
  const after = new Map(before)
  for (const [name, value] of entries) {
    if (value === null) after.delete(name)
    else after.set(name, value)
  }
  return newest(after, MAX_NAMES)
}

function extended(
  before: LiveFigures['series'],
  events: readonly Pick<StoredEvent, 'type' | 'timestamp' | 'values'>[],
): LiveFigures['series'] {
  const added = new Map<string, Point[]>()
  for (const { type, timestamp, values } of events) {
    for (const [key, value] of Object.entries(values)) {
      if (typeof value !== 'number') continue
      const name = `${type}.${key}`
      const points = added.get(name)
      if (points) points.push({ timestamp, value })
      else added.set(name, [{ timestamp, value }])
    }
  }
  const after = new Map(before)
  for (const [name, points] of added) {
    // Put at the end: what got nothing for longest is the first to be forgotten.
    after.delete(name)
    after.set(name, [...(before.get(name) ?? []), ...points].slice(-SERIES_POINTS))
  }
  return newest(after, MAX_SERIES)
}

function newest<T>(map: Map<string, T>, most: number): Map<string, T> {
  for (const name of map.keys()) {
    if (map.size <= most) break
    map.delete(name)
  }
  return map
}
