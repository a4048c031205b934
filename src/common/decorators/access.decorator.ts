import { applyDecorators } from '@nestjs/common'
import { ApiExtension, ApiSecurity } from '@nestjs/swagger'
import { ApiProblems } from './api-docs.decorator.js'
import { RouteSettings } from './route-settings.decorator.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: AccessPolicy
    streamBody?: boolean
    ticket?: boolean
  }
}

/**
 * Who may call a route:
 * - `public`: anybody, without a key
 * - `any`: every valid key
 * - `admin`: the root key and admins; viewers too where the method is GET
 * - `metrics`: as `admin`, or METRICS_TOKEN as a bearer token
 */
export type AccessPolicy = 'public' | 'any' | 'admin' | 'metrics'

/**
 * Declares the access policy of a route; a route without one stops the start. It is checked in an `onRequest` hook
 * rather than in a guard, because guards run after the body was read: a stranger must get 401 before we take his bytes.
 * `ticket`: `?ticket=` may stand for the key. `streamBody`: the body is a file of any type and reaches the handler as the stream that it is.
 */
export function Access(policy: AccessPolicy, { streamBody = false, ticket = false } = {}): MethodDecorator {
  const docs =
    policy === 'public'
      ? []
      : [
          ApiSecurity('apiKey'),
          ApiSecurity('bearer'),
          // Members have a limit on whatever they may call; looking up a key takes the database.
          ApiProblems('UNAUTHENTICATED', policy === 'any' ? 'RATE_LIMITED' : 'FORBIDDEN', 'UNAVAILABLE'),
          // Parameters that are wrong, and a body where none is taken.
          ...(policy === 'metrics' ? [] : [ApiProblems('VALIDATION_FAILED')]),
        ]
  return applyDecorators(
    RouteSettings({ access: policy, streamBody, ticket }),
    ApiExtension('x-access', policy),
    ...docs,
  )
}
