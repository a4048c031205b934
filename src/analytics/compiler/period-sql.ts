import type { Member } from '../../datasets/member.js'
import type { Granularity } from '../parsing/parsed-query.js'

const PART_OF_DAY_MS: Partial<Record<Granularity, number>> = { minute: 60_000, hour: 3_600_000 }

/**
 * The first day of the period, or its first millisecond. dateTrunc, because the toStartOf functions cut dates before 1970 to
 * 1970; parts of a day without it, because it counts them from the last midnight, also where the clock was changed since.
 */
export function periodSql({ sql, day, params }: Member, granularity: Granularity): string {
  const partMs = PART_OF_DAY_MS[granularity]
  if (partMs !== undefined && day)
    return params?.timezone === 'UTC' ? utcPartSql(sql, partMs) : partOfDaySql(sql, partMs)
  return granularity === 'day' ? sql : `dateTrunc('${granularity}', ${sql})`
}

/**
 * The timestamp at which the hour or minute on the local clock began. Where the clock was changed in between, the timestamp
 * that is as far back by the present offset may have another local time: then it is computed with the offset of back then,
 * unless that local time never existed.
 */
function partOfDaySql(timestamp: string, partMs: number): string {
  const ms = `toUnixTimestamp64Milli(${timestamp})`
  const offset = offsetMs(timestamp)
  const back = `${ms} - positiveModulo(${ms} + ${offset}, ${partMs})`
  const backOnItsClock = `${back} + ${offset} - ${offsetMs(`fromUnixTimestamp64Milli(${back}, {timezone:String})`)}`
  const began = `if(${backOnItsClock} <= ${ms}, ${backOnItsClock}, ${back})`
  return `fromUnixTimestamp64Second(intDiv(${began}, 1000), 'UTC')`
}

function utcPartSql(timestamp: string, partMs: number): string {
  const ms = `toUnixTimestamp64Milli(${timestamp})`
  return `fromUnixTimestamp64Second(intDiv(${ms} - positiveModulo(${ms}, ${partMs}), 1000), 'UTC')`
}

/** To the quarter of an hour: where the clock was changed at 00:01 (St. John's to 2011), ClickHouse does it at 00:00. */
function offsetMs(timestamp: string): string {
  return `timezoneOffset(${timestamp}) * 1000`
}
