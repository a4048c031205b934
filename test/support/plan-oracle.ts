import type { PlanPeriod } from '../../src/plans/plan.entity.js'

const DAY_MS = 86_400_000

export interface Period {
  start: Date
  end: Date
}

/** The period of a plan that `at` lies in, by the calendar of this program; undefined before the first. */
export function periodAt(anchor: Date, every: PlanPeriod, at: Date): Period | undefined {
  if (at < anchor) return undefined
  let number = 0
  while (startOf(anchor, every, number + 1) <= at) number++
  return { start: startOf(anchor, every, number), end: startOf(anchor, every, number + 1) }
}

/** The same day and time of a later month, or the month's last day. */
function startOf(anchor: Date, every: PlanPeriod, number: number): Date {
  if (every !== 'month') return new Date(anchor.getTime() + number * (every === 'day' ? 1 : 7) * DAY_MS)
  const lastDay = new Date(Date.UTC(anchor.getUTCFullYear(), anchor.getUTCMonth() + number + 1, 0)).getUTCDate()
  const month = new Date(anchor)
  month.setUTCMonth(anchor.getUTCMonth() + number, Math.min(anchor.getUTCDate(), lastDay))
  return month
}
