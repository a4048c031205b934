const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
/** More points than a chart is wide say nothing. */
const MAX_PERIODS = 5000

/** A period by its first day, or the moment at which it begins: `2024 Q1` */
export function periodName(start: string, granularity: string): string {
  switch (granularity) {
    case 'year':
      return start.slice(0, 4)
    case 'quarter':
      return `${start.slice(0, 4)} Q${Math.ceil(Number(start.slice(5, 7)) / 3)}`
    case 'month':
      return start.slice(0, 7)
    case 'minute':
    case 'hour':
      return start.slice(0, 16).replace('T', ' ')
    default:
      return start.slice(0, 10)
  }
}

/** Which period of its compared range a date is in: `month 3`. */
export function periodNumber(range: unknown, date: unknown, granularity: string): string {
  const first = new Date(`${String(range).slice(0, 10)}T00:00:00Z`)
  const day = new Date(`${String(date).slice(0, 10)}T00:00:00Z`)
  const months = (day.getUTCFullYear() - first.getUTCFullYear()) * 12 + day.getUTCMonth() - first.getUTCMonth()
  const days = Math.round((day.getTime() - first.getTime()) / DAY_MS)
  switch (granularity) {
    case 'year':
      return `year ${day.getUTCFullYear() - first.getUTCFullYear() + 1}`
    case 'quarter':
      return `quarter ${Math.floor(day.getUTCMonth() / 3) - Math.floor(first.getUTCMonth() / 3) + yearsApart(day, first) * 4 + 1}`
    case 'month':
      return `month ${months + 1}`
    case 'week':
      // The first week may have begun before the range did.
      return `week ${Math.ceil(days / 7) + 1}`
    default:
      return `day ${days + 1}${String(date).slice(10, 16).replace('T', ' ')}`
  }
}

/**
 * The starts of all periods from the first to the last of those given, so that one without rows is seen as a gap; as they are,
 * in order, where the ones between cannot be told.
 */
export function withMissing(starts: readonly string[], granularity: string): string[] {
  const known = [...new Set(starts)].sort()
  const [first, last] = [known[0], known.at(-1)]
  if (first === undefined || last === undefined) return known
  const every: string[] = []
  for (let start = first; start <= last; start = next(start, granularity)) {
    every.push(start)
    if (every.length > MAX_PERIODS) return known
  }
  const all = new Set(every)
  return known.every((start) => all.has(start)) ? every : known
}

/** The start of the period behind the one that begins there. */
function next(start: string, granularity: string): string {
  const at = new Date(start.length === 10 ? `${start}T00:00:00Z` : start)
  if (Number.isNaN(at.getTime())) return '~'
  switch (granularity) {
    case 'year':
      at.setUTCFullYear(at.getUTCFullYear() + 1)
      break
    case 'quarter':
      at.setUTCMonth(at.getUTCMonth() + 3)
      break
    case 'month':
      at.setUTCMonth(at.getUTCMonth() + 1)
      break
    default:
      at.setTime(at.getTime() + lengthOf(granularity))
  }
  return at.toISOString().slice(0, start.length - (start.endsWith('Z') ? 1 : 0)) + (start.endsWith('Z') ? 'Z' : '')
}

function lengthOf(granularity: string): number {
  if (granularity === 'minute') return MINUTE_MS
  if (granularity === 'hour') return HOUR_MS
  return granularity === 'week' ? 7 * DAY_MS : DAY_MS
}

function yearsApart(a: Date, b: Date): number {
  return a.getUTCFullYear() - b.getUTCFullYear()
}

/** The last day of the period that begins there, or its last millisecond where it is a part of a day. */
export function lastDayOf(start: string, granularity: string): string {
  const behind = new Date(next(start, granularity))
  const last = new Date(behind.getTime() - (start.length === 10 ? DAY_MS : 1)).toISOString()
  return start.length === 10 ? last.slice(0, 10) : last
}
