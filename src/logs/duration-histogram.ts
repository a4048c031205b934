/** Bucket i ends at 2^(i/4) / 4 ms: from a quarter of a millisecond to about five minutes in steps of 19 percent. */
export const DURATION_BUCKETS = 82

const limitMs = (bucket: number): number => 2 ** (bucket / 4) / 4

/** The bucket of a duration; the last one takes all that is longer. */
export function bucketOf(durationMs: number): number {
  const bucket = Math.ceil(4 * Math.log2(Math.max(durationMs, Number.MIN_VALUE) * 4))
  return Math.min(DURATION_BUCKETS - 1, Math.max(0, bucket))
}

/** The duration that a share of the counted requests did not exceed, in ms to within a bucket; null when there were none. */
export function quantileMs(counts: number[], share: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total === 0) return null
  let seen = 0
  const bucket = counts.findIndex((count) => (seen += count) >= total * share)
  return Number(limitMs(bucket).toPrecision(3))
}
