import { setTimeout as sleep } from 'node:timers/promises'
import { ApiError, ConnectionError } from './api-errors.js'

const DELAYS_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000]
const MAX_WAIT_MS = 60_000

/** Longer and longer pauses between attempts, until it gives up. */
export class Backoff {
  private attempt = 0

  constructor(
    private readonly signal: AbortSignal,
    /** told before each pause */
    private readonly onPause: (error: Error, ms: number) => void,
  ) {}

  /** After progress, counting begins anew. */
  reset(): void {
    this.attempt = 0
  }

  /** Resolves when it is time to try again; throws the error when another attempt makes no sense. */
  async pauseAfter(error: unknown): Promise<void> {
    const ms = mayPass(error) ? this.nextDelay(error) : undefined
    if (ms === undefined || ms > MAX_WAIT_MS || this.signal.aborted) throw error
    this.onPause(error as Error, ms)
    await sleep(ms, undefined, { signal: this.signal })
  }

  private nextDelay(error: unknown): number | undefined {
    const delay = DELAYS_MS[this.attempt++]
    const requested = error instanceof ApiError ? (error.retryAfterSeconds ?? 0) * 1000 : 0
    return delay === undefined ? undefined : Math.max(delay, requested)
  }
}

/**
 * The result of a request that may be sent several times, since an idempotency key or its nature makes them one; it is sent
 * again while that may help.
 */
export async function repeated<T>(request: () => Promise<T>, backoff: Backoff, signal: AbortSignal): Promise<T> {
  for (;;) {
    signal.throwIfAborted()
    try {
      return await request()
    } catch (error) {
      signal.throwIfAborted()
      // Of 409s only the one of a first request that still runs is worth another try, and it says when.
      if (error instanceof ApiError && error.status === 409 && error.retryAfterSeconds === undefined) throw error
      await backoff.pauseAfter(error)
    }
  }
}

/** Whether the same request may go better a little later. */
function mayPass(error: unknown): boolean {
  if (error instanceof ApiError) return [409, 429, 502, 503, 504].includes(error.status)
  // Nothing was ever there: the address is wrong or the server is not running, and the user should know at once.
  return error instanceof ConnectionError && (!error.isUnreachable || error.wasConnected)
}
