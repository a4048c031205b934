import type { TextEncoding } from './formats/encodings.js'
import type { Mapping } from './rows/mapping.js'

export const INGESTION_STATUSES = ['queued', 'running', 'succeeded', 'failed', 'canceled'] as const
export type IngestionStatus = (typeof INGESTION_STATUSES)[number]

export const FORMATS = ['csv', 'tsv', 'json', 'ndjson', 'xml', 'parquet'] as const
export type Format = (typeof FORMATS)[number]

export const COMPRESSIONS = ['none', 'gzip', 'zstd'] as const
export type Compression = (typeof COMPRESSIONS)[number]

export type OnError = 'quarantine' | 'abort'

/** One file on its way into a dataset. Always rowsRead = rowsAccepted + rowsRejected. */
export interface Ingestion {
  /** UUIDv7 */
  id: string
  /** counts the jobs; the rows' versions begin with it, so that a later job's rows replace an earlier one's */
  number: number
  dataset: string
  format: Format
  compression: Compression
  /** of a text file; null: told by a byte order mark, else UTF-8 */
  encoding: TextEncoding | null
  fileName: string | null
  mapping: Mapping
  onError: OnError
  sha256: string
  status: IngestionStatus
  bytesTotal: number
  bytesDone: number
  rowsRead: number
  rowsAccepted: number
  rowsRejected: number
  error: string | null
  createdAt: Date
  startedAt: Date | null
  finishedAt: Date | null
  /** counts the times that a worker took the job up */
  attempt: number
  stagingAttempt: number
  committing: boolean
  /** attempts since a chunk was last recorded */
  fruitlessAttempts: number
  /** seconds since the attempt that runs, or ran last, began; null before the first */
  attemptSeconds: number | null
  /** where that attempt began */
  attemptFirstByte: number
  attemptFirstRow: number
  /** when its rows were taken out again */
  deletedAt: Date | null
  rowsDeleted: number
}

export function isEnded({ status }: Pick<Ingestion, 'status'>): boolean {
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
