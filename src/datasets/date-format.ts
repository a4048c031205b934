/** A date format as a regular expression with the positions of its year, month and day groups. */
export interface DateFormat {
  /** RE2 syntax, anchored */
  pattern: string
  /** 1-based group numbers */
  year: number
  month: number
  day: number
  twoDigitYear: boolean
  monthByName: boolean
}

/** A word that may be a month; whether it is one is looked up in MONTH_NAMES. */
const MONTH_WORD = '([A-Za-z]{3,9})'

const TOKENS: Record<string, { pattern: string; part?: 'year' | 'month' | 'day' }> = {
  YYYY: { pattern: '([0-9]{4})', part: 'year' },
  YY: { pattern: '([0-9]{2})', part: 'year' },
  MMMM: { pattern: MONTH_WORD, part: 'month' },
  MMM: { pattern: MONTH_WORD, part: 'month' },
  MM: { pattern: '([0-9]{2})', part: 'month' },
  M: { pattern: '([0-9]{1,2})', part: 'month' },
  DD: { pattern: '([0-9]{2})', part: 'day' },
  D: { pattern: '([0-9]{1,2})', part: 'day' },
  HH: { pattern: '(?:[01][0-9]|2[0-3])' },
  H: { pattern: '(?:[01]?[0-9]|2[0-3])' },
  hh: { pattern: '(?:0[0-9]|1[0-2])' },
  h: { pattern: '(?:0?[0-9]|1[0-2])' },
  mm: { pattern: '[0-5][0-9]' },
  ss: { pattern: '[0-5][0-9]' },
  SSS: { pattern: '[0-9]{3}' },
  A: { pattern: '[AaPp][Mm]' },
}

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
export function parseDateFormat(format: string): DateFormat | string {
  const parts = format.match(/[A-Za-z]+|[^A-Za-z]+/g) ?? []
  const groups: string[] = []
  let pattern = ''
  for (const part of parts.flatMap(tokensOf)) {
    const token = TOKENS[part]
    if (/^[A-Za-z]/.test(part) && !token && part !== 'T' && part !== 'Z') {
      return `format: "${part}" is not known; use ${Object.keys(TOKENS).join(', ')}`
    }
    pattern += token?.pattern ?? part.replace(ASCII_PUNCTUATION, '\\$&')
    if (token?.part) groups.push(`${token.part}:${part}`)
  }
  const at = (name: string): number => groups.findIndex((group) => group.startsWith(name)) + 1
  if (groups.length !== 3 || !at('year') || !at('month') || !at('day')) {
    return 'format: needs a year (YYYY or YY), a month (M, MM, MMM) and a day (D, DD), each once'
  }
  return {
    pattern: `^${pattern}$`,
    year: at('year'),
    month: at('month'),
    day: at('day'),
    twoDigitYear: groups.includes('year:YY'),
    monthByName: groups.some((group) => group.startsWith('month:MMM')),
  }
}

/** `YYYYMMDD` has no separators: letters that repeat belong together. */
function tokensOf(part: string): string[] {
  return /^[A-Za-z]/.test(part) ? (part.match(/([A-Za-z])\1*/g) ?? []) : [part]
}
