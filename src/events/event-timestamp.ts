import { EVENT_LIMITS } from './event-limits.js'

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:0\d|1[0-4]):?[0-5]\d)?$/

/** An ISO-8601 date and time as milliseconds, UTC where it names no offset; or what is wrong with it. */
export function readTimestamp(text: string, nowMs: number): number | string {
  const ms = ISO.test(text) ? parsed(text) : NaN
  if (Number.isNaN(ms)) return 'must be an ISO-8601 date and time, for example 2026-01-15T09:30:00.000Z'
  if (ms < EVENT_LIMITS.earliestMs) return 'must not be before the year 2000'
  if (ms > nowMs + EVENT_LIMITS.aheadMs) return 'must not be more than a day ahead'
  return ms
}

function parsed(text: string): number {
  // Date makes a March of a 30th of February.
  const day = new Date(`${text.slice(0, 10)}T00:00:00Z`)
  if (Number.isNaN(day.getTime()) || day.getUTCDate() !== Number(text.slice(8, 10))) return NaN
  return Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(text.slice(16)) ? text : `${text}Z`)
}

let last = { ms: NaN, iso: '' }

/** Events without a time of their own have that of their batch: it is written once. */
export function isoOf(ms: number): string {
  if (ms !== last.ms) last = { ms, iso: new Date(ms).toISOString() }
  return last.iso
}
