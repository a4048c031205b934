import { AppError } from '../../common/errors/app-error.js'
import {
  QueryAbortedError,
  QueryTimeoutError,
  QueryTooLargeError,
  ClickHouseStatementError,
  ClickHouseFullError,
  ClickHouseUnavailableError,
} from './clickhouse.errors.js'

// ClickHouse's ErrorCodes.cpp
const TIMEOUT_CODES = [159, 160]
const TOO_LARGE_CODES = [158, 241, 307, 396]
/** What passes: no connection, thread, replica or coordination, or too much work of others. */
const UNAVAILABLE_CODES = [
  ...[32, 95, 96, 198, 202, 203, 209, 210, 225, 234, 242, 244, 252, 254, 265, 279, 285, 286, 289, 297, 319, 364, 369],
  ...[439, 473, 574, 659, 692, 749, 762, 904, 999],
]
const NOT_ENOUGH_SPACE = 243
/** Whatever wrote to the disk: a code of its own, of the file, or of the standard library. */
const DISK_FULL = /No space left on device|errno: 28\b|Disk quota exceeded/
/** The same codes tell of bytes that a file format cannot be. */
const READING_A_FILE = /While executing \w+Format\b/
const CANCELLED_CODES = [236, 394]

/** The driver's and ClickHouse's errors as ours, once, here. */
export function toClickHouseError(error: unknown, signal?: AbortSignal): Error {
  if (error instanceof AppError || error instanceof ClickHouseStatementError) return error
  if (signal?.aborted) return new QueryAbortedError(error)
  const { code, message } = error as { code?: string; message?: string }
  const clickhouseCode = /^\d+$/.test(code ?? '') ? Number(code) : Number(/Code: (\d+)/.exec(message ?? '')?.[1] ?? 0)
  if (!clickhouseCode) return new ClickHouseUnavailableError(error)
  if (TIMEOUT_CODES.includes(clickhouseCode)) return new QueryTimeoutError(error)
  if (TOO_LARGE_CODES.includes(clickhouseCode)) return new QueryTooLargeError(error)
  if (clickhouseCode === NOT_ENOUGH_SPACE || DISK_FULL.test(message ?? '')) return new ClickHouseFullError(error)
  if (UNAVAILABLE_CODES.includes(clickhouseCode) && !READING_A_FILE.test(message ?? ''))
    return new ClickHouseUnavailableError(error)
  if (CANCELLED_CODES.includes(clickhouseCode)) return new QueryAbortedError(error)
  return new ClickHouseStatementError(clickhouseCode, message ?? 'unknown engine error', error)
}
