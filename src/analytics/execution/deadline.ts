import { QueryTimeoutError } from '../warehouse/warehouse.errors.js'

/** The engine stops a question that takes too long; we stop waiting for an engine that does not even do that. */
const GRACE_SECONDS = 2

/** Throws QueryTimeoutError when the work has been stopped because it took longer than a question may. */
export async function withDeadline<T>(
  timeoutSeconds: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = AbortSignal.timeout((timeoutSeconds + GRACE_SECONDS) * 1000)
  try {
    return await work(AbortSignal.any([signal, deadline]))
  } catch (error) {
    throw deadline.aborted && !signal.aborted ? new QueryTimeoutError(error) : error
  }
}
