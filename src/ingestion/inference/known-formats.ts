import { MONTH_NAMES, parseDateFormat, type DateFormat } from '../../datasets/date-format.js'

/** Those of which one tells the other's day for a month stand behind each other. */
const DATES = [
  ...[
    'M/D/YYYY',
    'D/M/YYYY',
    'M-D-YYYY',
    'D-M-YYYY',
    'D.M.YYYY',
    'M.D.YYYY',
    'M/D/YY',
    'D/M/YY',
    'D.M.YY',
    'D-M-YY',
    'M-D-YY',
  ],
  ...['YYYY/M/D', 'YYYY.M.D', 'YYYY-M-D', 'YYYYMMDD', 'D MMM YYYY', 'D-MMM-YYYY', 'D-MMM-YY', 'D MMM YY', 'D/MMM/YYYY'],
  ...['D. MMM YYYY', 'MMM D, YYYY', 'MMM D YYYY', 'MMM-D-YYYY', 'YYYY-MMM-D', 'D MMM, YYYY'],
]
const TIMES = [
  ...[
    '',
    ' H:mm',
    ' H:mm:ss',
    ' H:mm:ss.SSS',
    ' h:mm A',
    ' h:mm:ss A',
    ' h:mmA',
    ', H:mm',
    ', H:mm:ss',
    ', h:mm A',
    ', h:mm:ss A',
  ],
  ...[' HHmm', ' HHmmss', 'THHmmss', ':HH:mm:ss'],
]
const SHORTEST = 6
const LONGEST = 40

/** A format of dates or timestamps, and how to tell that a text has it. */
export interface KnownFormat {
  format: string
  hasTime: boolean
  isMonthFirst: boolean
  isDayFirst: boolean
  parsed: DateFormat
  pattern: RegExp
}

/** undefined when it is no format */
export function knownFormat(format: string): KnownFormat | undefined {
  const parsed = parseDateFormat(format, /[Hh]/.test(format) ? 'timestamp' : 'date')
  if (typeof parsed === 'string') return undefined
  const { groups } = parsed
  return {
    format,
    hasTime: /[Hh]/.test(format),
    isMonthFirst: !parsed.monthByName && groups.month! < groups.day! && groups.day! < groups.year!,
    isDayFirst: !parsed.monthByName && groups.day! < groups.month! && groups.month! < groups.year!,
    parsed,
    pattern: new RegExp(parsed.pattern),
  }
}

export const KNOWN_FORMATS: KnownFormat[] = DATES.flatMap((date) =>
  TIMES.flatMap((time) => knownFormat(date + time) ?? []),
)

/** Whether the text is a day of the calendar in this format, from 1900 to 2299. */
export function hasFormat(text: string, { pattern, parsed }: KnownFormat): boolean {
  if (text.length < SHORTEST || text.length > LONGEST) return false
  const groups = pattern.exec(text)
  if (!groups) return false
  const part = (name: 'year' | 'month' | 'day'): string => groups[parsed.groups[name]!]!
  const month = parsed.monthByName ? MONTH_NAMES.get(part('month').toLowerCase()) : Number(part('month'))
  const year = part('year')
  const century = year >= '69' ? 1900 : 2000
  return (
    month !== undefined &&
    isDay(parsed.twoDigitYear ? century + Number(year) : Number(year), month, Number(part('day')))
  )
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Whether it is a day that the load can hold. */
export function isDay(year: number, month: number, day: number): boolean {
  if (year < 1900 || year > 2299 || month < 1 || month > 12 || day < 1) return false
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return day <= (month === 2 && isLeap ? 29 : DAYS[month - 1]!)
}

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:[.,]\d+)?)?(?: ?(?:Z|[+-][01]\d(?::?[0-5]\d)?))?)?$/

/** `date` or `timestamp` for a text in ISO 8601 as the load reads it. */
export function isoKind(text: string): 'date' | 'timestamp' | undefined {
  if (text.charCodeAt(4) !== 0x2d) return undefined
  const parts = ISO.exec(text)
  if (!parts || !isDay(Number(parts[1]), Number(parts[2]), Number(parts[3]))) return undefined
  return text.length === 10 ? 'date' : 'timestamp'
}
