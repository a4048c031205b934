const FIRST_DELAY_SECONDS = 2
const FACTOR = 3.5
const MAX_DELAY_SECONDS = 6 * 3600
/** Spread by a fifth, so that what failed together does not come back together. */
const JITTER = 0.2

/**
 * Seconds from failed try number `attempt` (from 1) to the next one: 2, 7, 25, 86, then 5, 18, 61 minutes, 3.6 hours, 6
 * hours, and the last one when `secondsLeft` are over, a day after the first. Null when there is no next one.
 */
export function retryDelaySeconds(attempt: number, secondsLeft: number, random = Math.random()): number | null {
  if (secondsLeft <= 0) return null
  const delay = Math.min(MAX_DELAY_SECONDS, FIRST_DELAY_SECONDS * FACTOR ** (attempt - 1))
  return Math.min(secondsLeft, delay * (1 + JITTER * (2 * random - 1)))
}
