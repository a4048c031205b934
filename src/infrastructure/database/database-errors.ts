import { QueryFailedError, QueryRunnerAlreadyReleasedError } from 'typeorm'
import { UnavailableError } from '../../common/errors/app-error.js'

/** Runs `work`; a failure of the connection or a full disk comes out as UnavailableError (503), all else as it was. */
export async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (isDiskFull(error))
      throw new UnavailableError(
        'The disk of the database is full, so nothing was changed. Make room on it, then try again.',
        error,
      )
    if (isConnectionFailure(error)) throw new UnavailableError('The database cannot be reached; try again.', error)
    throw error
  }
}

/** The violated constraint's name when this is a unique violation (23505), else undefined. */
export function uniqueViolation(error: unknown): string | undefined {
  return violated(error, '23505')
}

/** The violated constraint's name when a row refers to one that is not there, or is still referred to (23503). */
export function foreignKeyViolation(error: unknown): string | undefined {
  return violated(error, '23503')
}

/** Whether a number became greater than its column can hold (22003). */
export function isOutOfRange(error: unknown): boolean {
  return violated(error, '22003') !== undefined
}

interface DriverError {
  code?: string
  message?: string
  constraint?: string
}

function driverErrorOf(error: unknown): DriverError {
  return (error instanceof QueryFailedError ? error.driverError : error) as DriverError
}

function violated(error: unknown, code: string): string | undefined {
  const driver = driverErrorOf(error) as DriverError | undefined
  return driver?.code === code ? (driver.constraint ?? '') : undefined
}

/** 53100 disk_full, and what else could not write: io_error of a file, of the log at a commit. */
function isDiskFull(error: unknown): boolean {
  const { code, message } = driverErrorOf(error)
  return code === '53100' || (code !== undefined && /No space left on device|Disk quota exceeded/.test(message ?? ''))
}

/**
 * Socket errors, and of SQLSTATE: class 08 connection, 57P01-57P03 shutting down or starting, 25P03 idle for too long in a
 * transaction, 53 no memory or too many clients.
 */
function isConnectionFailure(error: unknown): boolean {
  // TypeORM lets go of a connection that breaks between two statements of a transaction.
  if (error instanceof QueryRunnerAlreadyReleasedError) return true
  const { code, message } = driverErrorOf(error)
  if (code && /^(ECONN|EPIPE|ENOENT|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|08|57P0[123]|25P03|53)/.test(code)) return true
  return /Connection terminated|connection timeout|timeout exceeded when trying to connect|not queryable/i.test(
    message ?? '',
  )
}
