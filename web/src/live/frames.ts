import type { Schemas } from '../api/http'

export type StoredEvent = Schemas['StoredEventResponse']
export type Value = StoredEvent['values'][string]
export type Region = Schemas['RegionMetrics']
/** The answer of GET /api/metrics. */
export type Metrics = Schemas['MetricsResponse']
export type ChangedMetrics = Schemas['ChangedMetricsResponse']
/** One message of GET /api/ws. */
export type Frame =
  | Schemas['SnapshotFrame']
  | Schemas['MetricsFrame']
  | Schemas['EventFrame']
  | Schemas['IngestionFrame']
  | Schemas['DashboardFrame']
