/** The codes of API.md with the HTTP status that each is answered with. */
export const ERROR_STATUS = {
  VALIDATION_FAILED: 400,
  UNAUTHENTICATED: 401,
  INSUFFICIENT_CREDITS: 402,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  OUT_OF_STOCK: 409,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_FORMAT: 415,
  IDEMPOTENCY_MISMATCH: 422,
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

export class ValidationError extends AppError {
  constructor(errors: FieldError[]) {
    super('VALIDATION_FAILED', errors.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; '), {
      errors,
    })
  }
}

export class UnavailableError extends AppError {
  constructor(message: string, cause?: unknown) {
    super('UNAVAILABLE', message, { cause, headers: { 'retry-after': '1' } })
  }
}
