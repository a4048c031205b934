import { beforeEach, describe, expect, it } from 'vitest'
import { FailureBudget } from './failure-budget.js'

describe('FailureBudget', () => {
  let nowMs = 0
  const afterSeconds = (seconds: number): void => void (nowMs += seconds * 1000)
  beforeEach(() => (nowMs = 0))

  it('allows failures until they have taken what a minute allows', () => {
    const budget = new FailureBudget(60, () => nowMs)
    budget.spend('a', 30)
    expect(budget.waitSeconds('a')).toBe(0)
    budget.spend('a', 30)
    expect(budget.waitSeconds('a')).toBeGreaterThan(0)
    expect(budget.waitSeconds('b')).toBe(0)
  })

  it('makes whoever took more wait until that is made good', () => {
    const budget = new FailureBudget(60, () => nowMs)
    budget.spend('a', 240)
    expect(budget.waitSeconds('a')).toBe(180)
    afterSeconds(179)
    expect(budget.waitSeconds('a')).toBe(1)
    afterSeconds(1.1)
    expect(budget.waitSeconds('a')).toBe(0)
    afterSeconds(60)
    budget.spend('a', 59)
    expect(budget.waitSeconds('a')).toBe(0)
  })

  it('never allows more than that on average, however the failures are spread', () => {
    const budget = new FailureBudget(30, () => nowMs)
    let failed = 0
    for (let second = 0; second < 3600; second++) {
      if (budget.waitSeconds('a') === 0) {
        budget.spend('a', 7)
        failed += 7
      }
      afterSeconds(1)
    }
    expect(failed).toBeLessThanOrEqual(30 * 60 + 30 + 7)
    expect(failed).toBeGreaterThan(30 * 55)
  })
})
