import { ValidationError, type FieldError } from '../common/app-error.js'

/** More than anybody reads; a body of a million mistakes must not become an answer of a million lines. */
const MAX_PROBLEMS = 50

/** Collects what is wrong with a question, so that all of it is told at once. */
export class Problems {
  private readonly found: FieldError[] = []

  add(path: string, message: string): void {
    if (this.found.length < MAX_PROBLEMS) this.found.push({ path, message })
  }

  get any(): boolean {
    return this.found.length > 0
  }

  /** Throws ValidationError (400) when there is something to tell. */
  throwIfAny(): void {
    if (this.any) throw new ValidationError(this.found)
  }
}

/** Whatever the caller sent, short, for a message. Nothing is printed as JSON: it may be nested without end. */
export function quoted(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  const text = String(value)
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** Names every field of `object` that is none of `known`. */
export function refuseUnknownFields(
  object: Record<string, unknown>,
  known: readonly string[],
  path: string,
  problems: Problems,
): void {
  for (const field of Object.keys(object)) {
    if (!known.includes(field))
      problems.add(path ? `${path}.${field.slice(0, 60)}` : field.slice(0, 60), 'is not a known field')
  }
}

/** One of `choices` in words: `day, week or month`. */
export function choiceOf(choices: readonly string[]): string {
  return choices.length < 2 ? choices.join('') : `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`
}
