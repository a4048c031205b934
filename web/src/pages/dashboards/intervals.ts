/** How often a dashboard may be refreshed, in seconds. */
export const INTERVALS = [30, 60, 300, 900, 3600] as const

/** Every minute, every 5 minutes, every 45 seconds */
export function everyText(seconds: number): string {
  const [unit, count] =
    seconds % 3600 === 0
      ? ['hour', seconds / 3600]
      : seconds % 60 === 0
        ? ['minute', seconds / 60]
        : ['second', seconds]
  return count === 1 ? `Every ${unit}` : `Every ${count} ${unit}s`
}
