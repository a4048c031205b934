import { describe, expect, it } from 'vitest'
import { MAX_ATTEMPTS, retryDelaySeconds } from './retry-schedule.js'

describe('retryDelaySeconds', () => {
  it('waits longer and longer, for about a day in all, and then gives up', () => {
    const delays = Array.from({ length: MAX_ATTEMPTS - 1 }, (_, index) => retryDelaySeconds(index + 1, 0.5)!)
    expect(delays[0]).toBe(2)
    expect(delays).toEqual([...delays].sort((a, b) => a - b))
    const hours = delays.reduce((sum, delay) => sum + delay, 0) / 3600
    expect(hours).toBeGreaterThan(20)
    expect(hours).toBeLessThan(26)
    expect(retryDelaySeconds(MAX_ATTEMPTS)).toBeNull()
  })

  it('spreads by a fifth to either side', () => {
    expect([retryDelaySeconds(1, 0), retryDelaySeconds(1, 1)]).toEqual([1.6, 2.4])
  })
})
