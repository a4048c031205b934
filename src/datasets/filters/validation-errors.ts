import { ValidationError, type FieldError } from '../../common/errors/app-error.js'
import { nameHint } from '../../common/errors/unknown-name.js'

/** More than anybody reads; a body of a million mistakes must not become a response of a million lines. */
const MAX_ERRORS = 50

/** Collects what is wrong with a query, so that all of it is reported at once. */
export class ValidationErrorCollector {
  private readonly errors: FieldError[] = []

  add(path: string, message: string): void {
    if (!this.isFull) this.errors.push({ path, message })
  }

  /** whether nothing more will be reported */
  get isFull(): boolean {
    return this.errors.length >= MAX_ERRORS
  }

  get hasErrors(): boolean {
    return this.errors.length > 0
  }

  get all(): FieldError[] {
    return this.errors
  }

  /** Throws ValidationError (400) when there is an error. */
  throwIfAny(): void {
    if (this.hasErrors) throw new ValidationError(this.errors)
  }
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
  errors: ValidationErrorCollector,
): void {
  for (const field of Object.keys(object)) {
    if (errors.isFull) return
    if (known.includes(field)) continue
    const name = field.slice(0, 60)
    errors.add(path ? `${path}.${name}` : name, `is not a known field. ${nameHint(field, known)}`)
  }
}
