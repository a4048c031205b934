interface Candidate {
  format: string
  pattern: RegExp
  /** groups of the day and the month, where they are digits */
  day?: number
  month?: number
}

const TIME = String.raw`(?:[ T]\d{1,2}:\d{2}(:\d{2})?)?`

/** Those that people write; the first that fits all values is taken. */
const CANDIDATES: readonly Candidate[] = [
  candidate('M/D/YYYY', String.raw`(\d{1,2})/(\d{1,2})/\d{4}`, 1, 2),
  candidate('D/M/YYYY', String.raw`(\d{1,2})/(\d{1,2})/\d{4}`, 2, 1),
  candidate('D.M.YYYY', String.raw`(\d{1,2})\.(\d{1,2})\.\d{4}`, 2, 1),
  candidate('D-M-YYYY', String.raw`(\d{1,2})-(\d{1,2})-\d{4}`, 2, 1),
  candidate('M-D-YYYY', String.raw`(\d{1,2})-(\d{1,2})-\d{4}`, 1, 2),
  candidate('YYYY/M/D', String.raw`\d{4}/(\d{1,2})/(\d{1,2})`, 1, 2),
  candidate('YYYYMMDD', String.raw`\d{4}(\d{2})(\d{2})`, 1, 2),
  candidate('D MMM YYYY', String.raw`\d{1,2} [A-Za-z]{3,9} \d{4}`),
  candidate('MMM D, YYYY', String.raw`[A-Za-z]{3,9} \d{1,2}, \d{4}`),
  candidate('D-MMM-YYYY', String.raw`\d{1,2}-[A-Za-z]{3,9}-\d{4}`),
  candidate('M/D/YY', String.raw`(\d{1,2})/(\d{1,2})/\d{2}`, 1, 2),
  candidate('D/M/YY', String.raw`(\d{1,2})/(\d{1,2})/\d{2}`, 2, 1),
  candidate('D.M.YY', String.raw`(\d{1,2})\.(\d{1,2})\.\d{2}`, 2, 1),
]

const ISO = /^\d{4}-\d{2}-\d{2}([T ]|$)/

export const COMMON_FORMATS = CANDIDATES.map(({ format }) => format)

export interface FormatGuess {
  /** empty: ISO, which needs none */
  format: string
  /** another one that fits as well */
  rival?: string
}

/** The format of a column's dates; undefined when none fits what is there. */
export function guessDateFormat(values: readonly string[]): FormatGuess | undefined {
  const dates = values.map((value) => value.trim()).filter(Boolean)
  if (dates.length === 0) return undefined
  if (dates.every((date) => ISO.test(date))) return { format: '' }
  // Foreign records that slipped into a file must not hide the format of the others.
  const fits = CANDIDATES.map((each) => ({ ...each, share: dates.filter((date) => isOne(date, each)).length }))
  const best = Math.max(...fits.map(({ share }) => share))
  if (best < dates.length / 2) return undefined
  const [first, rival] = fits.filter(({ share }) => share === best)
  return { format: first!.format + timeOf(dates[0]!), ...(rival && { rival: rival.format }) }
}

/** A value that the format of a column cannot be meant for; undefined where all fit, or the format is not one of the usual. */
export function contradictionOf(format: string, values: readonly string[]): string | undefined {
  const plain = format.replace(/([ T])H{1,2}:mm(:ss)?$/, '')
  const known = CANDIDATES.find((each) => each.format === plain)
  const fits = plain === 'YYYY-MM-DD' ? (date: string) => ISO.test(date) : known && isOneOf(known)
  return fits && values.map((value) => value.trim()).find((date) => date !== '' && !fits(date))
}

const isOneOf = (format: Candidate) => (date: string) => isOne(date, format)

function candidate(format: string, pattern: string, month?: number, day?: number): Candidate {
  return { format, pattern: new RegExp(`^${pattern}${TIME}$`), month, day }
}

function isOne(date: string, { pattern, month, day }: Candidate): boolean {
  const found = pattern.exec(date)
  if (!found) return false
  return (!month || isBetween(found[month], 12)) && (!day || isBetween(found[day], 31))
}

function isBetween(digits: string | undefined, most: number): boolean {
  return Number(digits) >= 1 && Number(digits) <= most
}

/** What the time of day behind a date adds to its format. */
function timeOf(date: string): string {
  const [, separator, seconds] = /([ T])\d{1,2}:\d{2}(:\d{2})?$/.exec(date) ?? []
  return separator ? `${separator}H:mm${seconds ? ':ss' : ''}` : ''
}
