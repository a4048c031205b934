import { describe, expect, it } from 'vitest'
import { bucketOf, DURATION_BUCKETS, quantileMs } from './duration-histogram.js'

function countsOf(durationsMs: number[]): number[] {
  const counts: number[] = Array.from({ length: DURATION_BUCKETS }, () => 0)
  for (const durationMs of durationsMs) counts[bucketOf(durationMs)]!++
  return counts
}

describe('the duration histogram', () => {
  it('finds a quantile to within a bucket (19 percent), never below it', () => {
    const durationsMs = Array.from({ length: 1000 }, (_, n) => 1.5 ** (n / 40))
    for (const share of [0.5, 0.95, 0.99]) {
      const exact = durationsMs[Math.ceil(durationsMs.length * share) - 1]!
      const found = quantileMs(countsOf(durationsMs), share)!
      expect(found).toBeGreaterThanOrEqual(exact * 0.995)
      expect(found).toBeLessThanOrEqual(exact * 1.2)
    }
  })

  it('puts the shortest and the longest durations into its first and last bucket', () => {
    expect([0, 0.01, 0.25].map(bucketOf)).toEqual([0, 0, 0])
    expect(bucketOf(1e12)).toBe(DURATION_BUCKETS - 1)
  })

  it('says null for nothing', () => {
    expect(quantileMs([], 0.95)).toBeNull()
  })
})
