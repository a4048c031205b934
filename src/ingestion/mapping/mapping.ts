import { isJsonObject } from '../../common/json/json-object.js'
import type { FieldError } from '../../common/errors/app-error.js'
import { ValidationError } from '../../common/errors/app-error.js'
import { refuseDuplicateKeys } from '../../common/json/duplicate-keys.js'
import { nameHint } from '../../common/errors/unknown-name.js'
import { refuseRoundedNumbers } from '../../common/json/rounded-number.js'
import type { ColumnType, DatasetDefinition } from '../../datasets/dataset-definition.js'
import { parseDateFormat } from '../../datasets/date-format.js'
import { readNullValues } from '../../datasets/parse-file-options.js'
import {
  DECIMAL_SEPARATORS,
  separatorsProblem,
  THOUSANDS_ADVICE,
  thousandsSeparatorOf,
  type NumberFormat,
} from '../../datasets/number-separators.js'
import { isUnspecified, type NumberOptions } from './number-format.js'

/** Where the value of one dataset column comes from, and how it is written where that differs from the rest of the file. */
export type ColumnSource = ({ from: string; default?: string } | { template: string } | { value: string }) & {
  /** of dates and timestamps; also given as `dateFormat` */
  format?: string
  /** texts that stand for no value */
  nullValues?: string[]
} & NumberOptions

/** Dataset column -> source. Columns that it leaves out are matched to the header by name. */
export type Mapping = Record<string, ColumnSource>

/** What the mapping says of the column. Columns may be called as members that every object inherits, such as `constructor`. */
export function mappedSource(mapping: Mapping, column: string): ColumnSource | undefined {
  return Object.hasOwn(mapping, column) ? mapping[column] : undefined
}

/** `{InvoiceNo}-{#row}` as its parts: literal text, source headers, and the record's number. */
export type TemplatePart = { text: string } | { header: string } | { row: true }

/** of a column's source, as people wrote it */
type Texts = Record<string, string>

const MAX_TEXT = 1024
const MAX_FORMAT = 100
/** More than anybody reads. */
const MAX_UNKNOWN = 50

/** Checks what came as `mapping` (JSON text or an object) against the dataset; throws ValidationError naming each fault. */
export function parseMapping(input: unknown, dataset: DatasetDefinition, options: NumberOptions = {}): Mapping {
  if (input === undefined || input === '') return {}
  const value = typeof input === 'string' ? parseJson(input) : input
  if (!isJsonObject(value)) throw new ValidationError([{ path: 'mapping', message: 'must be a JSON object' }])
  const errors: FieldError[] = []
  const mapping: Mapping = {}
  for (const [column, source] of Object.entries(value)) {
    const definition = dataset.columns.find((candidate) => candidate.column === column || candidate.member === column)
    if (!definition && errors.length >= MAX_UNKNOWN) continue
    const problem = definition
      ? mappedSource(mapping, definition.column)
        ? `is mapped twice: ${definition.column} and ${definition.member} are the same column`
        : problemOf(source, definition.type, options)
      : unknownColumn(column, dataset)
    if (problem) errors.push({ path: `mapping.${column.slice(0, 100)}`, message: problem })
    else
      mapping[definition!.column] =
        typeof source === 'string' ? { from: source } : normalized(source as object, definition!.type, options)
  }
  if (errors.length > 0) throw new ValidationError(errors)
  return mapping
}

function unknownColumn(column: string, { name, columns }: DatasetDefinition): string {
  const known = columns.map((each) => each.column)
  return `is not a column of ${name}. ${nameHint(column, known)}`
}

/** Splits a template at its `{…}` places. */
export function templateParts(template: string): TemplatePart[] {
  return template
    .split(/(\{[^{}]*\})/)
    .filter((part) => part !== '')
    .map((part) => {
      if (!/^\{[^{}]*\}$/.test(part)) return { text: part }
      const name = part.slice(1, -1)
      return name === '#row' ? { row: true } : { header: name }
    })
}

function problemOf(source: unknown, type: ColumnType, options: NumberOptions): string | undefined {
  if (typeof source === 'string')
    return source.length > MAX_TEXT ? `must have at most ${MAX_TEXT} characters` : unstorable(source)
  if (!isJsonObject(source)) return 'must be a header name or an object with from, template or value'
  const { format, dateFormat, nullValues, decimalSeparator, thousandsSeparator, ...rest } = source
  const unreadable =
    formatProblem(format, dateFormat, type) ??
    nullValueProblem(nullValues, rest) ??
    separatorProblem({ decimalSeparator, thousandsSeparator }, type, options)
  if (unreadable) return unreadable
  const keys = Object.keys(rest).sort().join()
  if (!['from', 'default,from', 'template', 'value'].includes(keys)) {
    return 'must have exactly one of from (with an optional default), template, or value'
  }
  if (typeof rest.template === 'string' && /[{}]/.test(rest.template.replace(/\{[^{}]+\}/g, ''))) {
    return 'template: unmatched { or }'
  }
  const wrong = Object.entries(rest).find(([, text]) => !isText(text))
  if (wrong) return `${wrong[0]} must be text of at most ${MAX_TEXT} characters`
  const bad = Object.entries(rest).find(([, text]) => unstorable(String(text)))
  return bad && `${bad[0]} ${unstorable(String(bad[1]))}`
}

function formatProblem(format: unknown, dateFormat: unknown, type: ColumnType): string | undefined {
  if (format !== undefined && dateFormat !== undefined) return 'format and dateFormat are the same; give one of them'
  const given = format ?? dateFormat
  if (given === undefined) return undefined
  if (typeof given !== 'string' || (type !== 'date' && type !== 'timestamp'))
    return `${format === undefined ? 'dateFormat' : 'format'} is for date columns and timestamp columns`
  const parsed = given.length > MAX_FORMAT ? `format: must have at most ${MAX_FORMAT} characters` : undefined
  const problem = parsed ?? unstorable(given) ?? parseDateFormat(given, type)
  return typeof problem === 'string' ? problem : undefined
}

function nullValueProblem(values: unknown, { value }: Record<string, unknown>): string | undefined {
  if (values === undefined) return undefined
  if (value !== undefined) return 'nullValues is for values of the file, not for a constant'
  const reading = readNullValues(values)
  return 'problem' in reading ? `nullValues ${reading.problem}` : undefined
}

/** What neither engine keeps as it is: PostgreSQL refuses NUL, and half of a surrogate pair has no UTF-8. */
function unstorable(text: string): string | undefined {
  if (text.includes('\0')) return 'must not contain a NUL character (\\u0000)'
  return /\p{Surrogate}/u.test(text) ? 'must be valid Unicode: it has half of a surrogate pair' : undefined
}

function separatorProblem(
  { decimalSeparator, thousandsSeparator }: Record<keyof NumberFormat, unknown>,
  type: ColumnType,
  options: NumberOptions,
): string | undefined {
  if (decimalSeparator === undefined && thousandsSeparator === undefined) return undefined
  if (!isNumberType(type)) return 'decimalSeparator and thousandsSeparator are for number columns'
  const decimal = decimalSeparator ?? options.decimalSeparator ?? '.'
  if (!isOneOf(DECIMAL_SEPARATORS, decimal)) return 'decimalSeparator must be . or ,'
  const written = thousandsSeparator ?? options.thousandsSeparator ?? ''
  const thousands = typeof written === 'string' ? thousandsSeparatorOf(written) : undefined
  if (thousands === undefined) return `thousandsSeparator ${THOUSANDS_ADVICE}`
  const problem = separatorsProblem({ decimalSeparator: decimal, thousandsSeparator: thousands })
  return problem && `thousandsSeparator ${problem}`
}

function isOneOf<T>(list: readonly T[], value: unknown): value is T {
  return list.includes(value as T)
}

function isText(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value) && String(value).length <= MAX_TEXT
}

function normalized(
  { nullValues, ...source }: { nullValues?: string[] },
  type: ColumnType,
  options: NumberOptions,
): ColumnSource {
  const isSpecified = isNumberType(type) && !isUnspecified(options, source)
  const texts = Object.entries(source).map(([key, value]) => [
    key,
    isSpecified && typeof value === 'number' ? pointNumber(value) : String(value),
  ])
  const { thousandsSeparator: written, dateFormat, format = dateFormat, ...rest } = Object.fromEntries(texts) as Texts
  const thousandsSeparator = written === undefined ? undefined : thousandsSeparatorOf(written)
  return {
    ...rest,
    ...(format !== undefined && { format }),
    ...(nullValues && { nullValues }),
    ...(thousandsSeparator !== undefined && { thousandsSeparator }),
  } as ColumnSource
}

function isNumberType(type: ColumnType): boolean {
  return type === 'decimal' || type === 'integer' || type === 'number'
}

/** A number of the mapping's JSON keeps its value however the file writes numbers: behind an exponent, a point is always the decimal one. */
function pointNumber(value: number): string {
  const text = String(value)
  return text.includes('.') && !text.includes('e') ? `${text}e0` : text
}

function parseJson(text: string): unknown {
  const value = jsonOf(text)
  const named = `{"mapping":${text}}`
  refuseDuplicateKeys(named)
  refuseRoundedNumbers(named)
  return value
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ValidationError([{ path: 'mapping', message: 'is not valid JSON' }])
  }
}
