/** The server refused; what its `application/problem+json` said. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    /** the contract's code, such as `FORBIDDEN`; undefined when something else than Countinghouse answered */
    readonly code: string | undefined,
    detail: string,
    readonly requestId: string | null,
    readonly retryAfterSeconds: number | undefined,
    /** what is wrong with the request, each with its place in it; `detail` has them in one sentence */
    readonly errors: readonly { path: string; message: string }[] = [],
  ) {
    super(detail)
  }
}

/** No answer came: the connection could not be made, or broke. */
export class ConnectionError extends Error {
  readonly code: string | undefined

  constructor(
    cause: unknown,
    /** the server had answered this client before, so that it is there in principle */
    readonly wasConnected: boolean,
    /** the whole upload was on its way: the server may have taken it */
    readonly mayHaveArrived = false,
  ) {
    const innermost = innermostOf(cause)
    super(innermost.message || innermost.code || 'the connection broke', { cause })
    this.code = innermost.code
  }

  /** Nothing was reached at all. */
  get isUnreachable(): boolean {
    return ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'].includes(
      this.code ?? '',
    )
  }
}

/** The file itself is the fault: it cannot be read, or changed while it was sent. */
export class FileError extends Error {}

/** fetch hides the socket's error behind "fetch failed"; a host with several addresses hides one for each. */
function innermostOf(error: unknown): { message: string; code?: string } {
  const { cause, errors } = error as { cause?: unknown; errors?: unknown[] }
  if (cause) return innermostOf(cause)
  return (errors?.[0] ?? error) as { message: string; code?: string }
}
