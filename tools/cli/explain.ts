import { ApiError, ConnectionError } from './api-errors.js'

/** What to do when the connection breaks after it was made, by what was at work. */
const AFTER_BREAK = {
  load: 'Run the command again: what is loaded is not loaded twice.',
  reading: 'Run the command again.',
  query:
    'Run the command again. A query that was cut off before its result began is not charged; "credits ledger" shows what was.',
  change: 'Look whether the change was made, then run the command again.',
} as const
export type WorkKind = keyof typeof AFTER_BREAK

/** What went wrong, and what to do about it, for a person at a terminal. */
export function explain(error: unknown, url: URL, work: WorkKind = 'load'): string {
  if (error instanceof ApiError) return explainRefusal(error, url)
  if (error instanceof ConnectionError) return explainConnection(error, url, AFTER_BREAK[work])
  return (error as Error).message
}

/** The next file would fail for the same reason. */
export function concernsEveryFile(error: unknown): boolean {
  if (error instanceof ApiError) return [401, 403, 404, 507].includes(error.status) || isRedirect(error)
  return error instanceof ConnectionError && error.isUnreachable
}

function explainRefusal(error: ApiError, url: URL): string {
  const { status, code, message, requestId } = error
  if (isRedirect(error)) return `${url.href} redirects elsewhere. Give the address it leads to as --url.`
  if (code === undefined && status < 500)
    return `${url.href} responded with ${status}, but not as Countinghouse does. Check --url.`
  switch (status) {
    case 401:
      return (
        'The server does not accept this API key. Check COUNTINGHOUSE_API_KEY or --key-file; the root key was printed ' +
        'once, by the first start of the server (its setting ADMIN_API_KEY takes the SHA-256 of a new one).'
      )
    case 403:
      return `This API key may not do that. Use the root key or a key of a user with the role admin. (${message})`
    case 413:
      return `${message} Raise MAX_UPLOAD_BYTES on the server, compress the file with gzip, or split it.`
    case 415:
      return `${message} If it is another format than its name says, give --format.`
    case 429:
      return `${message} The server limits this key; wait${waitOf(error)} and run the command again.`
    case 507:
      return `${message} Free space where the server keeps its uploads (SPOOL_DIR), then run the command again.`
    default:
      return status < 500
        ? withPlaces(error)
        : `${message} (HTTP ${status}${requestId ? `, request ${requestId}` : ''})`
  }
}

/** Several mistakes stand one below the other. */
function withPlaces({ message, errors }: ApiError): string {
  if (errors.length < 2) return message
  return ['The server refuses this:', ...errors.map((each) => `  ${each.path}: ${each.message}`)].join('\n')
}

function explainConnection(error: ConnectionError, url: URL, afterBreak: string): string {
  const where = `${url.protocol}//${url.host}`
  if (error.code === 'ECONNREFUSED')
    return `Nothing responds at ${where}. Is the server running (npm start)? Is --url or COUNTINGHOUSE_URL right?`
  if (error.isUnreachable) return `${where} cannot be reached (${error.message}). Check --url and the network.`
  if (error.mayHaveArrived)
    return `The connection broke after the whole file had been sent (${error.message}). Look at ${where}/v1/ingestions whether its job is there before sending it again with --force.`
  return `The connection to ${where} broke (${error.message}). ${afterBreak}`
}

function isRedirect({ status }: ApiError): boolean {
  return status >= 300 && status < 400
}

function waitOf({ retryAfterSeconds }: ApiError): string {
  return retryAfterSeconds === undefined ? ' a minute' : ` ${retryAfterSeconds} s`
}
