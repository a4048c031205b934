export const INGESTION_STATUSES = ['queued', 'running', 'succeeded', 'failed', 'canceled'] as const
export type IngestionStatus = (typeof INGESTION_STATUSES)[number]

export const FORMATS = ['csv', 'tsv', 'json', 'ndjson', 'xml', 'parquet'] as const
export type Format = (typeof FORMATS)[number]

export const COMPRESSIONS = ['none', 'gzip', 'zstd'] as const
export type Compression = (typeof COMPRESSIONS)[number]

export type OnError = 'quarantine' | 'abort'

export function isEnded({ status }: { status: IngestionStatus }): boolean {
  return status !== 'queued' && status !== 'running'
}

/** Emitted in the process that saw it, for every change of a job. */
export const INGESTION_CHANGED = 'ingestion.changed'

/** Emitted when a job failed through no fault of its file. */
export const INGESTION_BROKEN = 'ingestion.broken'

export interface BrokenIngestionEvent {
  id: string
  reason: string
}

export interface IngestionEvent {
  id: string
  dataset: string
}
