import type { ColumnDefinition } from '../../datasets/dataset-definition.js'
import type { ColumnSteps } from './column-steps.js'
import type { DateFormat } from '../../datasets/date-format.js'
import { dateFormatOf, isNoIsoTime, isoByFormat, MONTH_HINT, YEARS } from './date-transform.js'
import { both, either } from './conditions.js'
import { stepName, textName, valueName } from './internal-names.js'
import { DAY_MS, FIRST_MS, LAST_MS, localTime } from './local-time.js'
import { sqlText } from './sql-text.js'
import type { ValueOptions } from './value-options.js'

/** An ISO date and time in UTC or without a zone, each digit as 0. */
const PLAIN_SHAPES = ['T', ' '].flatMap((separator) => {
  const fractions = Array.from({ length: 9 }, (_, digits) => `:00.${'0'.repeat(digits + 1)}`)
  const times = ['', ':00', ...fractions].map((seconds) => `0000-00-00${separator}00:00${seconds}`)
  return times.flatMap((time) => [time, `${time}Z`])
})

/** SQL of the parts of a moment that is written as date, time and zone. */
interface WrittenMoment {
  aliases: string[]
  /** YYYY-MM-DD */
  iso: string
  /** milliseconds since midnight */
  timeOfDay: string
  /** Z, an offset, or '' */
  zone: string
  /** condition of a text that is not written so, as far as its date does not tell */
  isMisshapen: string
}

/**
 * A moment in milliseconds: further digits are cut off, not rounded. What has no zone is a local time of the column's zone.
 */
export function timestampTransform(column: ColumnDefinition, options: ValueOptions): ColumnSteps {
  const { format } = options
  const parsed = format === undefined ? undefined : dateFormatOf(format, 'timestamp')
  if (parsed?.groups.unixSeconds || parsed?.groups.unixMilliseconds) return unixTransform(column, parsed)
  return writtenTransform(column, parsed, options)
}

function writtenTransform(
  { column, member }: ColumnDefinition,
  parsed: DateFormat | undefined,
  options: ValueOptions,
): ColumnSteps {
  const { format, timezone } = options
  const name = (step: string): string => stepName(step, member)
  const written = parsed ? byFormat(member, parsed) : isoMoment(member)
  const local = name('local')
  const { aliases, moment } = localTime(local, timezone, name)
  const isZoned = `${name('zone')} != ''`
  const text = textName(member)
  const misshapen = either(`isNull(${name('day')})`, written.isMisshapen)
  const expected = `${format ?? 'YYYY-MM-DD HH:MM:SS'}, ${YEARS}${parsed?.monthByName ? MONTH_HINT : ''}`
  return {
    read: [...written.aliases, `${written.iso} AS ${name('iso')}`, `${written.zone} AS ${name('zone')}`],
    steps: [
      [
        `${dayOf(name('iso'))} AS ${name('day')}`,
        `toInt64(ifNull(${name('day')}, 0)) * ${DAY_MS} + ${written.timeOfDay} AS ${local}`,
        `${misshapen} AS ${name('bad')}`,
      ],
      aliases,
      [
        `multiIf(${name('zone')} = 'Z', ${local}, ${isZoned}, ${local} - ${offsetOf(name('zone'))} * 1000, ${moment}) AS ${name('ms')}`,
      ],
    ],
    values: [`${valueOf(name('ms'), name('bad'))} AS ${valueName(member)}`],
    checks: [
      {
        column,
        condition: both(`${text} != ''`, `isNull(${valueName(member)})`),
        closer: [
          { condition: name('bad'), message: `{value} is not a timestamp (${expected})` },
          {
            condition: `isNull(${name('ms')})`,
            message: `{value} does not exist in ${timezone}, where clocks were put forward over it`,
          },
        ],
        message: `{value} is out of range (${YEARS}, in UTC)`,
      },
    ],
    ...(parsed?.isSwappable &&
      options.isFormatChosen &&
      !parsed.groups.offset && { swappable: { format: format!, timezone } }),
  }
}

function unixTransform({ column, member }: ColumnDefinition, { pattern, groups }: DateFormat): ColumnSteps {
  const name = (step: string): string => stepName(step, member)
  const [whole, fraction] = [1, 2].map((group) => `${name('groups')}[${group}]`)
  const ms = groups.unixSeconds
    ? `if(${whole} = '', '', concat(${whole}, rightPad(substring(${fraction}, 1, 3), 3, '0')))`
    : whole
  const unit = groups.unixSeconds ? 'seconds' : 'milliseconds'
  const text = textName(member)
  return {
    read: [`extractGroups(${text}, ${sqlText(pattern)}) AS ${name('groups')}`, `toInt64OrNull(${ms}) AS ${name('ms')}`],
    values: [`${valueOf(name('ms'), '0')} AS ${valueName(member)}`],
    checks: [
      {
        column,
        condition: both(`${text} != ''`, `isNull(${valueName(member)})`),
        closer: [
          { condition: `NOT match(${text}, ${sqlText(pattern)})`, message: `{value} is not a Unix time in ${unit}` },
        ],
        message: `{value} is out of range (${unit} since 1970; ${YEARS})`,
      },
    ],
  }
}

function valueOf(ms: string, isBad: string): string {
  const isHeld = both(`${ms} >= ${FIRST_MS}`, `${ms} <= ${LAST_MS}`)
  return `if(${both(`NOT ${isBad}`, `ifNull(${isHeld}, 0)`)}, fromUnixTimestamp64Milli(toInt64(ifNull(${ms}, 0)), 'UTC'), NULL)`
}

/**
 * SQL: days since 1970, NULL where there is no such day. A local time may be of the day before the first or after the last one
 * that a Date32 holds: in UTC it is of a year that a timestamp holds.
 */
function dayOf(iso: string): string {
  const day = `toDate32OrNull(${iso})`
  const edges = [FIRST_MS - DAY_MS, LAST_MS + 1].map((ms) => {
    return `${iso} = ${sqlText(new Date(ms).toISOString().slice(0, 10))}, ${ms / DAY_MS}`
  })
  return `multiIf(toString(${day}) = ${iso}, toInt32(${day}), ${edges.join(', ')}, NULL)`
}

/**
 * Of a text of this pattern each part of the time stands at its place; what comes behind the seconds is looked for. Most texts
 * have one of a few shapes: that and the size of their numbers is told several times faster than by patterns.
 */
function isoMoment(member: string): WrittenMoment {
  const text = textName(member)
  const [clock, plain] = [stepName('clock', member), stepName('plain', member)]
  const [hour, minute, second] = [digitPair(clock, 0), digitPair(clock, 3), secondsOf(clock)]
  const isInRange = `bitAnd(bitAnd(${hour} < 24, ${minute} < 60), ${second} < 60)`
  const shape = `translate(${text}, '123456789', '000000000')`
  const digits = `rightPad(extract(substring(${text}, 21, 3), '^[0-9]+'), 3, '0')`
  const milliseconds = `if(${both(`length(${text}) > 20`, `substring(${text}, 20, 1) IN ('.', ',')`)}, toUInt16OrZero(${digits}), 0)`
  const timeOfDay = `toInt64(((${hour} * 60 + ${minute}) * 60 + ${second}) * 1000 + ${milliseconds})`
  const zone = `extract(substring(${text}, 17), ${sqlText('(?:Z|[+-][0-9:]+)$')})`
  return {
    aliases: [
      `reinterpretAsUInt64(substring(${text}, 12, 8)) AS ${clock}`,
      `bitAnd(${shape} IN (${PLAIN_SHAPES.map(sqlText).join(', ')}), ${isInRange}) AS ${plain}`,
    ],
    iso: `substring(${text}, 1, 10)`,
    timeOfDay: `if(length(${text}) > 10, ${timeOfDay}, 0)`,
    zone: `multiIf(endsWith(${text}, 'Z'), 'Z', ${plain}, '', length(${text}) > 16, ${zone}, '')`,
    isMisshapen: both(`NOT ${plain}`, isNoIsoTime(text)),
  }
}

/** Of `HH:MM:SS` as the bytes of an integer, the lowest first: the number of the two digits at a byte. */
function digitPair(clock: string, at: number): string {
  const digit = (byte: number): string => `bitAnd(bitShiftRight(${clock}, ${byte * 8}), 15)`
  return `(${digit(at)} * 10 + ${digit(at + 1)})`
}

/** 0 where a zone stands behind the minutes. */
function secondsOf(clock: string): string {
  return `(${digitPair(clock, 6)} * (bitAnd(bitShiftRight(${clock}, 40), 255) = ${':'.charCodeAt(0)}))`
}

function byFormat(member: string, parsed: DateFormat): WrittenMoment {
  const { aliases, iso, groups } = isoByFormat(member, parsed)
  const { hour, minute, second, millisecond, halfDay, offset } = parsed.groups
  const number = (group: number | undefined): string => (group ? `toUInt16OrZero(${groups}[${group}])` : '0')
  const hours = halfDay
    ? `(${number(hour)} % 12 + if(lower(substring(${groups}[${halfDay}], 1, 1)) = 'p', 12, 0))`
    : number(hour)
  return {
    aliases,
    iso,
    timeOfDay: `toInt64(((${hours} * 60 + ${number(minute)}) * 60 + ${number(second)}) * 1000 + ${number(millisecond)})`,
    zone: offset ? `${groups}[${offset}]` : `''`,
    isMisshapen: '0',
  }
}

/** SQL: seconds of `Z`, `+05`, `+05:30`, `-0530`. */
function offsetOf(zone: string): string {
  const minutes = `if(length(${zone}) > 3, toUInt8OrZero(substring(${zone}, -2)), 0)`
  const size = `(toInt64(toUInt8OrZero(substring(${zone}, 2, 2))) * 60 + ${minutes}) * 60`
  return `(${size} * if(startsWith(${zone}, '-'), -1, 1))`
}
