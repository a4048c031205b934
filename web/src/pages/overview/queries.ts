import { useQuery, type QueryKey } from '@tanstack/react-query'
import { request, type Schemas } from '../../api/http'
import type { Frame } from '../../live/frames'

export type StatsDay = Schemas['StatsDay']
export type EndpointStats = Schemas['EndpointStats']
export type DatasetStats = Schemas['DatasetStats']
export type Stats = Schemas['Stats']

const LATEST_INGESTIONS = 5
const REFRESH_MS = 15_000

const STATS_KEY = ['stats']
const LATEST_KEY = ['ingestions', 'latest']

export function useStats() {
  return useQuery({
    queryKey: STATS_KEY,
    queryFn: ({ signal }) => request('GET /v1/admin/stats', { signal }),
    refetchInterval: REFRESH_MS,
  })
}

export function useLatestIngestions() {
  return useQuery({
    queryKey: LATEST_KEY,
    queryFn: ({ signal }) => request('GET /v1/ingestions', { query: { limit: LATEST_INGESTIONS }, signal }),
    refetchInterval: REFRESH_MS,
  })
}

/** Somebody has had a query answered. */
export function isInUse({ creditsUsed, topEndpoints }: Stats): boolean {
  return (
    creditsUsed > 0 ||
    topEndpoints.some(({ endpoint, requests, errors }) => endpoint === '/v1/query' && requests > errors)
  )
}

/** What a frame makes old on this page. */
export function keysChangedBy(frame: Frame): QueryKey[] {
  if (frame.type === 'ingestion') return [LATEST_KEY]
  if (frame.type === 'dashboard' && frame.data.changed.includes('transactions')) return [STATS_KEY]
  return frame.type === 'snapshot' ? [LATEST_KEY, STATS_KEY] : []
}
