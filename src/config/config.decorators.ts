import { ValidateBy, type ValidationOptions } from 'class-validator'
import { validateCronExpression } from 'cron'
import { problemOfOrigins } from '../common/http/origins.js'
import { isTrustProxySetting } from '../common/http/trusted-proxies.js'

/** Five or six fields, as crontab has them. */
export function IsCronExpression(): PropertyDecorator {
  return ValidateBy({
    name: 'isCronExpression',
    validator: {
      validate: (value) => typeof value === 'string' && validateCronExpression(value).valid,
      defaultMessage: () => 'must be a cron expression such as 0 */6 * * *',
    },
  })
}

/** The value is a number of hops or a list of networks. */
export function IsTrustProxy(): PropertyDecorator {
  return ValidateBy(
    { name: 'isTrustProxy', validator: { validate: isTrustProxySetting } },
    { message: 'must be the number of proxies in front (1) or a list of their networks (10.0.0.0/8, ::1)' },
  )
}

/** The value is a list of origins, which may be empty. */
export function IsOriginList(): PropertyDecorator {
  return ValidateBy({
    name: 'isOriginList',
    validator: {
      validate: (value) => problemOfOrigins(value) === undefined,
      defaultMessage: (args) => problemOfOrigins(args?.value) ?? '',
    },
  })
}

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
