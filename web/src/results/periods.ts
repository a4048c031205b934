const DAY_MS = 86_400_000

/** A period by its first day, or the moment at which it begins: `2024 Q1` */
export function periodName(start: string, granularity: string): string {
  switch (granularity) {
    case 'year':
      return start.slice(0, 4)
    case 'quarter':
      return `${start.slice(0, 4)} Q${Math.ceil(Number(start.slice(5, 7)) / 3)}`
    case 'month':
      return start.slice(0, 7)
    default:
      return start.slice(0, 16).replace('T', ' ')
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
      return `day ${days + 1}${String(date).slice(10)}`
  }
}

function yearsApart(a: Date, b: Date): number {
  return a.getUTCFullYear() - b.getUTCFullYear()
}
