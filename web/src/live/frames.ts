export type Value = string | number | boolean

export interface StoredEvent {
  id: string
  timestamp: string
  source: string
  type: string
  values: Record<string, Value>
}

export interface Region {
  events: number
  amount: number
}

/** The answer of GET /api/metrics. */
export interface Metrics {
  totalEvents: number
  eventsByType: Record<string, number>
  eventsBySource: Record<string, number>
  eventsPerSecond: number
  recentValues: Record<string, Value>
  timeSeries: Record<string, { timestamp: string; values: Record<string, Value> }[]>
  regions: Record<string, Region>
  at: string
}

/** Of what has names only what changed; null: it is gone. */
type Changed<T> = Record<string, T | null>

export interface ChangedMetrics {
  totalEvents: number
  eventsPerSecond: number
  eventsByType: Changed<number>
  eventsBySource: Changed<number>
  recentValues: Changed<Value>
  regions: Changed<Region>
  at: string
}

/** What reports to ask for again. */
export type DashboardPart = 'transactions' | 'views' | 'catalog'

/** One message of GET /api/ws. */
export type Frame =
  | { type: 'snapshot'; data: { metrics: Metrics } }
  | { type: 'metrics'; data: ChangedMetrics }
  | { type: 'event'; data: { events: StoredEvent[]; omitted: number } }
  | { type: 'ingestion'; data: { ingestions: { id: string }[] } }
  | { type: 'dashboard'; data: { changed: DashboardPart[] } }
