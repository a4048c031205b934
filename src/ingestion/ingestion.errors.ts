import { AppError } from '../common/app-error.js'

/** The job cannot succeed; its message becomes the job's `error`. */
export class JobFailedError extends AppError {
  constructor(message: string) {
    super('VALIDATION_FAILED', message)
  }
}

/** The job is no longer this process's to work on: canceled, taken over, or the process is stopping. */
export class JobLostError extends Error {
  constructor() {
    super('the job was canceled, taken over or handed back')
  }
}
