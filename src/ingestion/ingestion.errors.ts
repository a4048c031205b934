import { AppError } from '../common/errors/app-error.js'

/** The job cannot succeed; its message becomes the job's `error`. */
export class JobFailedError extends AppError {
  constructor(message: string) {
    super('VALIDATION_FAILED', message)
  }
}

/** What a caller that waited for the end of a job is told when it failed: the job itself goes along. */
export class IngestionFailedError extends AppError {
  constructor(ingestion: { error: string | null }) {
    super('INGESTION_FAILED', ingestion.error ?? 'The load failed.', { extra: { ingestion } })
  }
}

/** A worker that looks into another folder than the API that took the upload. */
export class UploadNotFoundError extends AppError {
  constructor(cause: unknown) {
    super(
      'UNAVAILABLE',
      'The worker cannot see the uploaded file. All API and worker processes must have the same SPOOL_DIR, on a file ' +
        'system that they share.',
      { cause },
    )
  }
}

/** The job is no longer this process's to work on: canceled, taken over, or the process is stopping. */
export class LeaseLostError extends Error {
  constructor() {
    super('the job was canceled, taken over or handed back')
  }
}
