import { CronTime, validateCronExpression } from 'cron'

const MAX_WAIT_MS = 3_600_000
/** More doublings reach an hour from any schedule. */
const MAX_DOUBLINGS = 12

export const SCHEDULE_RULE = 'must be a cron expression such as */5 * * * * (in UTC)'

/** What is wrong with the schedule; undefined when it can be used. */
export function scheduleProblem(schedule: string): string | undefined {
  if (!validateCronExpression(schedule).valid) return SCHEDULE_RULE
  try {
    scheduledAfter(schedule, new Date())
    return undefined
  } catch {
    return 'names a day that never comes; choose another one'
  }
}

/** The first time of the schedule that lies behind `time`. */
export function scheduledAfter(schedule: string, time: Date): Date {
  return new CronTime(schedule, 'UTC').getNextDateFrom(time, 'UTC').toJSDate()
}

/**
 * When a source is looked at next. Each failure in a row doubles the time between two looks, up to an hour; a source with
 * a longer schedule is looked at again after an hour.
 */
export function nextRunAfter(schedule: string, consecutiveFailures: number, now: Date): Date {
  const next = scheduledAfter(schedule, now)
  if (consecutiveFailures === 0) return next
  const periodMs = scheduledAfter(schedule, next).getTime() - next.getTime()
  const waitMs = periodMs * 2 ** Math.min(consecutiveFailures, MAX_DOUBLINGS)
  return new Date(now.getTime() + Math.min(waitMs, MAX_WAIT_MS))
}
