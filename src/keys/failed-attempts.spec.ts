import { describe, expect, it } from 'vitest'
import { FailedAttempts } from './failed-attempts.js'

describe('FailedAttempts', () => {
  it('says how long to wait once an address failed too often within a minute', () => {
    let nowMs = 0
    const failures = new FailedAttempts(2, () => nowMs)
    expect([failures.note('a'), failures.note('a')]).toEqual([0, 0])
    nowMs = 20_000
    expect(failures.note('a')).toBe(40)
    expect(failures.note('b')).toBe(0)
    nowMs = 60_000
    expect(failures.note('a')).toBe(0)
  })
})
