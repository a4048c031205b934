import type { FieldError } from '../common/errors/app-error.js'
import { choiceOf, nameHint, nearestName, quoted } from '../common/errors/unknown-name.js'
import { NODE_TIME_ZONES, type TimeZones } from '../infrastructure/clickhouse/time-zones.js'
import { parseDateFormat } from './date-format.js'
import { ENCODINGS, MAX_SKIPPED_LINES, NUMBER_STYLES, QUOTES, SCALES, type FileOptions } from './file-options.js'
import { DECIMAL_SEPARATORS, separatorsProblem, THOUSANDS_ADVICE, thousandsSeparatorOf } from './number-separators.js'

/** An option's value as it is kept, or what is wrong with it. */
export type Reading<T> = { value: T } | { problem: string }
type Readers = {
  [K in keyof Required<FileOptions>]: (value: unknown, zones: TimeZones) => Reading<Required<FileOptions>[K]>
}

const MAX_NULL_VALUES = 100
const MAX_NULL_VALUE_CHARACTERS = 100
const MAX_FORMAT_CHARACTERS = 100
const MAX_NAME_CHARACTERS = 255
/** Of XML: a name, with the prefix of a namespace or without. */
const XML_NAME = /^(?:[\p{L}_][\p{L}\p{M}\p{N}_.\-\u00b7]*:)?[\p{L}_][\p{L}\p{M}\p{N}_.\-\u00b7]*$/u
/** Values are full of them, or ClickHouse takes them for something else. */
const NO_DELIMITER = /[A-Za-z0-9."'\r\n\0]/

export const DELIMITER_ADVICE =
  'must be one ASCII character such as ; or | (tab: "\\t" or "tab"), and no letter, digit, point or quote'

const READERS: Readers = {
  decimalSeparator: (value) => oneOf(DECIMAL_SEPARATORS, value),
  thousandsSeparator: (value) => {
    const separator = typeof value === 'string' ? thousandsSeparatorOf(value) : undefined
    return separator === undefined ? { problem: THOUSANDS_ADVICE } : { value: separator }
  },
  nullValues: readNullValues,
  dateFormat: readDateFormat,
  timezone: readTimeZone,
  numberStyle: (value) => oneOf(NUMBER_STYLES, value),
  scale: (value) => oneOf(SCALES, value),
  delimiter: (value) => {
    const delimiter = value === 'tab' || value === '\\t' ? '\t' : value
    return isDelimiter(delimiter) ? { value: delimiter } : { problem: DELIMITER_ADVICE }
  },
  quote: (value) => oneOf(QUOTES, value),
  encoding: (value) => oneOf(ENCODINGS, value),
  skipLines: (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_SKIPPED_LINES
      ? { value }
      : { problem: `must be a whole number from 0 to ${MAX_SKIPPED_LINES}` },
  recordElement: (value) =>
    typeof value === 'string' && value.length <= MAX_NAME_CHARACTERS && XML_NAME.test(value)
      ? { value }
      : { problem: `must be the name of an element, such as Order, of at most ${MAX_NAME_CHARACTERS} characters` },
}

export const FILE_OPTION_NAMES = Object.keys(READERS) as (keyof FileOptions)[]

/**
 * Reads file options from JSON: `path` is where they stand (`fileOptions`; '' for the top), `errors` gets what is wrong,
 * each option under its own path. Unknown options are refused. An option that is null or undefined counts as left out.
 */
export function parseFileOptions(
  input: unknown,
  path: string,
  errors: FieldError[],
  zones: TimeZones = NODE_TIME_ZONES,
): FileOptions {
  if (input === undefined || input === null) return {}
  if (typeof input !== 'object' || Array.isArray(input)) {
    errors.push({ path, message: 'must be an object' })
    return {}
  }
  const pathOf = (name: string): string => (path ? `${path}.${name}` : name)
  const options: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(input)) {
    if (value === undefined || value === null) continue
    const reading = readOption(name, value, zones)
    if ('problem' in reading) errors.push({ path: pathOf(name.slice(0, 100)), message: reading.problem })
    else options[name] = reading.value
  }
  const conflict = conflictIn(options)
  if (conflict) errors.push({ path: pathOf(conflict.path), message: conflict.message })
  return options
}

/** Likewise from the fields of a form or query, which are texts: `skipLines` digits, `nullValues` a JSON list. */
export function parseFileOptionTexts(
  fields: { [K in keyof FileOptions]?: unknown },
  errors: FieldError[],
  zones: TimeZones = NODE_TIME_ZONES,
): FileOptions {
  const { skipLines, nullValues } = fields
  const values: Record<string, unknown> = {
    ...fields,
    skipLines: typeof skipLines === 'string' && /^\d{1,9}$/.test(skipLines) ? Number(skipLines) : skipLines,
    nullValues: typeof nullValues === 'string' ? (parsed(nullValues) ?? nullValues) : nullValues,
  }
  const known = FILE_OPTION_NAMES.map((name) => [name, values[name]] as const)
  return parseFileOptions(Object.fromEntries(known), '', errors, zones)
}

/** What is wrong with options together, each of which is sound: also of those that were merged. */
export function conflictIn(options: FileOptions): FieldError | undefined {
  const { decimalSeparator = '.', thousandsSeparator = '', delimiter, quote } = options
  const problem = separatorsProblem({ decimalSeparator, thousandsSeparator })
  if (problem) return { path: 'thousandsSeparator', message: problem }
  if (delimiter !== undefined && delimiter === quote) return { path: 'delimiter', message: DELIMITER_ADVICE }
  return undefined
}

/** Whether a file's values may be separated by it. */
export function isDelimiter(value: unknown): value is string {
  return typeof value === 'string' && value.length === 1 && value < '\x7f' && !NO_DELIMITER.test(value)
}

function readOption(name: string, value: unknown, zones: TimeZones): Reading<unknown> {
  if (Object.hasOwn(READERS, name)) return READERS[name as keyof FileOptions](value, zones)
  return { problem: `is not a known field. ${nameHint(name, FILE_OPTION_NAMES)}` }
}

function oneOf<T extends string>(choices: readonly T[], value: unknown): Reading<T> {
  const choice = choices.find((each) => each === value)
  return choice === undefined ? { problem: `must be ${choiceOf(choices)}` } : { value: choice }
}

/** Texts that stand for no value, of a file or of a column's mapping, without blanks around them. */
export function readNullValues(value: unknown): Reading<string[]> {
  const isList = Array.isArray(value) && value.every((each) => typeof each === 'string' && isStorable(each))
  if (!isList) return { problem: 'must be a JSON list of texts, such as ["NA","n/a","-"]' }
  // The empty value is null anyway.
  const texts = [...new Set((value as string[]).map((text) => text.trim()))].filter((text) => text !== '')
  if (texts.length > MAX_NULL_VALUES) return { problem: `must not have more than ${MAX_NULL_VALUES} texts` }
  const isTooLong = texts.some((text) => text.length > MAX_NULL_VALUE_CHARACTERS)
  return isTooLong
    ? { problem: `must not have a text of more than ${MAX_NULL_VALUE_CHARACTERS} characters` }
    : { value: texts }
}

function readDateFormat(value: unknown): Reading<string> {
  if (typeof value !== 'string' || value.length > MAX_FORMAT_CHARACTERS || !isStorable(value))
    return { problem: `must be a format such as M/D/YYYY, of at most ${MAX_FORMAT_CHARACTERS} characters` }
  const format = parseDateFormat(value)
  return typeof format === 'string' ? { problem: format.replace(/^format: /, '') } : { value }
}

function readTimeZone(value: unknown, zones: TimeZones): Reading<string> {
  const zone = typeof value === 'string' ? zones.find(value) : undefined
  if (zone !== undefined) return { value: zone }
  const nearest = nearestName(value, zones.names)
  return {
    problem: `${quoted(value)} is not a time zone. ${nearest && `${nearest} `}Use an IANA name such as Europe/Berlin`,
  }
}

/** PostgreSQL refuses NUL in text, and half of a surrogate pair has no UTF-8. */
function isStorable(text: string): boolean {
  return !text.includes('\0') && !/\p{Surrogate}/u.test(text)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
