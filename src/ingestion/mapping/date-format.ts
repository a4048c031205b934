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

const TOKENS: Record<string, { pattern: string; part?: 'year' | 'month' | 'day' }> = {
  YYYY: { pattern: '([0-9]{4})', part: 'year' },
  YY: { pattern: '([0-9]{2})', part: 'year' },
  MMMM: { pattern: '([A-Za-z]{3,9})', part: 'month' },
  MMM: { pattern: '([A-Za-z]{3,9})', part: 'month' },
  MM: { pattern: '([0-9]{2})', part: 'month' },
  M: { pattern: '([0-9]{1,2})', part: 'month' },
  DD: { pattern: '([0-9]{2})', part: 'day' },
  D: { pattern: '([0-9]{1,2})', part: 'day' },
  HH: { pattern: '[0-9]{2}' },
  H: { pattern: '[0-9]{1,2}' },
  hh: { pattern: '[0-9]{2}' },
  h: { pattern: '[0-9]{1,2}' },
  mm: { pattern: '[0-9]{2}' },
  ss: { pattern: '[0-9]{2}' },
  SSS: { pattern: '[0-9]{3}' },
  A: { pattern: '[AaPp][Mm]' },
}

/** Reads `M/D/YYYY` and its like; gives a sentence instead when it cannot be one. */
export function parseDateFormat(format: string): DateFormat | string {
  const parts = format.match(/[A-Za-z]+|[^A-Za-z]+/g) ?? []
  const groups: string[] = []
  let pattern = ''
  for (const part of parts.flatMap(tokensOf)) {
    const token = TOKENS[part]
    if (/^[A-Za-z]/.test(part) && !token && part !== 'T' && part !== 'Z') return `format: "${part}" is not known`
    pattern += token?.pattern ?? part.replace(/[^A-Za-z0-9]/g, (character) => `\\${character}`)
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
