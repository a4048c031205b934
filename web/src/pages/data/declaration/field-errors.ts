import { ApiProblem } from '../../../api/http'
import { keyOf } from './declaration-of'
import { included, type Draft, type DraftColumn } from './draft'

/** What is wrong, by the field that it stands beside: `name`, `columns/<id>/scale`, `fileOptions/dateFormat`. */
export type FieldErrors = ReadonlyMap<string, string>

export const NO_ERRORS: FieldErrors = new Map()

export const fieldKey = (list: 'columns' | 'measures', id: string, field: string) => `${list}/${id}/${field}`

const COLUMN_FIELDS = ['name', 'source', 'title', 'description', 'type', 'scale', 'format', 'timezone', 'required']
const MEASURE_FIELDS = ['name', 'title', 'description', 'type', 'column', 'level', 'by', 'numerator', 'denominator']
const OWN_FIELDS = ['name', 'title', 'description', 'timeDimension']

/** The errors of a declaration or a change of it that the form has a field for; the others stay in the problem. */
export function fieldErrorsOf(problem: Error, draft: Draft, added: DraftColumn[] = []): FieldErrors {
  const errors = new Map<string, string>()
  for (const { path, message } of problem instanceof ApiProblem ? problem.errors : []) {
    const [key, text] = placeOf(path, message, draft, added)
    if (key) errors.set(key, errors.has(key) ? `${errors.get(key)}; ${text}` : sentence(text))
  }
  return errors
}

/** Without those of a field or a row that was changed: what was wrong with it need not be so any more. */
export function without(errors: FieldErrors, prefix: string): FieldErrors {
  return new Map([...errors].filter(([key]) => key !== prefix && !key.startsWith(`${prefix}/`)))
}

/** Those of one part, by what follows it: `fileOptions` -> `dateFormat`. */
export function within(errors: FieldErrors, prefix: string): FieldErrors {
  const own = [...errors].filter(([key]) => key.startsWith(`${prefix}/`))
  return new Map(own.map(([key, message]) => [key.slice(prefix.length + 1), message]))
}

/** Every one has its place in the form. */
export function areAllPlaced(problem: Error, draft: Draft, added: DraftColumn[] = []): boolean {
  if (!(problem instanceof ApiProblem) || problem.errors.length === 0) return false
  return problem.errors.every(({ path, message }) => placeOf(path, message, draft, added)[0] !== undefined)
}

function placeOf(path: string, message: string, draft: Draft, added: DraftColumn[]): [string | undefined, string] {
  const [, list, index, rest = ''] = /^(columns|addColumns|measures|key)\[(\d+)\]\.?(.*)$/.exec(path) ?? []
  const at = Number(index)
  switch (list) {
    case 'columns':
    case 'addColumns':
      return inList('columns', (list === 'columns' ? included(draft) : added)[at]?.id, rest, message, COLUMN_FIELDS)
    case 'measures':
      return inList('measures', draft.measures[at]?.id, rest, message, MEASURE_FIELDS)
    case 'key': {
      const column = keyOf(draft)[at]
      return [column && fieldKey('columns', column.id, 'key'), message]
    }
  }
  const [, part, option] = /^(fileOptions|price)\.(\w+)/.exec(path) ?? []
  if (part) return [`${part}/${option}`, message]
  return [OWN_FIELDS.includes(path) ? path : undefined, message]
}

function inList(
  list: 'columns' | 'measures',
  id: string | undefined,
  field: string,
  message: string,
  fields: string[],
): [string | undefined, string] {
  if (id === undefined) return [undefined, message]
  // The editor of the filters finds the place of each by its whole path.
  if (list === 'measures' && /^filters\b/.test(field)) return [fieldKey(list, id, field), message]
  return fields.includes(field)
    ? [fieldKey(list, id, field), message]
    : [fieldKey(list, id, 'name'), field ? `${field}: ${message}` : message]
}

export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
