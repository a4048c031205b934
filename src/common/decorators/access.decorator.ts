import { applyDecorators } from '@nestjs/common'
import { ApiExtension, ApiSecurity } from '@nestjs/swagger'
import { ApiProblems } from './api-docs.decorator.js'
import { RouteSettings } from './route-settings.decorator.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: RoutePolicy
    streamBody?: StreamedBody
    /** of a JSON body; 1 MiB when absent */
    maxBodyBytes?: number
    ticket?: boolean
    token?: boolean
  }
}

/** Members may call them. */
const MEMBERS_POLICIES: readonly RoutePolicy[] = ['any', 'dashboards', 'events']

/** A body that reaches the handler as the stream that it is; each kind has its own quota. */
export type StreamedBody = 'upload' | 'events'

/**
 * Who may call a route:
 * - `public`: anybody, without a key
 * - `any`: every valid key
 * - `dashboards`: every valid key whose access policy has dashboards, which show all rows
 * - `admin`: the root key and admins; viewers too where the method is GET
 * - `events`: who may send events: admins, and users and keys with `sendEvents`
 * - `metrics`: as `admin`, or METRICS_TOKEN as a bearer token
 */
export type RoutePolicy = 'public' | 'any' | 'dashboards' | 'admin' | 'events' | 'metrics'

/**
 * Declares the access policy of a route, for ApiKeyGuard and RolesGuard; a route without one stops the start.
 * `ticket`: `?ticket=` may stand for the key. `token`: a browser token may call it; all other routes refuse one.
 * `streamBody`: the body may be of any type and is not read before the handler asks for it.
 */
export function Access(
  policy: RoutePolicy,
  { streamBody, ticket = false, token = false }: { streamBody?: StreamedBody; ticket?: boolean; token?: boolean } = {},
): MethodDecorator {
  const docs =
    policy === 'public'
      ? []
      : [
          ApiSecurity('apiKey'),
          ApiSecurity('bearer'),
          // Looking up a key takes the database.
          ApiProblems('UNAUTHENTICATED', 'UNAVAILABLE'),
          // By its role, the addresses of the key, its access, or because a token is sent.
          ApiProblems('FORBIDDEN'),
          // Members have a limit on whatever they may call.
          ApiProblems(...(MEMBERS_POLICIES.includes(policy) ? (['RATE_LIMITED'] as const) : [])),
          // Parameters that are wrong, and a body where none is taken.
          ...(policy === 'metrics' ? [] : [ApiProblems('VALIDATION_FAILED')]),
        ]
  return applyDecorators(
    RouteSettings({ access: policy, streamBody, ticket, token }),
    ApiExtension('x-access', policy),
    ...(token ? [ApiExtension('x-token', true)] : []),
    ...docs,
  )
}
