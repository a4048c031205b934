import { applyDecorators } from '@nestjs/common'
import { RouteConfig } from '@nestjs/platform-fastify'
import { ApiSecurity } from '@nestjs/swagger'
import { ApiProblems } from './api-docs.decorator.js'

/**
 * Who may call a route:
 * - `public`: anybody, without a key
 * - `any`: every valid key
 * - `admin`: the root key and admins; viewers too where the method is GET
 */
export type AccessPolicy = 'public' | 'any' | 'admin'

/**
 * Declares the access policy of a route; a route without one stops the start. It is checked in an `onRequest` hook
 * rather than in a guard, because guards run after the body was read: a stranger must get 401 before we take his bytes.
 */
export function Access(policy: AccessPolicy): MethodDecorator {
  const docs =
    policy === 'public'
      ? []
      : [
          ApiSecurity('apiKey'),
          ApiSecurity('bearer'),
          ApiProblems('UNAUTHENTICATED', ...(policy === 'admin' ? (['FORBIDDEN'] as const) : [])),
        ]
  return applyDecorators(RouteConfig({ access: policy }), ...docs)
}
