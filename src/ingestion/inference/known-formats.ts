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
  ...[' HHmm', ' HHmmss', 'THHmmss', ':HH:mm:ss', ' H:mm:ss Z', ':HH:mm:ss Z'],
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
  const hasTime = /[HhXx]/.test(format)
  const parsed = parseDateFormat(format, hasTime ? 'timestamp' : 'date')
  if (typeof parsed === 'string' || !parsed.groups.year) return undefined
  const { year, month = 0, day = 0 } = parsed.groups
  return {
    format,
    hasTime,
    isMonthFirst: !parsed.monthByName && month < day && day < year,
    isDayFirst: !parsed.monthByName && day < month && month < year,
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
  const found = pattern.exec(text)
  if (!found) return false
  const { year, month, day } = parsed.groups
  const monthText = found[month!]!
  const yearText = found[year!]!
  const monthNumber = parsed.monthByName ? MONTH_NAMES.get(monthText.toLowerCase()) : Number(monthText)
  const century = !parsed.twoDigitYear ? 0 : yearText >= '69' ? 1900 : 2000
  return monthNumber !== undefined && isDay(century + Number(yearText), monthNumber, Number(found[day!]))
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
