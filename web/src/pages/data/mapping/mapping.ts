import type { FileColumn, FileDataset } from '../ingestions'
import { comparable, headerByName } from './header-names'

/**
 * Where the values of a column come from. `none`: from nowhere where the headers of the file are known, else from the
 * header that has the column's name.
 */
export interface Source {
  kind: 'none' | 'header' | 'template' | 'constant'
  /** the header, the template or the constant */
  text: string
  /** of a header: the value of a record that has none */
  fallback: string
  /** of a date; empty: the one that was declared, else ISO */
  format: string
}

/** By column. */
export type Sources = Readonly<Record<string, Source>>

export const NO_SOURCE: Source = { kind: 'none', text: '', fallback: '', format: '' }

type Mapped = string | { from?: string; template?: string; value?: string; default?: string; format?: string }

/** As the upload wants it; undefined where the server comes to the same by itself. `headers`: undefined when unknown. */
export function mappingOf(
  columns: readonly FileColumn[],
  sources: Sources,
  headers: readonly string[] | undefined,
): Record<string, Mapped> | undefined {
  const entries = columns.flatMap(({ column, source: ownHeader }): [string, Mapped][] => {
    const mapped = mappedOf(ownHeader, sources[column] ?? NO_SOURCE, headers)
    return mapped === undefined ? [] : [[column, mapped]]
  })
  return entries.length > 0 ? Object.fromEntries(entries) : undefined
}

/** `ownHeader`: the header that the server looks for by itself. */
function mappedOf(ownHeader: string, source: Source, headers: readonly string[] | undefined): Mapped | undefined {
  const { kind, text, fallback, format } = source
  const byName = headers && headerByName(ownHeader, headers)
  switch (kind) {
    case 'none':
      // Left out it would be filled by the header of its name, or be ambiguous.
      return headers?.some((header) => comparable(header) === comparable(ownHeader)) ? { value: '' } : undefined
    case 'header':
      if (!text) return undefined
      if (!fallback && !format) return byName === text ? undefined : text
      return { from: text, ...(fallback && { default: fallback }), ...(format && { format }) }
    case 'template':
      return { template: text, ...(format && { format }) }
    case 'constant':
      return { value: text, ...(format && { format }) }
  }
}

/** What is missing for any record to be accepted, in sentences; nothing can be said where the headers are unknown. */
export function missingOf(dataset: FileDataset, sources: Sources, headers: readonly string[] | undefined): string[] {
  if (!headers) return []
  const isEmpty = (column: string) => {
    const { kind, text } = sources[column] ?? NO_SOURCE
    return kind === 'none' || text === ''
  }
  const required = dataset.columns.filter(({ column, required }) => required && isEmpty(column))
  const alternatives = dataset.alternatives.filter((columns) => columns.every(isEmpty))
  return [
    ...required.map(({ column }) => `${column} needs a source.`),
    ...alternatives.map((columns) => `One of ${columns.join(' and ')} needs a source.`),
  ]
}

/** The headers of the file that no column takes anything from. */
export function unusedHeaders(headers: readonly string[], sources: Sources): string[] {
  const used = Object.values(sources).flatMap(({ kind, text }) => {
    if (kind === 'header') return [comparable(text)]
    return kind === 'template' ? namesIn(text).map(comparable) : []
  })
  return headers.filter((header) => header !== '' && !used.includes(comparable(header)))
}

/** What is wrong with a template; undefined when nothing is. */
export function faultOfTemplate(template: string, headers: readonly string[] | undefined): string | undefined {
  if (/[{}]/.test(template.replace(/\{[^{}]+\}/g, ''))) return 'A { or } has no partner.'
  const names = namesIn(template)
  const known = headers?.map(comparable)
  const unknown = names.find((name) => name !== '#row' && known && !known.includes(comparable(name)))
  return unknown === undefined ? undefined : `The file has no column "${unknown}".`
}

function namesIn(template: string): string[] {
  return [...template.matchAll(/\{([^{}]+)\}/g)].map(([, name]) => name!)
}
