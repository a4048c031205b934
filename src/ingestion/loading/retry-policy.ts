import { AppError, UnavailableError } from '../../common/errors/app-error.js'
import { QueryAbortedError } from '../../infrastructure/clickhouse/clickhouse.errors.js'

/** A job is given up after so many attempts in a row that finished no chunk: an engine is down, the process was killed. */
export const MAX_ATTEMPTS_WITHOUT_PROGRESS = 25
/** What nobody expected is tried again, but not as often: it rarely passes. */
const MAX_UNEXPECTED_ATTEMPTS = 3

/** How many attempts in a row such an error may end before it ends the job. */
export function attemptsFor(error: Error): number {
  // ClickHouse stops statements of its own accord when it loses Keeper, or shuts down.
  if (error instanceof UnavailableError || error instanceof QueryAbortedError) return MAX_ATTEMPTS_WITHOUT_PROGRESS
  return isOurFault(error) ? MAX_UNEXPECTED_ATTEMPTS : 1
}

/** What is wrong with the file or the options comes as VALIDATION_FAILED and the like. */
export function isOurFault(error: Error): boolean {
  return !(error instanceof AppError) || ['INTERNAL', 'UNAVAILABLE', 'QUERY_TIMEOUT'].includes(error.code)
}
