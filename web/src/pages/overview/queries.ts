import { useQuery, type QueryKey } from '@tanstack/react-query'
import { request } from '../../api/http'
import type { Page } from '../../api/page'
import type { Frame } from '../../live/frames'
import type { Ingestion } from '../data/ingestions'

export interface StatsDay {
  date: string
  requests: number
  creditsUsed: number
  errors: number
  p95Ms: number | null
}

export interface EndpointStats {
  method: string
  endpoint: string
  requests: number
  errors: number
  p95Ms: number | null
}

export interface DatasetStats {
  name: string
  rowCount: number
  lastIngestionAt: string | null
}

export interface Stats {
  users: number
  activeUsers: number
  newUsersToday: number
  lowCreditUsers: number
  requests: number
  requestsToday: number
  errorsToday: number
  creditsUsed: number
  creditsUsedToday: number
  dailyUsage: StatsDay[]
  topEndpoints: EndpointStats[]
  datasets: DatasetStats[]
}

const LATEST_INGESTIONS = 5
const REFRESH_MS = 15_000

const STATS_KEY = ['stats']
const LATEST_KEY = ['ingestions', 'latest']

export function useStats() {
  return useQuery({
    queryKey: STATS_KEY,
    queryFn: ({ signal }) => request<Stats>('GET', '/v1/admin/stats', { signal }),
    refetchInterval: REFRESH_MS,
  })
}

export function useLatestIngestions() {
  return useQuery({
    queryKey: LATEST_KEY,
    queryFn: ({ signal }) =>
      request<Page<Ingestion>>('GET', '/v1/ingestions', { query: { limit: LATEST_INGESTIONS }, signal }),
    refetchInterval: REFRESH_MS,
  })
}

/** What a frame makes old on this page. */
export function keysChangedBy(frame: Frame): QueryKey[] {
  if (frame.type === 'ingestion') return [LATEST_KEY]
  if (frame.type === 'dashboard' && frame.data.changed.includes('transactions')) return [STATS_KEY]
  return frame.type === 'snapshot' ? [LATEST_KEY, STATS_KEY] : []
}
