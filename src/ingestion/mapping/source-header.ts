import { comparable } from '../../common/comparable-name.js'
import { AppError } from '../../common/errors/app-error.js'
import { nearestName } from '../../common/errors/unknown-name.js'
import type { DatasetDefinition } from '../../datasets/dataset-definition.js'
import { mappedSource, templateParts, type ColumnSource, type Mapping } from './mapping.js'

/** Where each dataset column's text comes from, with headers resolved to field positions (counted from 0). */
export type ResolvedSource =
  | { kind: 'field'; field: number; default?: string }
  | { kind: 'template'; parts: ({ text: string } | { field: number } | { row: true })[] }
  | { kind: 'value'; text: string }
  | { kind: 'absent' }

export type ResolvedMapping = Map<string, ResolvedSource>

/** The file's header does not fit the dataset and its mapping; the job fails with this sentence. */
export class HeaderError extends AppError {
  constructor(message: string) {
    super('VALIDATION_FAILED', message)
  }
}

/** A field that the dataset and its mapping look for in formats whose records name their own fields. */
export interface WantedField {
  name: string
  /** the mapping names it */
  isExplicit: boolean
  /** the first records may be without it */
  mayBeAbsent: boolean
}

export function wantedFields(dataset: DatasetDefinition, mapping: Mapping): WantedField[] {
  return dataset.columns.flatMap(({ column, required, source: header = column }): WantedField[] => {
    const source = mappedSource(mapping, column)
    if (!source) return [{ name: header, isExplicit: false, mayBeAbsent: !required }]
    if ('value' in source) return []
    if ('from' in source)
      return [{ name: source.from, isExplicit: true, mayBeAbsent: !required || Boolean(source.default) }]
    return templateParts(source.template).flatMap((part) =>
      'header' in part ? [{ name: part.header, isExplicit: true, mayBeAbsent: !required }] : [],
    )
  })
}

/** Finds every column's source in the header; throws HeaderError with all that is missing or ambiguous. */
export function resolveMapping(
  dataset: DatasetDefinition,
  mapping: Mapping,
  header: string[],
  ownFields = header.length,
): ResolvedMapping {
  const resolved: ResolvedMapping = new Map()
  const problems: string[] = []
  for (const { column, required, source: declared } of dataset.columns) {
    const name = declared ?? column
    try {
      const mapped = mappedSource(mapping, column)
      const source = mapped ? explicitSource(mapped, header) : sourceByName(name, header, declared !== undefined)
      if (source.kind === 'absent' && required) problems.push(`no column for ${nameOf(column, name)}`)
      resolved.set(column, source)
    } catch (error) {
      if (!(error instanceof HeaderError)) throw error
      problems.push(error.message)
    }
  }
  if (problems.length > 0) throw new HeaderError(`${problems.join('; ')}. ${advice(header.slice(0, ownFields))}`)
  return resolved
}

function nameOf(column: string, header: string): string {
  return comparable(column) === comparable(header) ? column : `${column} ("${header}")`
}

/** The fields that a source reads. */
export function fieldsOfSource(source: ResolvedSource): number[] {
  if (source.kind === 'field') return [source.field]
  return source.kind === 'template' ? source.parts.flatMap((part) => ('field' in part ? [part.field] : [])) : []
}

function advice(header: string[]): string {
  if (header.length === 0) return 'The first records have no fields.'
  const names = header.slice(0, 40).map((name) => name.slice(0, 60))
  return `The file's header has: ${names.join(', ')}${header.length > 40 ? ', …' : ''}. Name the right ones in "mapping".`
}

function explicitSource(source: ColumnSource, header: string[]): ResolvedSource {
  if ('value' in source) return { kind: 'value', text: source.value }
  if ('from' in source) return { kind: 'field', field: fieldOf(source.from, header), default: source.default }
  const parts = templateParts(source.template).map((part) =>
    'header' in part ? { field: fieldOf(part.header, header) } : part,
  )
  return { kind: 'template', parts }
}

/** Of a header that the operator declared the exact one counts first. */
function sourceByName(wanted: string, header: string[], isDeclared: boolean): ResolvedSource {
  const exact = header.flatMap((name, field) => (name === wanted ? [field] : []))
  const similar = header.flatMap((name, field) => (comparable(name) === comparable(wanted) ? [field] : []))
  const fields = isDeclared && exact.length === 1 ? exact : similar
  if (fields.length > 1) throw new HeaderError(`several columns match ${wanted}`)
  return fields.length === 1 ? { kind: 'field', field: fields[0]! } : { kind: 'absent' }
}

/** The exact name first; else the only one that matches ignoring case, spaces, `_` and `-`. */
function fieldOf(name: string, header: string[]): number {
  const exact = header.indexOf(name)
  if (exact >= 0) {
    if (header.indexOf(name, exact + 1) >= 0) throw new HeaderError(`the header has "${name}" twice`)
    return exact
  }
  const similar = header.flatMap((candidate, field) => (comparable(candidate) === comparable(name) ? [field] : []))
  if (similar.length === 1) return similar[0]!
  if (similar.length > 1) throw new HeaderError(`several columns match "${name}"`)
  const nearest = nearestName(name, header)
  throw new HeaderError(`there is no column "${name}"${nearest && ` (${nearest})`}`)
}
