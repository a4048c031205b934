import { describe, expect, it } from 'vitest'
import { nextRunAfter, scheduledAfter, scheduleProblem } from './source-schedule.js'

const NOW = new Date('2026-11-30T12:02:30.500Z')
const MINUTE_MS = 60_000

const waitMinutes = (schedule: string, failures: number): number =>
  (nextRunAfter(schedule, failures, NOW).getTime() - NOW.getTime()) / MINUTE_MS

describe('a schedule', () => {
  it.each([
    ['*/5 * * * *', '2026-11-30T12:05:00.000Z'],
    ['0 3 * * *', '2026-12-01T03:00:00.000Z'],
    ['0 0 1 1 *', '2027-01-01T00:00:00.000Z'],
    ['*/2 * * * * *', '2026-11-30T12:02:32.000Z'],
    ['0 0 29 2 *', '2028-02-29T00:00:00.000Z'],
  ])('%s comes next at %s, in UTC', (schedule, expected) => {
    expect(scheduledAfter(schedule, NOW).toISOString()).toBe(expected)
    expect(scheduleProblem(schedule)).toBeUndefined()
  })

  it.each(['', 'daily', '* * * *', '* * * * * * *', '61 * * * *', '2026-01-01T00:00:00Z', '0 0 * * * ; drop'])(
    '%j is refused',
    (schedule) => {
      expect(scheduleProblem(schedule)).toMatch(/must be a cron expression such as/)
    },
  )

  it.each(['0 0 30 2 *', '0 0 31 4,6 *'])('%s, which never comes, is refused', (schedule) => {
    expect(scheduleProblem(schedule)).toMatch(/never comes/)
  })
})

describe('after failures in a row', () => {
  it('the wait doubles with each, up to an hour', () => {
    expect([1, 2, 3, 4, 5, 100].map((failures) => waitMinutes('*/5 * * * *', failures))).toEqual([
      10, 20, 40, 60, 60, 60,
    ])
  })

  it('a source with a longer schedule is looked at again after an hour', () => {
    expect([1, 2, 3].map((failures) => waitMinutes('0 3 * * *', failures))).toEqual([60, 60, 60])
  })

  it('none: the schedule holds', () => {
    expect(nextRunAfter('*/5 * * * *', 0, NOW)).toEqual(scheduledAfter('*/5 * * * *', NOW))
  })
})
