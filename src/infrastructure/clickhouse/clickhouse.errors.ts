import { AppError, UnavailableError } from '../common/app-error.js'

export class WarehouseUnavailableError extends UnavailableError {
  constructor(cause?: unknown) {
    super('The warehouse cannot be reached; try again.', cause)
  }
}

export class QueryTimeoutError extends AppError {
  constructor(cause?: unknown) {
    super('QUERY_TIMEOUT', 'The question took longer than is allowed; narrow its filters or its date range.', { cause })
  }
}

/** The caller went away, so the work was stopped. */
export class QueryAbortedError extends AppError {
  constructor(cause?: unknown) {
    super('UNAVAILABLE', 'The question was stopped.', { cause })
  }
}

/** A limit of memory or rows per question was hit. */
export class QueryTooLargeError extends AppError {
  constructor(cause?: unknown) {
    super(
      'UNAVAILABLE',
      'The question needs more memory or rows than is allowed; narrow its filters or group less finely.',
      {
        cause,
      },
    )
  }
}

/** The engine refused a statement. Never shown to a caller as it is: it names SQL. */
export class WarehouseError extends Error {
  constructor(
    /** ClickHouse's exception code, for instance 27 CANNOT_PARSE_INPUT_ASSERTION_FAILED; 0 when unknown */
    readonly engineCode: number,
    message: string,
    cause?: unknown,
  ) {
    super(message, { cause })
  }
}
