import { sqlText } from './sql-text.js'

export const DAY_MS = 86_400_000
/** What DateTime64(3, 'UTC') holds. */
export const FIRST_MS = Date.UTC(1900, 0, 1)
export const LAST_MS = Date.UTC(2300, 0, 1) - 1
/** days that make any number of seconds of those years positive */
const SHIFT_DAYS = 100_000
const DAY_SECONDS = 86_400

/** The way from a local time to the moment, as `expression AS name` in this order. */
export interface LocalTime {
  aliases: string[]
  /** SQL of the moment in milliseconds; NULL where the clocks of the zone leave that time out */
  moment: string
}

/**
 * The zone's offsets a day before and a day after a local time: where they are the same, that is it; else the clocks are
 * changed in between, and the time is that of the first of the two that the zone has at the moment which it makes. Of a time
 * that there is twice, it is the earlier one. No zone changes twice in so short a time.
 *
 * Where a zone once changed by an odd number of minutes (St. John's until 2011 at one past midnight; local mean times before
 * 1940), ClickHouse knows the moment of the change to a quarter of an hour, and shows times so as well.
 */
export function localTime(local: string, timezone: string, name: (step: string) => string): LocalTime {
  if (timezone === 'UTC') return { aliases: [], moment: local }
  const [before, after] = [name('before'), name('after')]
  const [first, second] = [`${local} - ${before} * 1000`, `${local} - ${after} * 1000`]
  const [atFirst, atSecond] = [offsetAt(first, timezone), offsetAt(second, timezone)]
  return {
    aliases: [
      `${offsetAt(`${local} - ${DAY_MS}`, timezone)} AS ${before}`,
      `${offsetAt(`${local} + ${DAY_MS}`, timezone)} AS ${after}`,
    ],
    moment: `multiIf(${before} = ${after}, ${first}, ${atFirst} = ${before}, ${first}, ${atSecond} = ${after}, ${second}, NULL)`,
  }
}

/**
 * SQL: the offset in seconds at a moment in milliseconds. timezoneOffset can be a whole day off: the day there tells. So it is
 * in 355 of 597 zones for up to four decades before 1970, and where the date line was crossed (seen with ClickHouse 26.7).
 */
function offsetAt(ms: string, timezone: string): string {
  const held = `greatest(least(${ms}, ${LAST_MS}), ${FIRST_MS})`
  const moment = `fromUnixTimestamp64Milli(toInt64(${held}), ${sqlText(timezone)})`
  const seconds = `intDiv(${held} + ${SHIFT_DAYS * DAY_MS}, 1000)`
  const offset = `toInt64(timezoneOffset(${moment}))`
  const day = `toInt64(toInt32(toDate32(${moment})))`
  return `(${offset} + ${DAY_SECONDS} * (${day} + ${SHIFT_DAYS} - intDiv(${seconds} + ${offset}, ${DAY_SECONDS})))`
}
