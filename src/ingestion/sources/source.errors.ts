import { AppError } from '../../common/errors/app-error.js'

/** Why a source, or an object of it, cannot be read: a sentence for the operator, without secrets and internal addresses. */
export class SourceError extends AppError {
  constructor(message: string, cause?: unknown) {
    super('UNAVAILABLE', message, { cause })
  }
}

/** The whole source cannot be read: the other objects need not be tried. */
export class SourceUnreachableError extends SourceError {}

/** The run is no longer this process's: the source was changed, deleted or taken over, or the process is stopping. */
export class SourceLeaseLostError extends Error {
  constructor() {
    super('the source was changed, deleted, taken over or handed back')
  }
}

/** The object turned out to hold what it held before. */
export class UnchangedContentError extends Error {
  constructor() {
    super('the content is the same as before')
  }
}

/** The object changed while it was read, so it is left for the next look. */
export class UnsettledObjectError extends Error {
  constructor() {
    super('the object is still being written')
  }
}
