import { DateTime, type DateTimeUnit } from 'luxon'

/** Both days are included, written YYYY-MM-DD. */
export type DayRange = [from: string, to: string]

const PERIOD = /^(this|last) (week|month|quarter|year)$/
const LAST_SEVERAL = /^last (\d{1,4}) (day|week|month|quarter|year)s?$/

export const RELATIVE_RANGES =
  '"today", "yesterday", "this week|month|quarter|year", "last week|month|quarter|year" or ' +
  '"last N days|weeks|months|quarters|years" (N from 1 to 9999)'

/**
 * The days of a range relative to today, as Cube means it: weeks begin on Monday, "this month" is the whole month,
 * days to come included, and "last N days|weeks|..." are the N whole ones before the one of today, which is not in it.
 * undefined for a text that is no such range.
 *
 * @see https://github.com/cube-js/cube/blob/master/packages/cubejs-api-gateway/src/dateParser.js
 */
export function relativeRange(text: string, { timezone, nowMs }: Now): DayRange | undefined {
  const phrase = text.slice(0, MAX_PHRASE).trim().toLowerCase().replace(/\s+/g, ' ')
  const today = localDay(nowMs, timezone)
  if (phrase === 'today') return periods(today, 'day', 0, 0)
  if (phrase === 'yesterday') return periods(today, 'day', 1, 1)
  const [, which, unit] = PERIOD.exec(phrase) ?? []
  if (unit) return which === 'this' ? periods(today, unit, 0, 0) : periods(today, unit, 1, 1)
  const [, count, units] = LAST_SEVERAL.exec(phrase) ?? []
  return units && Number(count) > 0 ? periods(today, units, Number(count), 1) : undefined
}

export interface Now {
  /** name of the IANA database */
  timezone: string
  nowMs: number
}

const MAX_PHRASE = 100
const MAX_DAY_MS = 26 * 3_600_000

/** Epoch ms at which the next day begins there: until then the ranges mean the same. */
export function endOfDay({ timezone, nowMs }: Now): number {
  const today = localDay(nowMs, timezone).toMillis()
  // Searched for, because a day need not begin at 00:00, nor 00:00 come only once.
  let [within, beyond] = [nowMs, nowMs + MAX_DAY_MS]
  while (beyond - within > 1) {
    const middle = Math.floor((within + beyond) / 2)
    if (localDay(middle, timezone).toMillis() === today) within = middle
    else beyond = middle
  }
  return beyond
}

/** The day of the calendar there, as that day in UTC, where every day has 24 hours. */
function localDay(ms: number, zone: string): DateTime {
  const { year, month, day } = DateTime.fromMillis(ms, { zone })
  return DateTime.utc(year, month, day)
}

/** From the beginning of the period `oldest` before this one to the end of the one `newest` before it. */
function periods(today: DateTime, unit: string, oldest: number, newest: number): DayRange {
  const before = (count: number): DateTime => today.minus({ [unit]: count })
  return [isoDate(before(oldest).startOf(unit as DateTimeUnit)), isoDate(before(newest).endOf(unit as DateTimeUnit))]
}

/** ISO dates begin with the year 1. */
function isoDate(date: DateTime): string {
  return date.year < 1 ? '0001-01-01' : date.toISODate()!
}
