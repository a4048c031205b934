/** What a format can say of a date or a moment. */
export type DatePart =
  | 'year'
  | 'month'
  | 'day'
  | 'hour'
  | 'minute'
  | 'second'
  | 'millisecond'
  | 'halfDay'
  | 'offset'
  | 'unixSeconds'
  | 'unixMilliseconds'

/** A format as a regular expression with the positions of its groups. */
export interface DateFormat {
  /** RE2 syntax, anchored */
  pattern: string
  /** 1-based group numbers of the parts that it has */
  groups: Partial<Record<DatePart, number>>
  twoDigitYear: boolean
  monthByName: boolean
  /** day and month are numbers, and might be meant the other way around */
  isSwappable: boolean
}

/** A word that may be a month; whether it is one is looked up in MONTH_NAMES. */
const MONTH_WORD = '([A-Za-z]{3,9})'

const TOKENS: Record<string, { pattern: string; part: DatePart }> = {
  YYYY: { pattern: '([0-9]{4})', part: 'year' },
  YY: { pattern: '([0-9]{2})', part: 'year' },
  MMMM: { pattern: MONTH_WORD, part: 'month' },
  MMM: { pattern: MONTH_WORD, part: 'month' },
  MM: { pattern: '([0-9]{2})', part: 'month' },
  M: { pattern: '([0-9]{1,2})', part: 'month' },
  DD: { pattern: '([0-9]{2})', part: 'day' },
  D: { pattern: '([0-9]{1,2})', part: 'day' },
  HH: { pattern: '([01][0-9]|2[0-3])', part: 'hour' },
  H: { pattern: '([01]?[0-9]|2[0-3])', part: 'hour' },
  hh: { pattern: '(0[0-9]|1[0-2])', part: 'hour' },
  h: { pattern: '(0?[0-9]|1[0-2])', part: 'hour' },
  mm: { pattern: '([0-5][0-9])', part: 'minute' },
  ss: { pattern: '([0-5][0-9])', part: 'second' },
  SSS: { pattern: '([0-9]{3})', part: 'millisecond' },
  A: { pattern: '([AaPp][Mm])', part: 'halfDay' },
}

/** Of timestamps only. Dates read Z as the letter. */
const ZONE: (typeof TOKENS)[string] = { pattern: '(Z|[+-][01][0-9](?::?[0-5][0-9])?)', part: 'offset' }
/** Moments as numbers: each is a whole format. */
const UNIX: Record<string, DatePart> = { X: 'unixSeconds', x: 'unixMilliseconds' }
const UNIX_PATTERN = '^(-?[0-9]+)(?:\\.([0-9]+))?$'

const MONTHS = 'january february march april may june july august september october november december'.split(' ')

/** The names of months that are read, in lower case, to their numbers: whole, of three letters, and "sept". */
export const MONTH_NAMES = new Map([
  ...MONTHS.flatMap((name, at): [string, number][] => [
    [name, at + 1],
    [name.slice(0, 3), at + 1],
  ]),
  ['sept', 9],
])

/** What RE2 lets a backslash stand before; other characters than those of ASCII stand for themselves. */
const ASCII_PUNCTUATION = /[!-/:-@[-`{-~]/g

/** Reads `M/D/YYYY` and its like; gives a sentence instead when it cannot be one. */
export function parseDateFormat(format: string, type: 'date' | 'timestamp' = 'date'): DateFormat | string {
  const isMoment = type === 'timestamp'
  if (isMoment && UNIX[format]) return unixFormat(UNIX[format])
  const parts = (format.match(/[A-Za-z]+|[^A-Za-z]+/g) ?? []).flatMap(tokensOf)
  const unknown = parts.find((part) => /^[A-Za-z]/.test(part) && !TOKENS[part] && part !== 'T' && part !== 'Z')
  if (unknown !== undefined) return unknownToken(unknown, isMoment)
  const tokens = parts.map((part) => ({ part, token: isMoment && part === 'Z' ? ZONE : TOKENS[part] }))
  const named = tokens.flatMap(({ part, token }) => (token ? [{ written: part, part: token.part }] : []))
  const problem = problemOf(named, isMoment)
  if (problem) return problem
  const monthByName = named.some(({ written }) => written.startsWith('MMM'))
  const order = named.flatMap(({ part }) => (['year', 'month', 'day'].includes(part) ? [part[0]!] : [])).join('')
  return {
    pattern: `^${tokens.map(({ part, token }) => token?.pattern ?? part.replace(ASCII_PUNCTUATION, '\\$&')).join('')}$`,
    groups: Object.fromEntries(named.map(({ part }, at) => [part, at + 1])),
    twoDigitYear: named.some(({ written }) => written === 'YY'),
    monthByName,
    // Nobody writes a year first and then the day.
    isSwappable: !monthByName && order !== 'ymd',
  }
}

function unixFormat(part: DatePart): DateFormat {
  const groups = { [part]: 1 }
  return { pattern: UNIX_PATTERN, groups, twoDigitYear: false, monthByName: false, isSwappable: false }
}

function unknownToken(part: string, isMoment: boolean): string {
  if (UNIX[part])
    return isMoment
      ? `format: "${part}" (Unix time) stands alone`
      : `format: "${part}" (Unix time) is for timestamp columns`
  const moments = isMoment ? ', Z, X, x' : ''
  return `format: "${part}" is not known; use ${Object.keys(TOKENS).join(', ')}${moments}`
}

function problemOf(named: { written: string; part: DatePart }[], isMoment: boolean): string | undefined {
  const count = (part: DatePart): number => named.filter((each) => each.part === part).length
  if ((['year', 'month', 'day'] as const).some((part) => count(part) !== 1))
    return 'format: needs a year (YYYY or YY), a month (M, MM, MMM) and a day (D, DD), each once'
  if (!isMoment) return undefined
  if (named.some(({ part }) => count(part) > 1)) return 'format: has a part of the time twice'
  const isHalfDay = named.some(({ written }) => /^h/.test(written))
  if (isHalfDay !== count('halfDay') > 0) return 'format: h and hh need A (AM or PM), and A needs them'
  const isGap = (count('second') > 0 && !count('minute')) || (count('minute') > 0 && !count('hour'))
  if (isGap || (count('millisecond') > 0 && !count('second'))) return 'format: a part of the time needs those before it'
  return undefined
}

/** `YYYYMMDD` has no separators: letters that repeat belong together. */
function tokensOf(part: string): string[] {
  return /^[A-Za-z]/.test(part) ? (part.match(/([A-Za-z])\1*/g) ?? []) : [part]
}
