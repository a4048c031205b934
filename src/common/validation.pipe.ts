import { ValidationPipe, type ValidationError as ClassValidatorError } from '@nestjs/common'
import { ValidationError, type FieldError } from './app-error.js'

/** Checks every body and query string against its DTO: unknown fields are refused, every problem is named with its path. */
export function validationPipe(): ValidationPipe {
  return new ValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    transform: true,
    stopAtFirstError: true,
    exceptionFactory: (errors) => new ValidationError(errors.flatMap((error) => fieldErrorsOf(error, ''))),
  })
}

function fieldErrorsOf(error: ClassValidatorError, parent: string): FieldError[] {
  const path = pathOf(error.property, parent)
  const own = Object.entries(error.constraints ?? {}).map(([rule, message]) => ({
    path,
    message: rule === 'whitelistValidation' ? 'is not a known field' : withoutName(message, error.property),
  }))
  return [...own, ...(error.children ?? []).flatMap((child) => fieldErrorsOf(child, path))]
}

function pathOf(property: string, parent: string): string {
  if (!parent) return property
  return /^\d+$/.test(property) ? `${parent}[${property}]` : `${parent}.${property}`
}

/** class-validator starts its messages with the property, which the path says already. */
function withoutName(message: string, property: string): string {
  return message.startsWith(`${property} `) ? message.slice(property.length + 1) : message
}
