import { ValidateBy, type ValidationOptions } from 'class-validator'

/** The value is a URL with one of these schemes and something behind it (`redis://host`, `postgres://app@/db?host=/run`). */
export function IsUrlOf(...schemes: string[]): PropertyDecorator {
  const options: ValidationOptions = { message: `must be a URL that starts with ${schemes.join(':// or ')}://` }
  return ValidateBy({ name: 'isUrlOf', validator: { validate: (value) => isUrlOf(value, schemes) } }, options)
}

function isUrlOf(value: unknown, schemes: string[]): boolean {
  const match = typeof value === 'string' ? /^([a-z]+):\/\/([^\s]+)$/i.exec(value) : null
  if (!match || !schemes.includes(match[1]!.toLowerCase())) return false
  // A PostgreSQL URL over a socket has no host part (postgres://app@/db?host=DIR), which the WHATWG parser refuses.
  const withHost = match[2]!.replace(/^([^/?#]*@)?(?=[/?#])/, '$1localhost')
  return URL.canParse(`http://${withHost}`)
}
