import { NOT_ONE_LINE } from '../common/decorators/clean-text.decorator.js'
import { newIdAt } from '../common/new-id.js'
import { EVENT_LIMITS } from './event-limits.js'
import { needsNoCheck, numberProblem } from './event-number.js'
import { CheckedNames } from './event-names.js'
import { eventRow, ValuesText } from './event-row.js'
import { isoOf, readTimestamp } from './event-timestamp.js'
import { exactNumberOf } from './exact-json.js'
import type { StoredEvent } from './stored-event.js'

/** An event that may be stored, and its row for ClickHouse. */
export interface ReadEvent {
  event: StoredEvent
  row: string
}

/** What is wrong with an event, and where. */
export interface EventProblem {
  path: string
  message: string
}

export class InvalidEvent {
  constructor(readonly problem: EventProblem) {}
}

const FIELDS = new Set(['timestamp', 'source', 'type', 'values'])

/**
 * Checks what parseExactly made of one event. By hand and without a class per event: this is the path of every event, and
 * a validator of schemas could say neither the bytes of `values` nor the digits of a number.
 */
export function readEvent(value: unknown, nowMs: number): ReadEvent | InvalidEvent {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return invalid('', 'must be an object {"timestamp","source","type","values"}')
  for (const field of Object.keys(value)) {
    if (!FIELDS.has(field)) return invalid(shortened(field), 'is not a known field')
  }
  const { timestamp, source, type, values } = value as Record<string, unknown>
  const sourceText = SOURCES.textOf(source as string)
  if (typeof sourceText !== 'string') return sourceText
  const typeText = TYPES.textOf(type as string)
  if (typeof typeText !== 'string') return typeText
  const ms = timestamp === undefined ? nowMs : readTimestamp(typeof timestamp === 'string' ? timestamp : '', nowMs)
  if (typeof ms === 'string') return invalid('timestamp', ms)
  if (typeof values !== 'object' || values === null || Array.isArray(values))
    return invalid('values', values === undefined ? 'is required' : 'must be an object')
  const text = readValues(values as Record<string, unknown>)
  if (text instanceof InvalidEvent) return text
  // Of the moment of `received_at`: the live metrics tell by it which events ClickHouse has counted.
  const id = newIdAt(nowMs)
  const row = eventRow({ id, ms, receivedMs: nowMs, source: sourceText, type: typeText, values: text })
  return { event: { id, timestamp: isoOf(ms), source, type, values } as StoredEvent, row }
}

/** Puts doubles in place of the texts of numbers that they cannot hold. */
function readValues(values: Record<string, unknown>): ValuesText | InvalidEvent {
  const keys = Object.keys(values)
  if (keys.length > EVENT_LIMITS.keys) return invalid('values', `must have at most ${EVENT_LIMITS.keys} keys`)
  const text = new ValuesText()
  for (const key of keys) {
    const name = KEYS.textOf(key)
    if (typeof name !== 'string') return name
    const problem = readValue(values, key, name, text)
    if (problem) return invalid(`values.${shortened(key)}`, problem)
  }
  return isTooLarge(text.json) ? invalid('values', 'must not be larger than 8 KiB') : text
}

/** Adds the value to `text`, or tells what is wrong with it. */
function readValue(values: Record<string, unknown>, key: string, name: string, text: ValuesText): string | undefined {
  const value = values[key]
  if (typeof value === 'boolean') return void text.addBoolean(name, value)
  if (typeof value === 'number') {
    const problem = needsNoCheck(value) ? undefined : numberProblem(String(value))
    return problem ?? void text.addNumber(name, String(value))
  }
  if (typeof value !== 'string') return 'must be a number, a string or a boolean'
  const number = exactNumberOf(value)
  if (number === undefined) {
    return value.isWellFormed() ? void text.addText(name, JSON.stringify(value)) : 'must be valid Unicode'
  }
  values[key] = Number(number)
  return numberProblem(number) ?? void text.addNumber(name, number)
}

/** No character of UTF-16 takes more than three bytes, so most need not be counted. */
function isTooLarge(text: string): boolean {
  return text.length * 3 > EVENT_LIMITS.valuesBytes && Buffer.byteLength(text) > EVENT_LIMITS.valuesBytes
}

const SOURCES = new CheckedNames((name) => nameProblem('source', name))
const TYPES = new CheckedNames((name) => nameProblem('type', name))
const KEYS = new CheckedNames(keyProblem)

function nameProblem(field: string, value: unknown): InvalidEvent | undefined {
  if (typeof value !== 'string') return invalid(field, value === undefined ? 'is required' : 'must be text')
  if (value.length > EVENT_LIMITS.nameLength)
    return invalid(field, `must not be longer than ${EVENT_LIMITS.nameLength}`)
  if (value.trim() === '') return invalid(field, 'must not be empty')
  return textProblem(field, value)
}

/** `__proto__` is a name that objects treat in their own way. */
function keyProblem(key: string): InvalidEvent | undefined {
  if (key.length > EVENT_LIMITS.keyLength)
    return invalid('values', `must not have keys longer than ${EVENT_LIMITS.keyLength}`)
  if (key.trim() === '') return invalid('values', 'must not have an empty key')
  if (key === '__proto__') return invalid('values', 'must not have the key __proto__')
  return textProblem('values', key)
}

function textProblem(path: string, text: string): InvalidEvent | undefined {
  if (NOT_ONE_LINE.test(text)) return invalid(path, 'must not hold control characters or line separators')
  return text.isWellFormed() ? undefined : invalid(path, 'must be valid Unicode')
}

function shortened(name: string): string {
  return name.slice(0, 60).replace(/\p{Cs}/gu, '\ufffd')
}

function invalid(path: string, message: string): InvalidEvent {
  return new InvalidEvent({ path, message })
}
