const DAY_MS = 86_400_000

export interface Period {
  label: string
  /** ISO-8601; empty: open */
  from: string
  to: string
}

/** Days are those of the reader's time zone. */
export function periodPresets(now = new Date()): Period[] {
  const midnight = new Date(now)
  midnight.setHours(0, 0, 0, 0)
  const daysBefore = (days: number) => {
    const day = new Date(midnight)
    day.setDate(day.getDate() - days)
    return day.toISOString()
  }
  const minute = Math.floor(now.getTime() / 60_000) * 60_000
  return [
    { label: 'Last hour', from: new Date(minute - DAY_MS / 24).toISOString(), to: '' },
    { label: 'Today', from: daysBefore(0), to: '' },
    { label: 'Yesterday', from: daysBefore(1), to: daysBefore(0) },
    { label: 'Last 7 days', from: daysBefore(6), to: '' },
    { label: 'Last 30 days', from: daysBefore(29), to: '' },
  ]
}

/** The one that the filters stand for. */
export function presetOf({ from, to }: { from: string; to: string }, presets: Period[]): string | null {
  return presets.find((period) => period.from === from && period.to === to)?.label ?? null
}
