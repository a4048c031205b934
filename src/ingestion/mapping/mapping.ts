import type { FieldError } from '../../common/app-error.js'
import { ValidationError } from '../../common/app-error.js'
import type { DatasetDefinition } from '../../datasets/dataset-definition.js'
import { parseDateFormat } from './date-format.js'

/** Where the value of one dataset column comes from. */
export type ColumnSource =
  | { from: string; default?: string; format?: string }
  | { template: string; format?: string }
  | { value: string; format?: string }

/** Dataset column -> source. Columns that it leaves out are matched to the header by name. */
export type Mapping = Record<string, ColumnSource>

/** `{InvoiceNo}-{#row}` as its parts: literal text, source headers, and the record's number. */
export type TemplatePart = { text: string } | { header: string } | { row: true }

const MAX_TEXT = 1024

/** Checks what came as `mapping` (JSON text or an object) against the dataset; throws ValidationError naming each fault. */
export function parseMapping(input: unknown, dataset: DatasetDefinition): Mapping {
  if (input === undefined || input === '') return {}
  const value = typeof input === 'string' ? parseJson(input) : input
  if (!isPlainObject(value)) throw new ValidationError([{ path: 'mapping', message: 'must be a JSON object' }])
  const errors: FieldError[] = []
  const mapping: Mapping = {}
  for (const [column, source] of Object.entries(value)) {
    const definition = dataset.columns.find((candidate) => candidate.column === column || candidate.member === column)
    const problem = definition ? problemOf(source, definition.type) : `is not a column of ${dataset.name}`
    if (problem) errors.push({ path: `mapping.${column.slice(0, 100)}`, message: problem })
    else mapping[definition!.column] = typeof source === 'string' ? { from: source } : normalized(source as object)
  }
  if (errors.length > 0) throw new ValidationError(errors)
  return mapping
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

function problemOf(source: unknown, type: string): string | undefined {
  if (typeof source === 'string') return source.length > MAX_TEXT ? 'is too long' : undefined
  if (!isPlainObject(source)) return 'must be a header name or an object with from, template or value'
  const { format, ...rest } = source
  if (format !== undefined && (typeof format !== 'string' || type !== 'date')) return 'format is for date columns'
  const faulty = format === undefined ? undefined : parseDateFormat(format)
  if (typeof faulty === 'string') return faulty
  const keys = Object.keys(rest).sort().join()
  if (!['from', 'default,from', 'template', 'value'].includes(keys)) {
    return 'must have exactly one of from (with an optional default), template, or value'
  }
  if (typeof rest.template === 'string' && /[{}]/.test(rest.template.replace(/\{[^{}]+\}/g, ''))) {
    return 'template: a { or } has no partner'
  }
  const wrong = Object.entries(rest).find(([, text]) => !isText(text))
  return wrong && `${wrong[0]} must be text of at most ${MAX_TEXT} characters`
}

function isText(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value) && String(value).length <= MAX_TEXT
}

function normalized(source: object): ColumnSource {
  return Object.fromEntries(Object.entries(source).map(([key, value]) => [key, String(value)])) as ColumnSource
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ValidationError([{ path: 'mapping', message: 'is not valid JSON' }])
  }
}
