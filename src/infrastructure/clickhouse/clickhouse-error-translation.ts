import { AppError } from '../common/app-error.js'
import {
  QueryAbortedError,
  QueryTimeoutError,
  QueryTooLargeError,
  WarehouseError,
  WarehouseUnavailableError,
} from './warehouse.errors.js'

// ClickHouse's ErrorCodes.cpp
const TIMEOUT_CODES = [159, 160]
const TOO_LARGE_CODES = [158, 241, 307, 396]
const UNAVAILABLE_CODES = [202, 209, 210, 439, 279, 999]
const CANCELLED_CODES = [236, 394]

/** The driver's and the engine's errors as ours, once, here. */
export function toWarehouseError(error: unknown, signal?: AbortSignal): Error {
  if (error instanceof AppError || error instanceof WarehouseError) return error
  if (signal?.aborted) return new QueryAbortedError(error)
  const { code, message } = error as { code?: string; message?: string }
  const engineCode = /^\d+$/.test(code ?? '') ? Number(code) : Number(/Code: (\d+)/.exec(message ?? '')?.[1] ?? 0)
  if (!engineCode) return new WarehouseUnavailableError(error)
  if (TIMEOUT_CODES.includes(engineCode)) return new QueryTimeoutError(error)
  if (TOO_LARGE_CODES.includes(engineCode)) return new QueryTooLargeError(error)
  if (UNAVAILABLE_CODES.includes(engineCode)) return new WarehouseUnavailableError(error)
  if (CANCELLED_CODES.includes(engineCode)) return new QueryAbortedError(error)
  return new WarehouseError(engineCode, message ?? 'unknown engine error', error)
}
