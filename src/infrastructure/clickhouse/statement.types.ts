import type { ClickHouseSettings } from '@clickhouse/client'

export interface StatementOptions {
  /** bound to `{name:Type}` in the SQL, never written into it */
  params?: Record<string, unknown>
  settings?: ClickHouseSettings
  signal?: AbortSignal
  queryId?: string
}

export interface StreamOptions extends StatementOptions {
  /** how long ClickHouse may be silent, at first and between two parts; 15 minutes unless told */
  silenceMs?: number
}

export interface StatementSummary {
  readRows: number
  /** of tables, as the statement was planned; it may stop sooner */
  rowsToRead: number
  writtenRows: number
  resultRows: number
}
