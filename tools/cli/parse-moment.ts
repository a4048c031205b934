import { InvalidArgumentError } from 'commander'

const MILLISECONDS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** A time (`2026-01-31`, `2026-01-31T12:00Z`), or how far from now it is (`30m`, `2h`, `7d`), as ISO text. */
export function parseMoment(text: string, direction: 'ago' | 'ahead', now = Date.now()): string {
  const [, amount, unit] = /^(\d{1,6})([smhdw])$/.exec(text) ?? []
  if (amount && unit)
    return new Date(now + (direction === 'ago' ? -1 : 1) * Number(amount) * MILLISECONDS[unit]!).toISOString()
  // Without a zone it would be the machine's own; the API speaks UTC.
  const at = /^\d{4}-\d\d-\d\d/.test(text)
    ? Date.parse(/T.*(Z|[+-]\d\d:?\d\d)$|^[^T]*$/.test(text) ? text : `${text}Z`)
    : NaN
  if (Number.isNaN(at))
    throw new InvalidArgumentError('It must be such as 30m, 2h, 7d, 2026-01-31 or 2026-01-31T12:00:00Z.')
  return new Date(at).toISOString()
}
