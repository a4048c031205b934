import { AppError } from '../../common/errors/app-error.js'

/** The bytes are not what they should be, or end too early: the job fails with this sentence. */
export class BrokenFileError extends AppError {
  constructor(message: string, cause?: unknown) {
    super('VALIDATION_FAILED', message, { cause })
  }
}
