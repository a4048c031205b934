import { ValidateBy } from 'class-validator'
import { isTrustProxySetting } from '../common/trusted-proxies.js'

/** The value is a number of hops or a list of networks. */
export function IsTrustProxy(): PropertyDecorator {
  return ValidateBy(
    { name: 'isTrustProxy', validator: { validate: isTrustProxySetting } },
    { message: 'must be the number of proxies in front (1) or a list of their networks (10.0.0.0/8, ::1)' },
  )
}
