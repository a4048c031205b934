import { AppError, UnavailableError } from '../../common/errors/app-error.js'

export class ClickHouseUnavailableError extends UnavailableError {
  constructor(cause?: unknown) {
    super('ClickHouse cannot be reached or cannot take this right now; try again.', cause)
  }
}

/** Nothing of the statement was stored. */
export class ClickHouseFullError extends UnavailableError {
  constructor(cause?: unknown) {
    super('The disk of ClickHouse is full, so nothing was stored. Make room on it, then try again.', cause)
  }
}

export class QueryTimeoutError extends AppError {
  constructor(cause?: unknown) {
    super('QUERY_TIMEOUT', 'The query took longer than is allowed; narrow its filters or its date range.', { cause })
  }
}

/** The caller went away, so the work was stopped. */
export class QueryAbortedError extends AppError {
  constructor(cause?: unknown) {
    super('UNAVAILABLE', 'The query was stopped. Send it again.', { cause })
  }
}

/** Whoever reads a streamed result took nothing of it for too long; ClickHouse did nothing wrong. */
export class ReaderStalledError extends AppError {
  constructor(cause?: unknown) {
    super('UNAVAILABLE', 'The result was not read for too long.', { cause })
  }
}

/** A limit of memory or rows per query was hit. */
export class QueryTooLargeError extends AppError {
  constructor(cause?: unknown) {
    super(
      'UNAVAILABLE',
      'The query needs more memory or rows than is allowed; narrow its filters or group less finely.',
      {
        cause,
      },
    )
  }
}

/** ClickHouse refused a statement. Never shown to a caller as it is: it names SQL. */
export class ClickHouseStatementError extends Error {
  constructor(
    /** ClickHouse's exception code, for instance 27 CANNOT_PARSE_INPUT_ASSERTION_FAILED; 0 when unknown */
    readonly clickhouseCode: number,
    message: string,
    cause?: unknown,
  ) {
    super(message, { cause })
  }
}
