/** Queries a minute below which one page load would notice the share. */
const MIN_SHARE = 10

/** Queries a minute of one token, of so many that its key has: half, so that one page cannot use them all up. */
export function shareOf(perMinute: number): number {
  return Math.max(Math.ceil(perMinute / 2), Math.min(MIN_SHARE, perMinute))
}
