import type { TypedValues } from './column-values.js'
import { hasFormat, isoKind, KNOWN_FORMATS, knownFormat, type KnownFormat } from './known-formats.js'

/** What the dates of a column look like. */
export interface FoundDates {
  type: 'date' | 'timestamp'
  /** undefined: ISO */
  format?: string
  /** values that are none, with how often each stands there */
  misfits: [value: string, count: number][]
  /** the format that fits as well, with day and month the other way round */
  alternative?: string
  /** the order of day and month is told by the values */
  order?: 'day' | 'month'
}

/** What tells the order of day and month where the values of a column do not. */
export interface DateHints {
  /** the upload's own */
  dateFormat?: string
  prefersDayFirst: boolean
}

/** Of so many values the formats are told. */
const LOOKED_AT = 200
const DIGIT = /[0-9]/
/** Unix seconds and milliseconds of the years 2000 to 2100. */
const FIRST_SECOND = 946_684_800
const LAST_SECOND = 4_102_444_800

/** undefined when fewer than the share of the values are dates. */
export function findDates(values: TypedValues, minShare: number, hints: DateHints): FoundDates | undefined {
  const iso = isoDates(values, minShare)
  if (iso) return iso
  const candidates = candidatesOf(values, minShare, hints)
  const readings = candidates
    .map((format) => ({ format, misfits: misfitsOf(values, (text) => hasFormat(text, format)) }))
    .filter(({ misfits }) => isEnough(values, misfits, minShare))
    .sort((one, other) => countOf(one.misfits) - countOf(other.misfits))
  const [first] = readings
  if (!first) return undefined
  const isAlike = (misfits: FoundDates['misfits']): boolean => countOf(misfits) === countOf(first.misfits)
  return choose(
    readings.filter(({ misfits }) => isAlike(misfits)),
    hints,
  )
}

function isoDates(values: TypedValues, minShare: number): FoundDates | undefined {
  let hasTimes = false
  const misfits = misfitsOf(values, (text) => {
    const kind = isoKind(text)
    hasTimes ||= kind === 'timestamp'
    return kind !== undefined
  })
  return isEnough(values, misfits, minShare) ? { type: hasTimes ? 'timestamp' : 'date', misfits } : undefined
}

/** The formats that fit enough of the first values. */
function candidatesOf({ values }: TypedValues, minShare: number, { dateFormat }: DateHints): KnownFormat[] {
  const looked = values.slice(0, LOOKED_AT).map(([value]) => value)
  if (looked.filter((value) => DIGIT.test(value)).length < looked.length * minShare) return []
  const allowed = Math.max(1, Math.ceil(looked.length * (1 - minShare)))
  const own = dateFormat === undefined ? undefined : knownFormat(dateFormat)
  const fits = (format: KnownFormat): boolean => {
    let misfits = 0
    for (const value of looked) if (!hasFormat(value, format) && ++misfits > allowed) return false
    return misfits < looked.length
  }
  if (own && fits(own)) return [own]
  return KNOWN_FORMATS.filter(fits)
}

/** Of formats that fit alike: the first, unless day and month can be the other way round. */
function choose(
  readings: { format: KnownFormat; misfits: FoundDates['misfits'] }[],
  { prefersDayFirst, dateFormat }: DateHints,
): FoundDates {
  const monthFirst = readings.find(({ format }) => format.isMonthFirst)
  const dayFirst = readings.find(({ format }) => format.isDayFirst)
  const isAsked = monthFirst && dayFirst && dateFormat === undefined
  const preferred = prefersDayFirst ? dayFirst : monthFirst
  const chosen = (isAsked ? preferred : undefined) ?? readings[0]!
  const other = isAsked ? (preferred === dayFirst ? monthFirst : dayFirst) : undefined
  return {
    type: chosen.format.hasTime ? 'timestamp' : 'date',
    format: chosen.format.format,
    misfits: chosen.misfits,
    alternative: other?.format.format,
    order: other ? undefined : chosen.format.isDayFirst ? 'day' : chosen.format.isMonthFirst ? 'month' : undefined,
  }
}

/** Unix time: `X` for seconds, `x` for milliseconds. */
export function unixFormat(values: TypedValues): 'X' | 'x' | undefined {
  const isWithin = (factor: number): boolean =>
    values.values.every(([text]) => {
      const number = Number(text)
      return Number.isInteger(number) && number >= FIRST_SECOND * factor && number <= LAST_SECOND * factor
    })
  if (values.values.length === 0) return undefined
  return isWithin(1) ? 'X' : isWithin(1000) ? 'x' : undefined
}

function misfitsOf({ values }: TypedValues, isFit: (text: string) => boolean): [string, number][] {
  return values.filter(([value]) => !isFit(value))
}

function isEnough({ total }: TypedValues, misfits: FoundDates['misfits'], minShare: number): boolean {
  return total > 0 && total - countOf(misfits) >= total * minShare
}

function countOf(values: [string, number][]): number {
  return values.reduce((sum, [, count]) => sum + count, 0)
}
