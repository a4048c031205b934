import type { IngestionEntity } from '../ingestion.entity.js'

/** Before that the first chunk's warm-up would be taken for the pace. */
const MIN_SECONDS = 0.5

/** How fast a running job goes, and how long it will take from here. */
export interface Pace {
  rowsPerSecond: number | null
  secondsRemaining: number | null
}

type Progress = Pick<
  IngestionEntity,
  'status' | 'bytesTotal' | 'bytesDone' | 'rowsRead' | 'attemptSeconds' | 'attemptFirstByte' | 'attemptFirstRow'
>

/**
 * The pace of the attempt that runs: what an earlier one did, and the time in which nobody worked, say nothing of how fast
 * this one is. Null while nothing was read yet, and for a job that does not run.
 */
export function throughputOf(job: Progress): Pace {
  const { status, bytesTotal, bytesDone, rowsRead, attemptSeconds, attemptFirstByte, attemptFirstRow } = job
  const bytes = bytesDone - attemptFirstByte
  const rows = rowsRead - attemptFirstRow
  if (status !== 'running' || attemptSeconds === null || attemptSeconds < MIN_SECONDS || bytes <= 0 || rows <= 0)
    return { rowsPerSecond: null, secondsRemaining: null }
  return {
    rowsPerSecond: Math.round(rows / attemptSeconds),
    secondsRemaining: Math.ceil(((bytesTotal - bytesDone) * attemptSeconds) / bytes),
  }
}

/** The pace alone changes with every look at the clock, and that is no news. */
export function isSameProgress(a: Pace, b: Pace): boolean {
  const withoutPace = (progress: Pace): string => JSON.stringify({ ...progress, rowsPerSecond: 0, secondsRemaining: 0 })
  return withoutPace(a) === withoutPace(b)
}
