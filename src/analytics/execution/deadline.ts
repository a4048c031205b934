import { QueryTimeoutError } from '../../infrastructure/clickhouse/clickhouse.errors.js'

/** ClickHouse stops a query that takes too long; a ClickHouse that does not even do that is given up after this time. */
const GRACE_SECONDS = 2

/** Throws QueryTimeoutError when the work has been stopped because it took longer than a query may. */
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
