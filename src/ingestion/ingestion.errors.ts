import { AppError } from '../common/app-error.js'

/** The job cannot succeed; its message becomes the job's `error`. */
export class JobFailedError extends AppError {
  constructor(message: string) {
    super('VALIDATION_FAILED', message)
  }
}

/** A worker that looks into another folder than the API that took the upload. */
export class UploadUnseenError extends AppError {
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
export class JobLostError extends Error {
  constructor() {
    super('the job was canceled, taken over or handed back')
  }
}
