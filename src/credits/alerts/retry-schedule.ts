/** 12 tries over about 23 hours: after 2, 7, 25, 86 seconds, 5, 18, 61 minutes, 3.6 hours, then every 6 hours. */
export const MAX_ATTEMPTS = 12
const FIRST_DELAY_SECONDS = 2
const FACTOR = 3.5
const MAX_DELAY_SECONDS = 6 * 3600
/** Spread by a fifth, so that what failed together does not come back together. */
const JITTER = 0.2

/** Seconds from failed try number `attempt` (from 1) to the next one; null when there is no next one. */
export function retryDelaySeconds(attempt: number, random = Math.random()): number | null {
  if (attempt >= MAX_ATTEMPTS) return null
  const delay = Math.min(MAX_DELAY_SECONDS, FIRST_DELAY_SECONDS * FACTOR ** (attempt - 1))
  return delay * (1 + JITTER * (2 * random - 1))
}
