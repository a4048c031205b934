import { describe, expect, it } from 'vitest'
import { retryDelaySeconds } from './retry-schedule.js'

const DAY_SECONDS = 24 * 3600

/** When each try is made that a receiver refuses, in seconds since the first, by a clock that each try and wait moves. */
function triesOf(random: () => number, tryTakesSeconds = 0): number[] {
  const tries: number[] = []
  for (let clock = 0; ;) {
    tries.push(clock)
    const delay = retryDelaySeconds(tries.length, DAY_SECONDS - clock, random())
    if (delay === null) return tries
    clock += tryTakesSeconds + delay
  }
}

describe('retryDelaySeconds', () => {
  it('goes on for 24 hours, further and further apart, and gives up then', () => {
    const tries = triesOf(() => 0.5)
    expect(tries.slice(0, 6).map(Math.round)).toEqual([0, 2, 9, 34, 119, 419])
    expect(tries).toHaveLength(13)
    expect(tries.at(-1)).toBe(DAY_SECONDS)
    expect(retryDelaySeconds(13, 0)).toBeNull()
  })

  it('ends at 24 hours whatever chance says and however long the receiver takes', () => {
    for (const random of [() => 0, () => 1, Math.random]) {
      for (const takes of [0, 10]) {
        const last = triesOf(random, takes).at(-1)!
        expect(last).toBeGreaterThanOrEqual(DAY_SECONDS)
        expect(last).toBeLessThanOrEqual(DAY_SECONDS + takes)
      }
    }
  })

  it('has no next try for what was found a day late', () => {
    expect(retryDelaySeconds(1, -3600)).toBeNull()
  })

  it('spreads by a fifth to either side', () => {
    expect([retryDelaySeconds(1, DAY_SECONDS, 0), retryDelaySeconds(1, DAY_SECONDS, 1)]).toEqual([1.6, 2.4])
  })
})
