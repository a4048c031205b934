import type { IngestionEntity } from './ingestion.entity.js'
import type { IngestionResponse } from './ingestions.dto.js'
import { throughputOf } from './loading/throughput.js'

/** A job as callers see it. */
export function responseOf(job: IngestionEntity): IngestionResponse {
  const {
    id,
    dataset,
    format,
    fileName,
    status,
    bytesTotal,
    bytesDone,
    rowsRead,
    rowsAccepted,
    rowsRejected,
    error,
    warnings,
    sha256,
  } = job
  return {
    id,
    dataset,
    format,
    fileName,
    status,
    bytesTotal,
    bytesDone,
    rowsRead,
    rowsAccepted,
    rowsRejected,
    createdAt: job.createdAt.toISOString(),
    startedAt: job.startedAt?.toISOString() ?? null,
    finishedAt: job.finishedAt?.toISOString() ?? null,
    error,
    warnings: status === 'succeeded' ? warnings : [],
    sha256,
    duplicate: false,
    deletedAt: job.deletedAt?.toISOString() ?? null,
    ...throughputOf(job),
  }
}

/** What became of its rows, for people. */
export function deletionMessage({ status, rowsDeleted }: IngestionEntity): string {
  if (status !== 'succeeded') return `The job has ${status}, so there was nothing of it to take out.`
  return (
    `${rowsDeleted} ${rowsDeleted === 1 ? 'row of this job was' : 'rows of this job were'} taken out. Rows that a later job had replaced ` +
    'stay as they are; rows that this job had replaced do not come back.'
  )
}
