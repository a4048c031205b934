/** The codes of problems with the HTTP status that each is answered with. */
export const ERROR_STATUS = {
  VALIDATION_FAILED: 400,
  COST_LIMIT_EXCEEDED: 400,
  UNAUTHENTICATED: 401,
  INSUFFICIENT_CREDITS: 402,
  KEY_CREDIT_LIMIT: 402,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  NOT_ACCEPTABLE: 406,
  CONFLICT: 409,
  OUT_OF_STOCK: 409,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_FORMAT: 415,
  IDEMPOTENCY_MISMATCH: 422,
  INGESTION_FAILED: 422,
  RATE_LIMITED: 429,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  QUERY_TIMEOUT: 504,
  INSUFFICIENT_STORAGE: 507,
} as const

export type ErrorCode = keyof typeof ERROR_STATUS

/** One thing that is wrong with the request: where (`filters[0].member`, `file`) and what. */
export interface FieldError {
  path: string
  message: string
}

/**
 * A refusal that the caller may read. `message` becomes the problem's `detail`, so it says what to do and names nothing
 * internal. `extra` is merged into the problem (402 carries `required` and `balance`).
 */
export class AppError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly options: {
      errors?: FieldError[]
      extra?: Record<string, unknown>
      headers?: Record<string, string>
      cause?: unknown
    } = {},
  ) {
    super(message, { cause: options.cause })
  }
}

export class NotFoundError extends AppError {
  constructor(what: string) {
    super('NOT_FOUND', `${what} does not exist.`)
  }
}

export class BodyTooLargeError extends AppError {
  constructor(maxBytes: number) {
    super('PAYLOAD_TOO_LARGE', `The body must not be larger than ${maxBytes / 1024} KiB.`)
  }
}

/** More than anybody reads: a body of a million mistakes must not become an answer of a million lines. */
const MAX_NAMED_ERRORS = 100
const MAX_PATH_LENGTH = 200

/** 400; of many errors the first hundred are named and the others counted. */
export class ValidationError extends AppError {
  constructor(found: FieldError[]) {
    const errors = found.slice(0, MAX_NAMED_ERRORS).map(({ path, message }) => ({ path: shortened(path), message }))
    const more = found.length - errors.length
    if (more > 0) errors.push({ path: '', message: `${more} more errors are not listed` })
    super('VALIDATION_FAILED', errors.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; '), {
      errors,
    })
  }
}

function shortened(path: string): string {
  return path.length > MAX_PATH_LENGTH ? `${path.slice(0, MAX_PATH_LENGTH)}…` : path
}

export class UnavailableError extends AppError {
  constructor(message: string, cause?: unknown) {
    super('UNAVAILABLE', message, { cause, headers: { 'retry-after': '1' } })
  }
}
