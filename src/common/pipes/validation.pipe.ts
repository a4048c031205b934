import {
  ValidationPipe,
  type ArgumentMetadata,
  type Type,
  type ValidationError as ClassValidatorError,
} from '@nestjs/common'
import { getMetadataStorage } from 'class-validator'
import { ValidationError, type FieldError } from '../errors/app-error.js'
import { primaryConstraint } from '../primary-constraint.js'
import { nearestName } from '../errors/unknown-name.js'
import { withNamedKeysKept } from './named-keys.js'

/** No DTO comes near it; class-transformer and class-validator recurse, and a hostile body would overflow the stack. */
const MAX_DEPTH = 32
/** Of an object within a body; no DTO has so many. */
const MAX_FIELDS = 200
const UNKNOWN_FIELD = 'is not a known field'
/** A dictionary keyed by names, kept from Nest and class-transformer, which drop these keys, may have them. */
const PROTOTYPE_KEYS = ['__proto__', 'constructor', 'prototype']
/** Of so many unknown fields it is told what was meant. */
const MAX_GUESSES = 20

class BoundedValidationPipe extends ValidationPipe {
  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (!metadata.metatype) return super.transform(value, metadata)
    refuseOtherThanFields(value, metadata)
    refuseDeepNesting(value)
    const kept = withNamedKeysKept(value, metadata.metatype)
    refuseUnknownFields(kept, metadata.metatype)
    return super.transform(kept, metadata)
  }
}

/** Checks every body and query string against its DTO: unknown fields are refused, every problem is named with its path. */
export function validationPipe(): ValidationPipe {
  return new BoundedValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    transform: true,
    exceptionFactory: (errors) => new ValidationError(errors.flatMap((error) => fieldErrorsOf(error, ''))),
  })
}

/** `null` and lists would reach the handler of a route that takes an object. */
function refuseOtherThanFields(value: unknown, { type, metatype }: ArgumentMetadata): void {
  if (type !== 'body' || (value !== null && !Array.isArray(value)) || fieldsOf(metatype!).size === 0) return
  throw new ValidationError([{ path: '', message: 'must be an object with fields' }])
}

/**
 * Before class-transformer sees the value, because its time grows with the square of an object's fields. Objects within
 * are checked by their own DTOs, so here only what these would not see is.
 */
function refuseUnknownFields(value: unknown, dto: Type): void {
  if (!isObject(value) || Array.isArray(value)) return
  const known = fieldsOf(dto)
  // A type without rules (String, Object) has no fields of its own.
  if (known.size === 0) return
  const unknown = Object.keys(value).filter((field) => !known.has(field))
  if (unknown.length > 0) throw new ValidationError(unknown.map((path, index) => unknownField(path, index, known)))
  refuseHostileObjects(value, '')
}

function unknownField(path: string, index: number, known: ReadonlySet<string>): FieldError {
  const nearest = index < MAX_GUESSES ? nearestName(path, [...known]) : ''
  return { path, message: nearest ? `${UNKNOWN_FIELD}. ${nearest}` : UNKNOWN_FIELD }
}

function refuseHostileObjects(value: object, path: string): void {
  const entries = Object.entries(value)
  if (!Array.isArray(value) && entries.length > MAX_FIELDS)
    throw new ValidationError([{ path, message: `must not have more than ${MAX_FIELDS} fields` }])
  // Nest and class-transformer would pass over them in silence.
  const lost = PROTOTYPE_KEYS.filter((name) => Object.hasOwn(value, name))
  if (lost.length > 0)
    throw new ValidationError(lost.map((name) => ({ path: pathOf(name, path), message: UNKNOWN_FIELD })))
  for (const [name, each] of entries) if (isObject(each)) refuseHostileObjects(each, pathOf(name, path))
}

const fieldsByDto = new WeakMap<Type, ReadonlySet<string>>()

function fieldsOf(dto: Type): ReadonlySet<string> {
  const known = fieldsByDto.get(dto)
  if (known) return known
  const rules = getMetadataStorage().getTargetValidationMetadatas(dto, '', true, false)
  const fields = new Set(rules.map(({ propertyName }) => propertyName))
  fieldsByDto.set(dto, fields)
  return fields
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)
}

/** Before a body is walked by whatever recurses. */
export function refuseDeepNesting(value: unknown): void {
  if (isDeeperThan(MAX_DEPTH, value))
    throw new ValidationError([{ path: '', message: `must not be nested deeper than ${MAX_DEPTH} levels` }])
}

/** Looks no deeper than it has to. */
function isDeeperThan(levels: number, value: unknown): boolean {
  if (!isObject(value)) return false
  return levels === 0 || Object.values(value).some((each) => isDeeperThan(levels - 1, each))
}

function fieldErrorsOf(error: ClassValidatorError, parent: string): FieldError[] {
  const path = pathOf(error.property, parent)
  const broken = primaryConstraint(error.property, error.constraints)
  const message = broken?.rule === 'whitelistValidation' ? UNKNOWN_FIELD : broken?.message
  const own = message === undefined ? [] : [{ path, message }]
  return [...own, ...(error.children ?? []).flatMap((child) => fieldErrorsOf(child, path))]
}

function pathOf(property: string, parent: string): string {
  if (!parent) return property
  return /^\d+$/.test(property) ? `${parent}[${property}]` : `${parent}.${property}`
}
