import { ValidationPipe, type ArgumentMetadata, type ValidationError as ClassValidatorError } from '@nestjs/common'
import { ValidationError, type FieldError } from './app-error.js'
import { mostBasicRule } from './broken-rule.js'

/** No DTO comes near it; class-transformer and class-validator recurse, and a hostile body would overflow the stack. */
const MAX_DEPTH = 32

class ShallowValidationPipe extends ValidationPipe {
  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.metatype && isDeeperThan(MAX_DEPTH, value))
      throw new ValidationError([{ path: '', message: `must not be nested deeper than ${MAX_DEPTH} levels` }])
    return super.transform(value, metadata)
  }
}

/** Checks every body and query string against its DTO: unknown fields are refused, every problem is named with its path. */
export function validationPipe(): ValidationPipe {
  return new ShallowValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    transform: true,
    exceptionFactory: (errors) => new ValidationError(errors.flatMap((error) => fieldErrorsOf(error, ''))),
  })
}

/** Looks no deeper than it has to. */
function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return false
  return levels === 0 || Object.values(value).some((each) => isDeeperThan(levels - 1, each))
}

function fieldErrorsOf(error: ClassValidatorError, parent: string): FieldError[] {
  const path = pathOf(error.property, parent)
  const broken = mostBasicRule(error.property, error.constraints)
  const message = broken?.rule === 'whitelistValidation' ? 'is not a known field' : broken?.message
  const own = message === undefined ? [] : [{ path, message }]
  return [...own, ...(error.children ?? []).flatMap((child) => fieldErrorsOf(child, path))]
}

function pathOf(property: string, parent: string): string {
  if (!parent) return property
  return /^\d+$/.test(property) ? `${parent}[${property}]` : `${parent}.${property}`
}
