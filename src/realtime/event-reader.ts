import { newIdAt } from '../common/new-id.js'
import { EVENT_LIMITS } from './event-limits.js'
import { isPlainlyFine, numberProblem } from './event-number.js'
import { eventRow } from './event-row.js'
import { readTimestamp } from './event-timestamp.js'
import { exactNumberOf } from './exact-json.js'
import type { StoredEvent } from './stored-event.js'

/** An event that may be stored, and its row for the engine. */
export interface ReadEvent {
  event: StoredEvent
  row: string
}

/** What is wrong with an event, and where. */
export interface EventProblem {
  path: string
  message: string
}

export class UnfitEvent {
  constructor(readonly problem: EventProblem) {}
}

const FIELDS = new Set(['timestamp', 'source', 'type', 'values'])
const CONTROL = /\p{Cc}/u
/** half of a pair, which JSON can write and UTF-8 cannot */
const LONE_SURROGATE = /\p{Cs}/u

/**
 * Checks what parseExactly made of one event. By hand and without a class per event: this is the path of every event, and
 * a validator of schemas could say neither the bytes of `values` nor the digits of a number.
 */
export function readEvent(value: unknown, nowMs: number): ReadEvent | UnfitEvent {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return unfit('', 'must be an object {"timestamp","source","type","values"}')
  for (const field of Object.keys(value)) {
    if (!FIELDS.has(field)) return unfit(shortened(field), 'is not a known field')
  }
  const { timestamp, source, type, values } = value as Record<string, unknown>
  const unfitName = nameProblem('source', source) ?? nameProblem('type', type)
  if (unfitName) return unfitName
  const ms = timestamp === undefined ? nowMs : readTimestamp(typeof timestamp === 'string' ? timestamp : '', nowMs)
  if (typeof ms === 'string') return unfit('timestamp', ms)
  if (typeof values !== 'object' || values === null || Array.isArray(values))
    return unfit('values', values === undefined ? 'is required' : 'must be an object')
  return readValues(values as Record<string, unknown>, ms, source as string, type as string, nowMs)
}

function readValues(values: Record<string, unknown>, ms: number, source: string, type: string, nowMs: number) {
  const keys = Object.keys(values)
  if (keys.length > EVENT_LIMITS.keys) return unfit('values', `must have at most ${EVENT_LIMITS.keys} keys`)
  const exact = new Map<string, string>()
  for (const key of keys) {
    const problem = keyProblem(key) ?? valueProblem(key, values[key], exact)
    if (problem) return problem
  }
  // Of the moment of `received_at`: the live metrics tell by it which events the engine has counted.
  const id = newIdAt(nowMs)
  const { row, valuesBytes } = eventRow({ id, ms, receivedMs: nowMs, source, type, keys, values, exact })
  if (valuesBytes > EVENT_LIMITS.valuesBytes) return unfit('values', 'must not be larger than 8 KiB')
  for (const [key, text] of exact) values[key] = Number(text)
  const event = { id, timestamp: new Date(ms).toISOString(), source, type, values: values as StoredEvent['values'] }
  return { event, row }
}

function nameProblem(field: string, value: unknown): UnfitEvent | undefined {
  if (typeof value !== 'string') return unfit(field, value === undefined ? 'is required' : 'must be text')
  if (value.length > EVENT_LIMITS.nameLength) return unfit(field, `must not be longer than ${EVENT_LIMITS.nameLength}`)
  if (value.trim() === '') return unfit(field, 'must not be empty')
  return textProblem(field, value)
}

/** `__proto__` is a name that objects treat in their own way. */
function keyProblem(key: string): UnfitEvent | undefined {
  if (key.length > EVENT_LIMITS.keyLength)
    return unfit('values', `must not have keys longer than ${EVENT_LIMITS.keyLength}`)
  if (key.trim() === '') return unfit('values', 'must not have an empty key')
  if (key === '__proto__') return unfit('values', 'must not have the key __proto__')
  return textProblem('values', key)
}

function textProblem(path: string, text: string): UnfitEvent | undefined {
  if (CONTROL.test(text)) return unfit(path, 'must not hold control characters')
  return LONE_SURROGATE.test(text) ? unfit(path, 'must be valid Unicode') : undefined
}

/** Keeps the text of a number that a double cannot hold in `exact`. */
function valueProblem(key: string, value: unknown, exact: Map<string, string>): UnfitEvent | undefined {
  if (typeof value === 'boolean' || (typeof value === 'number' && isPlainlyFine(value))) return undefined
  const path = `values.${shortened(key)}`
  if (typeof value === 'number') {
    const problem = numberProblem(String(value))
    return problem ? unfit(path, problem) : undefined
  }
  if (typeof value !== 'string') return unfit(path, 'must be a number, a string or a boolean')
  const number = exactNumberOf(value)
  if (number === undefined) return LONE_SURROGATE.test(value) ? unfit(path, 'must be valid Unicode') : undefined
  const problem = numberProblem(number)
  if (problem) return unfit(path, problem)
  exact.set(key, number)
  return undefined
}

function shortened(name: string): string {
  return name.slice(0, 60).replace(/\p{Cs}/gu, '\ufffd')
}

function unfit(path: string, message: string): UnfitEvent {
  return new UnfitEvent({ path, message })
}
